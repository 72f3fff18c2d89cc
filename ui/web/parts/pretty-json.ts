/** JSON text with line breaks and indents, its numbers and strings as they stand. Pure. */
import { rawItems, rawMembers } from "../data/raw-json.ts";

/** Throws a SyntaxError where it is no JSON. */
export function prettyJson(json: string, indent = ""): string {
  const text = json.trim();
  const open = text[0];
  if (open !== "{" && open !== "[") return text;
  const inner = `${indent}  `;
  const parts =
    open === "{"
      ? [...rawMembers(text)].map(([key, value]) => `${JSON.stringify(key)}: ${prettyJson(value, inner)}`)
      : rawItems(text).map((item) => prettyJson(item, inner));
  const close = open === "{" ? "}" : "]";
  if (parts.length === 0) return open + close;
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}
