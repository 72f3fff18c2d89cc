/** Functions and topics as a graph: who writes to what and who reads it, from left to right. Pure. */
import type { FunctionInfo } from "../../data/types.ts";

export interface GraphNode {
  /** `function:name` or `topic:name`: both may have the same name. */
  readonly id: string;
  readonly kind: "producer" | "topic" | "consumer";
  readonly name: string;
  /** The node's left upper corner, px. */
  readonly x: number;
  readonly y: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly function: string;
  readonly topic: string;
  readonly direction: "writes" | "reads";
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** px. */
  readonly width: number;
  readonly height: number;
}

type Wiring = Pick<FunctionInfo, "name" | "kind" | "topic" | "emits">;

export const NODE_WIDTH = 196;
export const NODE_HEIGHT = 60;
const COLUMN_GAP = 84;
const ROW_GAP = 16;
/** Passes that order each column by its neighbours: the order settles after a few. */
const PASSES = 6;

/** The nodes placed in columns so that what is written stands right of its writer (as far as there is no circle). */
export function layOut(functions: readonly Wiring[]): Graph {
  const edges = functions.flatMap(edgesOf);
  const kinds = new Map<string, GraphNode["kind"]>();
  for (const { name, kind } of functions) kinds.set(`function:${name}`, kind);
  for (const { topic } of edges) kinds.set(`topic:${topic}`, "topic");
  const columns = orderColumns(toColumns([...kinds.keys()].sort(), edges), edges);
  const rows = Math.max(0, ...columns.map((column) => column.length));
  const height = spanOf(rows, NODE_HEIGHT, ROW_GAP);
  const nodes = columns.flatMap((column, c) => {
    const top = (height - spanOf(column.length, NODE_HEIGHT, ROW_GAP)) / 2;
    return column.map((id, row) => ({
      id,
      kind: kinds.get(id)!,
      name: id.slice(id.indexOf(":") + 1),
      x: c * (NODE_WIDTH + COLUMN_GAP),
      y: top + row * (NODE_HEIGHT + ROW_GAP),
    }));
  });
  return { nodes, edges, width: spanOf(columns.length, NODE_WIDTH, COLUMN_GAP), height };
}

const spanOf = (count: number, size: number, gap: number): number =>
  count === 0 ? 0 : count * size + (count - 1) * gap;

function edgesOf({ name, topic, emits }: Wiring): GraphEdge[] {
  const id = `function:${name}`;
  const writes = [...new Set(emits)].map(
    (to): GraphEdge => ({ from: id, to: `topic:${to}`, function: name, topic: to, direction: "writes" }),
  );
  if (topic === null) return writes;
  return [{ from: `topic:${topic}`, to: id, function: name, topic, direction: "reads" }, ...writes];
}

/** Each node one column right of the rightmost that leads to it; an edge that closes a circle does not count. */
function toColumns(ids: readonly string[], edges: readonly GraphEdge[]): string[][] {
  const columnOf = new Map<string, number>();
  const visiting = new Set<string>();
  const place = (id: string): number => {
    const known = columnOf.get(id);
    if (known !== undefined) return known;
    if (visiting.has(id)) return -1;
    visiting.add(id);
    const before = edges.filter(({ to }) => to === id).map(({ from }) => place(from));
    visiting.delete(id);
    const column = Math.max(-1, ...before) + 1;
    columnOf.set(id, column);
    return column;
  };
  const columns: string[][] = [];
  for (const id of ids) {
    const column = place(id);
    while (columns.length <= column) columns.push([]);
    columns[column]!.push(id);
  }
  return columns;
}

/**
 * Orders each column by the mean place of what its nodes are tied to, so that few edges cross: from left to right by
 * what leads to them, then back by what they lead to.
 */
function orderColumns(columns: readonly string[][], edges: readonly GraphEdge[]): readonly string[][] {
  const ordered = [...columns];
  const placeOf = new Map<string, number>();
  const note = (column: readonly string[]) => {
    for (const [row, id] of column.entries()) placeOf.set(id, (row + 0.5) / column.length);
  };
  for (const column of ordered) note(column);
  for (let pass = 0; pass < PASSES; pass++) {
    const toRight = pass % 2 === 0;
    const near = (id: string): readonly string[] =>
      toRight
        ? edges.filter(({ to }) => to === id).map(({ from }) => from)
        : edges.filter(({ from }) => from === id).map(({ to }) => to);
    const meanOf = (id: string): number => {
      const places = near(id).map((one) => placeOf.get(one)!);
      if (places.length === 0) return placeOf.get(id)!;
      return places.reduce((sum, place) => sum + place, 0) / places.length;
    };
    for (let step = 0; step < ordered.length; step++) {
      const at = toRight ? step : ordered.length - 1 - step;
      const means = new Map(ordered[at]!.map((id) => [id, meanOf(id)]));
      ordered[at] = ordered[at]!.toSorted((a, b) => means.get(a)! - means.get(b)!);
      note(ordered[at]);
    }
  }
  return ordered;
}
