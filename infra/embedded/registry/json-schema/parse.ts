/** JSON Schemas, draft-07 and 2020-12: checked against their meta-schema, references resolved. */
import { Ajv, type ErrorObject } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { InvalidSchema, shown } from "../invalid-schema.ts";
import { minified, parseJson, withSortedMembers } from "../json-text.ts";
import type { Referenced } from "../schema-format.ts";
import { type Document, follow, isObject, type Node, walk } from "./document.ts";

export interface ParsedJsonSchema {
  readonly text: string;
  readonly root: Node;
  /** The text with those of its references: equal ones mean the same. */
  readonly whole: string;
}

const DRAFT_07 = "http://json-schema.org/draft-07/schema";
const DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema";
const DRAFTS = {
  [DRAFT_07]: new Ajv({ strict: false, validateFormats: false }),
  [DRAFT_2020]: new Ajv2020({ strict: false, validateFormats: false }),
};
type Draft = keyof typeof DRAFTS;

/** Throws InvalidSchema. */
export function parseJsonSchema(
  text: string,
  references: readonly Referenced[],
  normalize: boolean,
): ParsedJsonSchema {
  const others = new Map<string, Document>();
  for (const { name, text } of references) {
    const root = parseJson(text);
    const document = { root, others, siblingsCount: draftOf(root) === DRAFT_2020 };
    addDocument(document);
    others.set(name, document);
  }
  const root = parseJson(text);
  const draft = draftOf(root);
  const ajv = DRAFTS[draft];
  // By the draft itself: `$schema` may name it in a way that ajv does not know.
  if (!ajv.validate(draft, root)) throw toInvalid(ajv.errors?.[0], draft);
  const document: Document = { root, others, siblingsCount: draft === DRAFT_2020 };
  addDocument(document);
  for (const [schema, path] of walk(root)) {
    if (typeof schema.$ref === "string") follow({ schema, document }, path);
    requirePatterns(schema, path);
  }
  const own = normalize ? JSON.stringify(withSortedMembers(root)) : minified(text);
  return {
    text: own,
    root: { schema: root, document },
    whole: JSON.stringify([own, references.map((reference) => [reference.name, reference.text])]),
  };
}

function draftOf(root: unknown): Draft {
  if (typeof root !== "boolean" && !isObject(root)) {
    throw new InvalidSchema("", `expected a schema (an object, true or false), got ${shown(root)}`);
  }
  const named = isObject(root) ? root.$schema : undefined;
  if (named === undefined) return DRAFT_07;
  const draft = (typeof named === "string" ? named : "")
    .replace(/#$/, "")
    .replace(/^https:\/\/json-schema\.org\/draft-07\//, "http://json-schema.org/draft-07/");
  if (Object.hasOwn(DRAFTS, draft)) return draft as Draft;
  throw new InvalidSchema("/$schema", `expected ${DRAFT_07} or ${DRAFT_2020}, got ${shown(named)}`);
}

function toInvalid(error: ErrorObject | undefined, draft: Draft): InvalidSchema {
  return new InvalidSchema(error?.instancePath ?? "", `${error?.message ?? "is no schema"} (by ${draft})`);
}

/** A document is known by its `$id`, and so is each schema in it that has one. */
function addDocument(document: Document): void {
  const base = isObject(document.root) && typeof document.root.$id === "string" ? document.root.$id : "";
  for (const [schema] of walk(document.root)) {
    const { $id } = schema;
    if (typeof $id !== "string" || $id.startsWith("#")) continue;
    const id = URL.canParse($id, base) ? new URL($id, base).href : $id;
    document.others.set(id.replace(/#$/, ""), { ...document, root: schema });
  }
}

function requirePatterns(schema: Readonly<Record<string, unknown>>, path: string): void {
  const { pattern, patternProperties } = schema;
  const named = isObject(patternProperties) ? Object.keys(patternProperties) : [];
  for (const source of [...(typeof pattern === "string" ? [pattern] : []), ...named]) {
    try {
      new RegExp(source, "u");
    } catch (error) {
      throw new InvalidSchema(`${path}/pattern`, (error as Error).message);
    }
  }
}
