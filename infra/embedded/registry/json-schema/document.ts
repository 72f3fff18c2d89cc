/** JSON Schemas as documents that refer into each other. Nothing is ever fetched. */
import { InvalidSchema, step } from "../invalid-schema.ts";

export type Members = Readonly<Record<string, unknown>>;

/** One text, and all that it can refer to. */
export interface Document {
  readonly root: unknown;
  /** Documents by what `$ref` calls them: names of references, and every `$id`. */
  readonly others: Map<string, Document>;
  /** Whether what stands beside a `$ref` counts (2020-12) or not (draft-07). */
  readonly siblingsCount: boolean;
}

/** A schema where it stands. */
export interface Node {
  readonly schema: unknown;
  readonly document: Document;
}

export const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Members that hold data, in which nothing is a schema. */
const DATA = new Set(["enum", "const", "default", "examples"]);
/** Members whose members' names are people's own. */
const NAMED = new Set(["properties", "patternProperties", "definitions", "$defs", "dependentSchemas"]);

/** All schemas in a schema, and what else is built like one, with their places. */
export function* walk(schema: unknown, path = ""): Generator<readonly [schema: Members, path: string]> {
  if (Array.isArray(schema)) {
    for (const [i, item] of schema.entries()) yield* walk(item, path + step(i));
  } else if (isObject(schema)) {
    yield [schema, path];
    for (const [name, value] of Object.entries(schema)) {
      if (DATA.has(name)) continue;
      if (!NAMED.has(name) || !isObject(value)) yield* walk(value, path + step(name));
      else for (const key of Object.keys(value)) yield* walk(value[key], path + step(name) + step(key));
    }
  }
}

/** `$ref`s that lead to `$ref`s: people do not write more, and a schema of nothing else would take minutes. */
const MAX_REFS_IN_A_ROW = 200;

/**
 * What a node stands for, its `$ref`s followed; with siblings that count, the conjunction of both. Throws InvalidSchema for
 * a `$ref` that leads nowhere or only to itself.
 */
export function follow(node: Node, path = ""): Node {
  const seen = new Set<unknown>();
  for (let at = node; ; ) {
    const { schema, document } = at;
    if (!isObject(schema) || typeof schema.$ref !== "string") return at;
    if (seen.has(schema)) throw new InvalidSchema(`${path}/$ref`, "expected a schema, got a circle of $ref");
    if (seen.size === MAX_REFS_IN_A_ROW) {
      throw new InvalidSchema(`${path}/$ref`, `expected at most ${MAX_REFS_IN_A_ROW} $ref in a row`);
    }
    seen.add(schema);
    const { $ref, ...siblings } = schema;
    const target = resolve($ref, document);
    if (!target) {
      throw new InvalidSchema(
        `${path}/$ref`,
        `expected a place in this schema or the name of a reference, got "${$ref}"; nothing is fetched`,
      );
    }
    if (document.siblingsCount && Object.keys(siblings).some((name) => !ANNOTATIONS.has(name))) {
      return { schema: { ...siblings, allOf: [...listOf(siblings.allOf), { $ref }] }, document };
    }
    at = target;
  }
}

/** Members that no value is refused for. */
export const ANNOTATIONS = new Set([
  "$schema",
  "$id",
  "$anchor",
  "$comment",
  "$defs",
  "$vocabulary",
  "definitions",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "format",
  "contentEncoding",
  "contentMediaType",
]);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function resolve(ref: string, from: Document): Node | null {
  const hash = ref.indexOf("#");
  const uri = hash < 0 ? ref : ref.slice(0, hash);
  const fragment = hash < 0 ? "" : decoded(ref.slice(hash + 1));
  const document = uri === "" ? from : (from.others.get(uri) ?? from.others.get(absolute(uri, from)));
  if (!document) return null;
  if (fragment === "") return { schema: document.root, document };
  if (fragment.startsWith("/")) return pointed(document, fragment);
  const schema = anchorsOf(document.root).get(fragment);
  return schema ? { schema, document } : null;
}

const knownAnchors = new WeakMap<object, ReadonlyMap<string, Members>>();

/** The schemas with a name of their own, found in one walk however many `$ref`s lead to them. */
function anchorsOf(root: unknown): ReadonlyMap<string, Members> {
  if (!isObject(root)) return new Map();
  const known = knownAnchors.get(root);
  if (known) return known;
  const anchors = new Map<string, Members>();
  for (const [schema] of walk(root)) {
    const { $anchor, $id } = schema;
    const name = typeof $anchor === "string" ? $anchor : null;
    const old = typeof $id === "string" && $id.startsWith("#") ? $id.slice(1) : null;
    for (const one of [name, old]) if (one !== null && !anchors.has(one)) anchors.set(one, schema);
  }
  knownAnchors.set(root, anchors);
  return anchors;
}

function pointed(document: Document, pointer: string): Node | null {
  let schema: unknown = document.root;
  for (const part of pointer.slice(1).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!(isObject(schema) || Array.isArray(schema)) || !Object.hasOwn(schema, name)) return null;
    schema = (schema as Members)[name];
  }
  return { schema, document };
}

function absolute(uri: string, { root }: Document): string {
  const base = isObject(root) && typeof root.$id === "string" ? root.$id : "";
  return URL.canParse(uri, base) ? new URL(uri, base).href : uri;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // then no place is called that
  }
}
