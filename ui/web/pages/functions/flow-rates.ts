/** How much goes along each edge of the graph, as far as it is measured. Pure. */
import type { StatsEvent } from "../../data/types.ts";
import type { GraphEdge } from "./graph-layout.ts";

/**
 * Records a second along an edge; null where it is not known. What a function writes is measured as a whole: it is one
 * edge's where the function writes to one topic, or the topic's own rate where only it writes there.
 */
export function flowRate(
  edge: GraphEdge,
  edges: readonly GraphEdge[],
  stats: StatsEvent | null,
): number | null {
  const fn = stats?.functions.find(({ name }) => name === edge.function);
  if (!fn) return null;
  if (edge.direction === "reads") return fn.rate_in;
  const writes = edges.filter(({ direction }) => direction === "writes");
  if (writes.filter((one) => one.function === edge.function).length === 1) return fn.rate_out;
  if (writes.filter(({ topic }) => topic === edge.topic).length > 1) return null;
  return stats?.topics.find(({ name }) => name === edge.topic)?.rate ?? null;
}

/** An edge's width in px: thin where nothing goes, and one more for ten times as much. */
export const flowWidth = (rate: number | null): number =>
  rate === null || rate <= 0 ? 1 : Math.min(7, 2 + Math.max(0, Math.log10(rate * 10)));
