/** Items: those at fixed places first (prefixItems, or a list of items), then the rest. */
import { step } from "../invalid-schema.ts";
import type { Comparison, Problems } from "./compatibility.ts";
import { listOf, type Members, type Node } from "./document.ts";

export function arrayProblems({ compare }: Comparison, r: Node, w: Node, path: string): Problems {
  const [mine, theirs] = [itemsOf(r.schema as Members), itemsOf(w.schema as Members)];
  const at = (node: Node, schema: unknown): Node => ({ schema, document: node.document });
  const places = Array.from({ length: Math.max(mine.first.length, theirs.first.length) }, (_, i) => i);
  return [
    ...places.flatMap((i) =>
      compare(
        at(r, mine.first[i] ?? mine.rest),
        at(w, theirs.first[i] ?? theirs.rest),
        `${path}/items${step(i)}`,
      ),
    ),
    ...compare(at(r, mine.rest), at(w, theirs.rest), `${path}/items`),
  ];
}

function itemsOf({ items, prefixItems, additionalItems }: Members): {
  readonly first: readonly unknown[];
  readonly rest: unknown;
} {
  if (Array.isArray(items)) return { first: items, rest: additionalItems ?? true };
  return { first: listOf(prefixItems), rest: items ?? true };
}
