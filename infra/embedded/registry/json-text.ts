/** JSON as people send it, parsed within bounds, and shortened without being read as numbers. */
import { InvalidSchema } from "./invalid-schema.ts";

/** Brackets within brackets. Deeper ones are no schemas that people write, and would exhaust the stack. */
export const MAX_DEPTH = 200;

/** The text cut into strings and what stands between them. In one pass, whatever the text is. */
function* pieces(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = start + 1;
    if (text[start] === '"') {
      while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      end++;
    } else {
      const quote = text.indexOf('"', start);
      end = quote < 0 ? text.length : quote;
    }
    yield text.slice(start, end);
    start = end;
  }
}

/** Throws InvalidSchema for what is not JSON or is nested deeper than MAX_DEPTH. */
export function parseJson(text: string): unknown {
  let depth = 0;
  for (const piece of pieces(text)) {
    if (piece.startsWith('"')) continue;
    for (const char of piece) {
      if (char === "{" || char === "[") depth++;
      else if (char === "}" || char === "]") depth--;
      if (depth > MAX_DEPTH) throw new InvalidSchema("", `expected at most ${MAX_DEPTH} levels of nesting`);
    }
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidSchema("", `expected JSON: ${(error as Error).message}`);
  }
}

/** Valid JSON without its white space: every number, escape and order of members stays as it was written. */
export function minified(text: string): string {
  let short = "";
  for (const piece of pieces(text)) short += piece.startsWith('"') ? piece : piece.replace(/\s+/g, "");
  return short;
}

/** The first integer of valid JSON that a double cannot hold exactly, or null. */
export function inexactInteger(text: string): string | null {
  for (const piece of pieces(text)) {
    if (piece.startsWith('"')) continue;
    for (const [digits] of piece.matchAll(/-?\d+(?![\d.eE])/g)) {
      if (!Number.isSafeInteger(Number(digits))) return digits;
    }
  }
  return null;
}

/** The first number of valid JSON that is too large for a double, or null: it would be stored as null. */
export function endlessNumber(text: string): string | null {
  for (const piece of pieces(text)) {
    if (piece.startsWith('"')) continue;
    for (const [number] of piece.matchAll(/-?\d[\d.eE+-]*/g)) {
      if (!Number.isFinite(Number(number))) return number.slice(0, 40);
    }
  }
  return null;
}

/** Members of all objects in the order of their names. */
export function withSortedMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedMembers);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, withSortedMembers(member)]));
}
