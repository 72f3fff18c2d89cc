/** JSON.parse() that keeps whole numbers exact: those that a double cannot hold become bigints. */

/** A whole number of 16 or more digits may be beyond 2^53. */
const LONG_DIGITS = /\d{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const WHOLE = /^-?\d+$/;
/** Beyond this a number is no whole number of any language's: a double will do. */
const MOST_DIGITS = 40;

/** Throws SyntaxError as JSON.parse() does. */
export function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!LONG_DIGITS.test(text)) return value;
  // Such numbers travel through JSON.parse() as strings, marked by a prefix that no other string has: as many NULs as
  // none begins with. JSON has one way only to write a NUL.
  let nuls = 1;
  while (text.includes(`"${"\\u0000".repeat(nuls)}`)) nuls += 1;
  const mark = "\0".repeat(nuls);
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    WHOLE.test(token) && token.length <= MOST_DIGITS && !Number.isSafeInteger(Number(token))
      ? `"${"\\u0000".repeat(nuls)}${token}"`
      : token,
  );
  if (marked === text) return value;
  return JSON.parse(marked, (_key, one) =>
    typeof one === "string" && one.startsWith(mark) ? BigInt(one.slice(nuls)) : one,
  );
}
