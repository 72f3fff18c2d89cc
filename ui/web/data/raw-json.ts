/**
 * Cuts JSON text into the texts of its parts without parsing them: a value that is parsed and written anew changes
 * its numbers (2^53+1 becomes 2^53, 1.50 becomes 1.5). Expects JSON that `JSON.parse` takes; pure.
 */

/** The members of an object's text, key to the value's text as it stands. Throws where it is no object. */
export function rawMembers(json: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const [start, end] of parts(json, "{")) {
    const keyEnd = stringEnd(json, start);
    const key = JSON.parse(json.slice(start, keyEnd)) as string;
    members.set(key, json.slice(json.indexOf(":", keyEnd) + 1, end).trim());
  }
  return members;
}

/** The texts of an array's items. Throws where it is no array. */
export function rawItems(json: string): string[] {
  return parts(json, "[").map(([start, end]) => json.slice(start, end));
}

/** Start and end of what stands between the commas of the outermost object or array. */
function parts(json: string, open: "{" | "["): [start: number, end: number][] {
  let at = skipSpace(json, 0);
  if (json[at] !== open)
    throw new SyntaxError(`Expected JSON that starts with ${open}, got ${json.slice(0, 20)}`);
  const found: [number, number][] = [];
  at = skipSpace(json, at + 1);
  if (json[at] === "}" || json[at] === "]") return found;
  let start = at;
  let depth = 0;
  for (; at < json.length; at++) {
    const char = json[at];
    if (char === '"') at = stringEnd(json, at) - 1;
    else if (char === "{" || char === "[") depth++;
    else if (depth === 0 && (char === "," || char === "}" || char === "]")) {
      found.push([start, trimEnd(json, at)]);
      if (char !== ",") return found;
      start = skipSpace(json, at + 1);
      at = start - 1;
    } else if (char === "}" || char === "]") depth--;
  }
  throw new SyntaxError("Expected JSON to its end, got a part of it");
}

/** The place after the string that starts at `from`. */
function stringEnd(json: string, from: number): number {
  for (let quote = json.indexOf('"', from + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (json[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  throw new SyntaxError("Expected a string to its end, got a part of it");
}

const isSpace = (char: string | undefined) => char === " " || char === "\n" || char === "\t" || char === "\r";

function skipSpace(json: string, from: number): number {
  let at = from;
  while (isSpace(json[at])) at++;
  return at;
}

function trimEnd(json: string, end: number): number {
  let at = end;
  while (isSpace(json[at - 1])) at--;
  return at;
}
