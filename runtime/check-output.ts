/** Is what a handler returned a valid output? A wrong one is the function's fault and never leaves the runtime. */
import { checkValue } from "./check-input.ts";
import type { Batch, BatchOut, Emit, FunctionDefinition, Tick, TickOut, Topic } from "./define.ts";

export class InvalidOutputError extends Error {
  override readonly name = "InvalidOutputError";
}

export function checkOutput(
  definition: FunctionDefinition,
  input: Tick | Batch,
  output: unknown,
): TickOut | BatchOut {
  if (!isPlainObject(output)) throw new InvalidOutputError(`expected an object, got ${nameOf(output)}`);
  const allowed = definition.kind === "producer" ? ["emit", "state"] : ["emit", "state", "failures"];
  for (const field of Object.keys(output)) {
    if (!allowed.includes(field)) {
      throw new InvalidOutputError(`expected only ${allowed.join(", ")}, got "${field}"`);
    }
  }
  const topics = new Map<string, Topic>(definition.emits.map((topic: Topic) => [topic.name, topic]));
  listOf(output.emit, "emit").forEach((one, i) => {
    checkEmit(topics, one, `emit[${i}]`);
  });
  if (definition.kind === "producer") {
    checkJson(output.state, "state");
    return output as TickOut;
  }
  checkBatchOut(input as Batch, output, (batch) => new Set(batch.records.flatMap(definition.stateKeys)));
  return output as BatchOut;
}

function checkEmit(topics: ReadonlyMap<string, Topic>, one: unknown, path: string): void {
  if (!isPlainObject(one)) throw new InvalidOutputError(`${path}: expected an object, got ${nameOf(one)}`);
  const { topic: name, key, value, headers } = one as Record<keyof Emit, unknown>;
  const topic = topics.get(name as string);
  if (!topic) {
    const expected = [...topics.keys()].map((t) => `"${t}"`).join(" or ") || "no emits";
    throw new InvalidOutputError(`${path}.topic: expected ${expected}, got ${JSON.stringify(name)}`);
  }
  if (key !== null && typeof key !== "string") {
    throw new InvalidOutputError(`${path}.key: expected a string or null, got ${nameOf(key)}`);
  }
  if (headers !== undefined) {
    if (!isPlainObject(headers)) throw new InvalidOutputError(`${path}.headers: expected an object`);
    for (const [k, v] of Object.entries(headers)) {
      if (typeof v !== "string")
        throw new InvalidOutputError(`${path}.headers.${k}: expected a string, got ${nameOf(v)}`);
    }
  }
  checkJson(value, `${path}.value`);
  const checked = checkValue(topic, value);
  if ("reason" in checked) throw new InvalidOutputError(`${path} to ${topic.name}: ${checked.reason}`);
}

function checkBatchOut(
  batch: Batch,
  output: Record<string, unknown>,
  touched: (batch: Batch) => ReadonlySet<string>,
): void {
  const offsets = new Set(batch.records.map((record) => record.offset));
  const inBatch = (offset: unknown, path: string): void => {
    if (typeof offset !== "string" || !offsets.has(offset)) {
      throw new InvalidOutputError(`${path}: expected an offset of the batch, got ${JSON.stringify(offset)}`);
    }
  };
  listOf(output.emit, "emit").forEach((one, i) => {
    inBatch((one as { cause?: unknown }).cause, `emit[${i}].cause`);
  });
  const changes = listOf(output.state, "state");
  const keys = changes.length > 0 ? touched(batch) : new Set<string>();
  changes.forEach((change, i) => {
    if (!isPlainObject(change)) throw new InvalidOutputError(`state[${i}]: expected { key, value }`);
    if (typeof change.key !== "string" || !keys.has(change.key)) {
      throw new InvalidOutputError(
        `state[${i}].key: expected a state key of the batch's records, got ${JSON.stringify(change.key)}`,
      );
    }
    if (change.value === undefined) throw new InvalidOutputError(`state[${i}].value: expected data or null`);
    checkJson(change.value, `state[${i}].value`);
  });
  listOf(output.failures, "failures").forEach((failure, i) => {
    if (!isPlainObject(failure) || typeof failure.reason !== "string") {
      throw new InvalidOutputError(`failures[${i}]: expected { offset, reason }`);
    }
    inBatch(failure.offset, `failures[${i}].offset`);
  });
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InvalidOutputError(`${path}: expected a list, got ${nameOf(value)}`);
  return value;
}

/** Only what JSON carries unchanged: anything else would be another value after a capture, or on the topic. */
function checkJson(value: unknown, path: string): void {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean")
    return;
  if (typeof value === "number") {
    if (!Number.isFinite(value))
      throw new InvalidOutputError(`${path}: expected a finite number, got ${value}`);
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      checkJson(item ?? null, `${path}[${i}]`);
    });
    return;
  }
  if (!isPlainObject(value))
    throw new InvalidOutputError(`${path}: expected plain data, got ${nameOf(value)}`);
  for (const key of Object.keys(value)) checkJson(value[key], `${path}.${key}`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  return value.constructor?.name ?? "object";
}
