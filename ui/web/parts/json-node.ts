/** JSON text as a tree whose numbers are the characters that stand there. Pure. */
import { rawItems, rawMembers } from "../data/raw-json.ts";

export type JsonNode =
  | { readonly kind: "object"; readonly entries: readonly (readonly [key: string, json: string])[] }
  | { readonly kind: "array"; readonly items: readonly string[] }
  | { readonly kind: "string"; readonly text: string }
  /** `source` is the text as it stands: 1.50, 9007199254740993, true, null. */
  | { readonly kind: "number" | "literal"; readonly source: string };

/** One level of the tree; the parts are texts to read in turn when they are opened. Throws where it is no JSON. */
export function readNode(json: string): JsonNode {
  const text = json.trim();
  const first = text[0];
  if (first === "{") return { kind: "object", entries: [...rawMembers(text)] };
  if (first === "[") return { kind: "array", items: rawItems(text) };
  if (first === '"') return { kind: "string", text: JSON.parse(text) as string };
  return { kind: /^[-\d]/.test(text) ? "number" : "literal", source: text };
}
