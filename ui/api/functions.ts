/** Functions: what each declares, how it does, and a valid input to start from. */
import { createRoute, z } from "@hono/zod-openapi";
import type { CommandPort, FunctionView, ReadView } from "../../runtime/view.ts";
import type { Api } from "./api.ts";
import { nameParams, unknown } from "./parameters.ts";
import { problems } from "./problem.ts";
import { isoNow, isoTime, toIso } from "./time.ts";

const fn = z
  .object({
    name: z.string(),
    kind: z.enum(["producer", "consumer"]),
    description: z.string(),
    code_hash: z.string(),
    config: z.unknown(),
    topic: z.string().nullable(),
    group: z.string().nullable(),
    emits: z.array(z.string()),
    status: z.enum(["stopped", "starting", "running", "waiting", "failing"]),
    reason: z.string().nullable().openapi({ description: "Why it is waiting or failing" }),
    invocations: z.object({ ok: z.int(), error: z.int(), invalid: z.int() }),
    records_in: z.int(),
    records_out: z.int(),
    dead_letters: z.int(),
    retries: z.int(),
    impure: z.int().openapi({ description: "Times the shadow run under the purity guards found it impure" }),
    restarts: z.int(),
    rebalances: z.int(),
    last_invocation_at: isoTime.nullable(),
    last_error: z.string().nullable(),
    mean_duration_ms: z.number().nullable(),
    metrics: z.record(z.string(), z.number()),
    state: z.object({
      durability: z.literal("memory").openapi({ description: "Lost on restart and when a partition moves" }),
      keys: z.int(),
    }),
    assignment: z.array(z.int()),
    lag: z.int().nullable(),
  })
  .openapi("Function");

function toFunction(view: FunctionView): z.output<typeof fn> {
  return {
    name: view.name,
    kind: view.kind,
    description: view.description,
    code_hash: view.codeHash,
    config: view.config,
    topic: view.topic,
    group: view.group,
    emits: [...view.emits],
    status: view.status,
    reason: view.reason,
    invocations: view.invocations,
    records_in: view.recordsIn,
    records_out: view.recordsOut,
    dead_letters: view.deadLetters,
    retries: view.retries,
    impure: view.impure,
    restarts: view.restarts,
    rebalances: view.rebalances,
    last_invocation_at: toIso(view.lastInvocationAt),
    last_error: view.lastError,
    mean_duration_ms: view.meanDurationMs,
    metrics: view.metrics,
    state: view.state,
    assignment: [...view.assignment],
    lag: view.lag,
  };
}

const functionsRoute = createRoute({
  method: "get",
  path: "/api/functions",
  summary: "All functions and how they do",
  responses: {
    200: {
      description: "The functions",
      content: {
        "application/json": { schema: z.object({ functions: z.array(fn), timestamp: isoTime }) },
      },
    },
  },
});

const functionRoute = createRoute({
  method: "get",
  path: "/api/functions/{name}",
  summary: "One function",
  request: { params: nameParams },
  responses: {
    200: {
      description: "The function",
      content: { "application/json": { schema: fn.extend({ timestamp: isoTime }) } },
    },
    ...problems(404),
  },
});

const sampleRoute = createRoute({
  method: "get",
  path: "/api/functions/{name}/sample",
  summary: "A valid input to start from, as the function sees it (a Tick or a Batch)",
  request: { params: nameParams },
  responses: {
    200: { description: "The input", content: { "application/json": { schema: z.looseObject({}) } } },
    ...problems(404, 503),
  },
});

/** The function, or a 404. */
export function requireFunction(view: ReadView, name: string): FunctionView {
  const found = view.function(name);
  if (found === null)
    throw unknown(
      "function",
      name,
      view.functions().map((f) => f.name),
    );
  return found;
}

export function addFunctions(api: Api, view: ReadView, commands: CommandPort): void {
  api.openapi(functionsRoute, (c) =>
    c.json({ functions: view.functions().map(toFunction), timestamp: isoNow() }, 200),
  );
  api.openapi(functionRoute, (c) => {
    const found = requireFunction(view, c.req.valid("param").name);
    return c.json({ ...toFunction(found), timestamp: isoNow() }, 200);
  });
  api.openapi(sampleRoute, async (c) => {
    const { name } = requireFunction(view, c.req.valid("param").name);
    return c.json((await commands.sample(name)) as Record<string, unknown>, 200);
  });
}
