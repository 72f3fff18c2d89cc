/**
 * Whether all that one JSON Schema takes is taken by another. Sound but for what Confluent's registry lets pass as well
 * (docs/schema-registry.md): what cannot be shown to be compatible is not.
 */
import type { Incompatibility } from "../incompatibility.ts";
import { follow, isObject, listOf, type Members, type Node } from "./document.ts";
import { keywordProblems } from "./keywords.ts";
import type { ParsedJsonSchema } from "./parse.ts";

/** How many schemas are compared, and how deep in each other, before it is given up: then nothing is shown. */
const MAX_COMPARED = 20_000;
const MAX_LEVELS = 400;

export type Problems = readonly Incompatibility[];

/** One comparison of two documents. */
export interface Comparison {
  compare(reader: Node, writer: Node, path: string): Problems;
}

/** All reasons found why `reader` may refuse what `writer` takes; paths are those of the reader's schema. */
export function readProblems(reader: ParsedJsonSchema, writer: ParsedJsonSchema): Problems {
  if (reader.whole === writer.whole) return [];
  /** Pairs being compared: a schema inside itself is as compatible as the rest of it is. */
  const open = new Map<unknown, Set<unknown>>();
  let [compared, levels] = [0, 0];

  const compare = (readerNode: Node, writerNode: Node, path: string): Problems => {
    const [r, w] = [follow(readerNode), follow(writerNode)];
    if (r.schema === true || w.schema === false) return [];
    if (isObject(r.schema) && Object.keys(r.schema).length === 0) return [];
    if (r.schema === false) {
      const text = "the reader's schema takes nothing here";
      return anyPart(w, (own) =>
        own.schema === false ? [] : [{ type: "TYPE_CHANGED", path: path || "/", text }],
      );
    }
    if (open.get(r.schema)?.has(w.schema)) return [];
    if (++compared > MAX_COMPARED || levels > MAX_LEVELS) {
      return [
        { type: "TOO_COMPLEX", path: path || "/", text: "the schemas are too large or too deep to compare" },
      ];
    }
    const inside = open.get(r.schema) ?? new Set();
    open.set(r.schema, inside.add(w.schema));
    levels++;
    try {
      return compareParts(r, w, path);
    } finally {
      levels--;
      inside.delete(w.schema);
    }
  };

  /** A reader's schema is a conjunction: its own keywords, and allOf, anyOf and oneOf. */
  const compareParts = (r: Node, w: Node, path: string): Problems => {
    const schema = r.schema as Members;
    const at = (part: unknown): Node => ({ schema: part, document: r.document });
    return [
      ...anyPart(w, (own) => keywordProblems({ compare }, r, own, path)),
      ...listOf(schema.allOf).flatMap((part, i) => compare(at(part), w, `${path}/allOf/${i}`)),
      ...["anyOf", "oneOf"].flatMap((name) => {
        const branches = listOf(schema[name]);
        if (branches.length === 0) return [];
        return anyPart(w, (own) => {
          const tries = branches.map((branch, i) => compare(at(branch), own, `${path}/${name}/${i}`));
          if (tries.some((problems) => problems.length === 0)) return [];
          if (tries.length === 1) return tries[0]!;
          const text = `no branch of the reader's ${name} takes all that the writer's schema does`;
          return [{ type: "SUM_TYPE_NARROWED", path: `${path}/${name}`, text }];
        });
      }),
    ];
  };

  /** What follows from any part of a writer's conjunction follows from it; from a disjunction, what follows from all. */
  const anyPart = (writerNode: Node, problemsOf: (own: Node) => Problems): Problems => {
    const w = follow(writerNode);
    const own = problemsOf(w);
    if (own.length === 0 || !isObject(w.schema)) return own;
    const at = (part: unknown): Node => ({ schema: part, document: w.document });
    if (++compared > MAX_COMPARED || levels > MAX_LEVELS) return own;
    levels++;
    try {
      if (listOf(w.schema.allOf).some((part) => anyPart(at(part), problemsOf).length === 0)) return [];
      let shown = own;
      for (const name of ["anyOf", "oneOf"]) {
        const branches = listOf(w.schema[name]);
        if (branches.length === 0) continue;
        shown = branches.flatMap((branch) => anyPart(at(branch), problemsOf));
        if (shown.length === 0) return [];
      }
      return shown;
    } finally {
      levels--;
    }
  };

  return compare(reader.root, writer.root, "").slice(0, MAX_TOLD);
}

const MAX_TOLD = 100;
