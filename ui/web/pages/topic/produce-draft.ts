/** A record that is about to be written, as the form has it. Pure. */

export interface ProduceDraft {
  /** Taken from the field of the value that the topic's definition names, given as text, or none. */
  readonly keyFrom: "field" | "text" | "none";
  readonly key: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** "": chosen by the key. */
  readonly partition: string;
  /** ISO 8601; "": the time of writing. */
  readonly timestamp: string;
  /** JSON text, written as it stands. */
  readonly value: string;
  /** Written in place of the value. */
  readonly tombstone: boolean;
  readonly validate: boolean;
}

/** What is wrong, by the part of the form that it is about. */
export type DraftProblems = Partial<Record<"value" | "headers", string>>;

export function draftProblems({ value, tombstone, headers }: ProduceDraft): DraftProblems {
  const wrong = tombstone ? null : jsonProblem(value);
  const names = headers.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return {
    ...(wrong !== null && { value: wrong }),
    ...(names.includes("")
      ? { headers: "Expected a name for each header" }
      : twice !== undefined && { headers: `Expected each header once, got ${twice} more than once` }),
  };
}

/** Why a text is no JSON, or null. */
export function jsonProblem(text: string): string | null {
  if (text.trim() === "") return "Expected JSON, got nothing";
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `Expected JSON: ${(error as SyntaxError).message}`;
  }
}

/** What POST /api/topics/:topic/records takes. Only for a draft without problems. */
export function toBody(draft: ProduceDraft): string {
  const rest = JSON.stringify({
    ...(draft.keyFrom !== "field" && { key: draft.keyFrom === "text" ? draft.key : null }),
    headers: Object.fromEntries(draft.headers.map(({ name, value }) => [name, value])),
    ...(draft.partition !== "" && { partition: Number(draft.partition) }),
    ...(draft.timestamp !== "" && { timestamp: draft.timestamp }),
    validate: draft.validate,
  });
  return `${rest.slice(0, -1)},"value":${draft.tombstone ? "null" : draft.value.trim()}}`;
}

/** Whether a number of JSON text, outside of strings, has digits that would change when it is parsed and written anew. */
export function hasInexactNumber(json: string): boolean {
  const outside = json.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const numbers = outside.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? [];
  return numbers.some((number) => digitsOf(number) !== digitsOf(String(Number(number))));
}

/** The digits that matter: of 0.0150e3, 15. */
const digitsOf = (number: string): string => number.replace(/[eE].*|\D/g, "").replace(/^0+|0+$/g, "");

/** A sample with its own time, where it has one, set to `now`: an old one may be too late for the functions. */
export function withTime(sample: unknown, now: Date): unknown {
  if (typeof sample !== "object" || sample === null || !("timestamp" in sample)) return sample;
  const { timestamp } = sample;
  return typeof timestamp === "string" && !Number.isNaN(Date.parse(timestamp))
    ? { ...sample, timestamp: now.toISOString() }
    : sample;
}
