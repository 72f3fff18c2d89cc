/** Small functions and captures for the tests of capture, replay and command line. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { z } from "zod";
import {
  type Batch,
  type ConsumerDefinition,
  defineConsumer,
  defineProducer,
  defineTopic,
  eachRecord,
  emit,
  type Rec,
} from "../define.ts";
import { invoke, type LoadedFunction } from "../invoke.ts";
import type { CapturedInvocation } from "../view.ts";

export const orders = defineTopic({
  name: "orders",
  description: "what was bought",
  partitions: 3,
  key: "user",
  schema: z.looseObject({ user: z.string(), amount: z.number() }),
});

export const totals = defineTopic({
  name: "totals",
  description: "what a user has bought so far",
  partitions: 1,
  key: "user",
  schema: z.looseObject({ user: z.string(), total: z.number(), id: z.string() }),
});

const orderProducer = defineProducer({
  description: "makes an order a tick",
  emits: [orders],
  config: z.object({ users: z.number().default(2) }),
  handler: (tick, ctx) => ({
    emit: [
      emit(orders, { user: `user_${tick.seq % ctx.config.users}`, amount: Math.floor(ctx.random() * 100) }),
    ],
  }),
});

/** Variants of one consumer: what a new version of its code may do otherwise. */
export interface Variation {
  /** Multiplies each amount. */
  readonly factor?: number;
  /** Fails on amounts above it. */
  readonly limit?: number;
  /** Throws on this amount. */
  readonly throwsAt?: number;
}

const createTotalConsumer = ({
  factor = 1,
  limit = Infinity,
  throwsAt,
}: Variation = {}): ConsumerDefinition =>
  defineConsumer({
    description: "sums what each user buys",
    topic: orders,
    group: "totals-group",
    emits: [totals],
    config: z.object({ bonus: z.number().default(0), password: z.string().default("hunter2") }),
    handler: eachRecord<z.output<typeof orders.schema>, ReturnType<typeof total>, Config, { total: number }>(
      ({ value }, state, ctx) => {
        if (value.amount === throwsAt) throw new TypeError(`cannot sum ${value.amount}`);
        if (value.amount > limit) return { failure: `expected at most ${limit}, got ${value.amount}` };
        const sum = (state?.total ?? 0) + value.amount * factor + ctx.config.bonus;
        ctx.log.info("summed", { user: value.user });
        ctx.metric("amount", value.amount);
        return { emit: [total(value.user, sum, ctx.uuid())], state: { total: sum } };
      },
    ),
  });

interface Config {
  readonly bonus: number;
  readonly password: string;
}

const total = (user: string, sum: number, id: string) => emit(totals, { user, total: sum, id });

export const producer: LoadedFunction = {
  name: "order-producer",
  codeHash: "p".repeat(64),
  definition: orderProducer,
  config: { users: 2 },
};

export const createConsumer = (
  variation?: Variation,
  codeHash = "a".repeat(64),
  config: unknown = { bonus: 0, password: "hunter2" },
): LoadedFunction => ({
  name: "total-consumer",
  codeHash,
  definition: createTotalConsumer(variation),
  config,
});

export const consumer = createConsumer();

export function order(offset: number, user: string, amount: unknown): Rec {
  const timestamp = 1_700_000_000_000 + offset * 1_000;
  return {
    offset: String(offset),
    timestamp,
    streamTimeMs: timestamp,
    key: user,
    headers: {},
    value: { user, amount },
  };
}

export const batchOf = (records: readonly Rec[], partition = 0): Batch => ({
  kind: "batch",
  topic: orders.name,
  partition,
  records,
  state: Object.assign(Object.create(null), Object.fromEntries(records.map(({ key }) => [key, null]))),
});

/** As the platform captures it: recorded, and gone through JSON. */
export function captured(fn: LoadedFunction, records: readonly Rec[], id = "1"): CapturedInvocation {
  const invocation = invoke(fn, { id, trigger: "kafka", input: batchOf(records), now: 1_700_000_000_000 });
  const raw = records.map(({ offset, value }) => ({
    offset,
    key: null,
    value: Buffer.from(JSON.stringify(value)).toString("base64"),
    headers: [],
  }));
  return JSON.parse(JSON.stringify({ ...invocation, raw })) as CapturedInvocation;
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ksp-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
