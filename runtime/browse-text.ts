/** Looking for text in the bytes of a record: nothing is decoded but what is looked at. */
import { RE2JS } from "re2js";
import { invalid } from "./browse-refusal.ts";
import { headerValues, type RawKafkaRecord } from "./codec.ts";

/** Whether some bytes hold what is looked for. */
export type TextTest = (bytes: Buffer) => boolean;

/** Whether a record's key, value, or a header's name or value does. */
export function holdsAnywhere(record: RawKafkaRecord, test: TextTest): boolean {
  if (record.value !== null && test(record.value)) return true;
  if (record.key !== null && test(record.key)) return true;
  for (const name in record.headers) {
    if (test(Buffer.from(name))) return true;
    for (const value of headerValues(record.headers[name])) if (test(Buffer.from(value))) return true;
  }
  return false;
}

/** Contains `text`, whatever the case of either. */
export function containsText(text: string): TextTest {
  // The engine that finds a literal pattern without regard to case in millions of records a second is RegExp's own.
  const literal = text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  if (/^[\0-\x7f]*$/.test(text)) {
    // Bytes of ASCII mean the same everywhere in UTF-8: one byte a character is the fastest to decode.
    const pattern = new RegExp(literal, "i");
    return (bytes) => pattern.test(bytes.toString("latin1"));
  }
  const pattern = new RegExp(literal.replaceAll("\\-", "-"), "iu");
  return (bytes) => pattern.test(bytes.toString("utf8"));
}

/** Matching takes time by the pattern's size times the text's at worst: this much is about a quarter of a second. */
const MOST_STEPS = 20_000_000;
const MOST_PATTERN_SIZE = 1_000;

/**
 * A match anywhere, in RE2's syntax and in linear time. The test throws on a text that is too long for a pattern of
 * this size. Throws a refusal that names `parameter` for what is no pattern.
 */
export function matchesRegex(pattern: string, parameter: string): TextTest {
  const compiled = compileRegex(pattern, (detail) => invalid(parameter, detail));
  return (bytes) => testRegex(compiled, bytes.toString("utf8"));
}

/** Throws on a text that is too long for a pattern of this size. */
export function testRegex(compiled: RE2JS, text: string): boolean {
  if (text.length * compiled.programSize() > MOST_STEPS) {
    throw new Error(`expected a simpler regular expression for a text of ${text.length} characters`);
  }
  return compiled.test(text);
}

/** `refuse` makes the error to throw, from what was expected and what came. */
export function compileRegex(pattern: string, refuse: (detail: string) => Error): RE2JS {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (thrown) {
    const { error, input, message } = thrown as { error?: string; input?: string | null; message: string };
    const at = input ? pattern.indexOf(input) : -1;
    const where = at >= 0 ? ` in ${JSON.stringify(input)} at ${at}` : "";
    throw refuse(
      `expected a regular expression in RE2's syntax, got ${JSON.stringify(pattern)}: ${error ?? message}${where}`,
    );
  }
  if (compiled.programSize() > MOST_PATTERN_SIZE) {
    throw refuse(
      `expected a regular expression of at most ${MOST_PATTERN_SIZE} steps, got ${compiled.programSize()}`,
    );
  }
  return compiled;
}
