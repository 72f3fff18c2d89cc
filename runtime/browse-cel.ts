/**
 * CEL filters on records. Nothing of what a person types is ever run as JavaScript, and no record can hold the server
 * up: `matches()` is RE2 instead of the library's RegExp, and macros over lists stop when the time for a record is up.
 */
import { type ASTNode, Environment, type ParseResult, serialize } from "@marcbachmann/cel-js";
import type { RE2JS } from "re2js";
import { invalid } from "./browse-refusal.ts";
import { compileRegex, testRegex } from "./browse-text.ts";
import { decodeHeaders, decodeKey, type RawKafkaRecord, toText } from "./codec.ts";
import { parseExact } from "./exact-json.ts";

/** Throws where the expression cannot be evaluated on the record. */
export type CelFilter = (topic: string, partition: number, record: RawKafkaRecord) => boolean;

/** For one record, ms. */
const MOST_MS = 50;
/** Between two looks at the clock. */
const STEPS = 8;
const MOST_REGEXES = 100;

/** What a macro's body is replaced by once the time is up: the value that ends the loop, where one does. */
const ENDING: Readonly<Record<string, boolean | null>> = Object.assign(Object.create(null), {
  all: false,
  exists: true,
  exists_one: true,
  filter: false,
  map: null,
});

/** Throws a refusal that names the place of what is no CEL, or gives no true or false. `now`: ms, of any start. */
export function compileCel(expression: string, now: () => number): CelFilter {
  let deadline = 0;
  let steps = 0;
  let isOver = false;
  const over = (): boolean => {
    steps += 1;
    if (!isOver && steps % STEPS === 0) isOver = now() > deadline;
    return isOver;
  };
  const environment = createEnvironment(over);
  const parsed = parse(environment, expression);
  const evaluate = environment.parse(serialize(guarded(parsed.ast) as ASTNode));
  return (topic, partition, record) => {
    deadline = now() + MOST_MS;
    steps = 0;
    isOver = false;
    const result: unknown = evaluate({
      key: decodeKey(record.key),
      value: decodeForCel(record.value),
      headers: decodeHeaders(record.headers),
      partition: BigInt(partition),
      offset: BigInt(record.offset),
      timestamp: new Date(Number(record.timestamp)),
      topic,
    });
    if (isOver)
      throw new Error(`expected a filter that takes at most ${MOST_MS} ms a record, got one that takes more`);
    if (typeof result !== "boolean") throw new Error(`expected true or false, got ${typeof result}`);
    return result;
  };
}

function createEnvironment(over: () => boolean): Environment {
  const environment = new Environment({ limits: { maxAstNodes: 500, maxDepth: 50 } })
    .registerVariable("key", "dyn")
    .registerVariable("value", "dyn")
    .registerVariable("headers", "map<string, string>")
    .registerVariable("partition", "int")
    .registerVariable("offset", "int")
    .registerVariable("timestamp", "google.protobuf.Timestamp")
    .registerVariable("topic", "string")
    .registerFunction("over__(): bool", over)
    .registerFunction("string.matches__(string): bool", createMatches());
  // Numbers of JSON are doubles, and people write `value.amount * 2`.
  const operators: Record<string, (a: number, b: number) => number> = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    "%": (a, b) => a % b,
  };
  for (const [sign, operator] of Object.entries(operators)) {
    const handler = (a: unknown, b: unknown): number => operator(Number(a), Number(b));
    environment.registerOperator(`double ${sign} int: double`, handler);
    environment.registerOperator(`int ${sign} double: double`, handler);
  }
  return environment.registerOperator("double % double: double", operators["%"]!);
}

function createMatches(): (text: string, pattern: string) => boolean {
  const compiled = new Map<string, RE2JS>();
  return (text, pattern) => {
    const regex = compiled.get(pattern) ?? compileRegex(pattern, (detail) => new Error(detail));
    if (compiled.size >= MOST_REGEXES) compiled.clear();
    compiled.set(pattern, regex);
    return testRegex(regex, text);
  };
}

/** The part of the library's errors that is used. */
interface CelError {
  readonly message: string;
  readonly summary?: string;
  readonly range?: { readonly start: number };
}

function parse(environment: Environment, expression: string): ParseResult {
  const refuse = ({ message, summary = message, range }: CelError): Error =>
    invalid("filter", `expected a CEL expression: ${summary}${range ? ` (at ${range.start})` : ""}`);
  let parsed: ParseResult;
  try {
    parsed = environment.parse(expression);
  } catch (error) {
    throw refuse(error as CelError);
  }
  const { type, error } = parsed.check();
  if (error) throw refuse(error);
  if (type !== "bool" && type !== "dyn") {
    throw invalid("filter", `expected a CEL expression that is true or false, got one of type ${type}`);
  }
  return parsed;
}

interface Node {
  readonly op: string;
  readonly args: unknown;
}

const isNode = (part: unknown): part is Node =>
  typeof part === "object" && part !== null && "op" in part && "args" in part;

const call = (name: string, ...args: Node[]): Node => ({ op: "call", args: [name, args] });
const literal = (value: boolean | null): Node => ({ op: "value", args: value });

/** The same expression with what could take for ever put under guard. */
function guarded(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(guarded);
  if (!isNode(part)) return part;
  const args = guarded(part.args);
  if (part.op !== "rcall") return { op: part.op, args };
  const [name, receiver, given] = args as [string, Node, Node[]];
  if (name === "matches") return { op: "rcall", args: ["matches__", receiver, given] };
  const [variable, body, ...rest] = given;
  if (!(name in ENDING) || !variable || !body) return { op: "rcall", args };
  // A map() of three has its condition where others have what they do.
  const ending = rest.length > 0 ? false : (ENDING[name] ?? null);
  const branches =
    ending === null ? [call("dyn", literal(null)), call("dyn", body)] : [literal(ending), body];
  const guardedBody: Node = { op: "?:", args: [call("over__"), ...branches] };
  return { op: "rcall", args: [name, receiver, [variable, guardedBody, ...rest]] };
}

/** JSON as its value with whole numbers exact, other text as it is, other bytes as bytes. */
function decodeForCel(bytes: Buffer | null): unknown {
  if (bytes === null) return null;
  const text = toText(bytes);
  if (text === null) return new Uint8Array(bytes);
  try {
    return parseExact(text);
  } catch {
    return text; // that it is not JSON is the answer
  }
}
