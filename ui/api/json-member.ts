/** A member of a JSON object as it was written, so that numbers in it stay as they are. */

/**
 * The text of the member `name` of an object, given as valid JSON; null where it has none. Of several with that name
 * the last counts, as with JSON.parse().
 */
export function memberText(json: string, name: string): string | null {
  let found: string | null = null;
  let depth = 0;
  /** At depth 1: the member's name, and where its value begins. */
  let key: string | null = null;
  let from = 0;
  const endMember = (at: number): void => {
    if (key === name) found = json.slice(from, at).trim();
    key = null;
  };
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === '"') {
      const start = i;
      for (i += 1; json[i] !== '"'; i++) if (json[i] === "\\") i += 1;
      if (depth === 1 && key === null) key = JSON.parse(json.slice(start, i + 1)) as string;
    } else if (char === ":" && depth === 1) from = i + 1;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "," && depth === 1) endMember(i);
    else if (char === "}" || char === "]") {
      if (depth === 1) endMember(i);
      depth -= 1;
    }
  }
  return found;
}
