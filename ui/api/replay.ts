/** Runs a function again on what it was given, and says what is different. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ReplayRequest } from "../../runtime/admin-view.ts";
import type { Api, ApiDeps } from "./api.ts";
import { bodyOf, checkBody, readJson } from "./body.ts";
import { requireFunction } from "./functions.ts";
import { requestedBy } from "./guard.ts";
import { invocation } from "./invocations.ts";
import { nameParams, offsetText } from "./parameters.ts";
import { Problem, problems, shown } from "./problem.ts";

const some = (what: z.ZodType) => z.array(what).min(1).max(1_000);

const request = z.union(
  [
    z.strictObject({ invocations: some(z.unknown()) }),
    z.strictObject({ ids: z.array(z.string()).min(1).max(1_000) }),
    z.strictObject({
      topic: z.string(),
      partition: z.int().nonnegative(),
      offset: offsetText,
    }),
  ],
  {
    error: (i) =>
      `expected {"invocations": [1–1000 captured ones]}, {"ids": [1–1000 of the last invocations]} or ` +
      `{"topic": "…", "partition": 0, "offset": "42"}, got ${shown(i.input)}`,
  },
);

const replayRoute = createRoute({
  method: "post",
  path: "/api/functions/{name}/replay",
  summary: "Replays invocations and compares, or runs one record through. Nothing is sent, no state is kept",
  request: { params: nameParams, headers: requestedBy, body: bodyOf(request, "What to replay") },
  responses: {
    200: {
      description: "One result for each, in order",
      content: {
        "application/json": {
          schema: z.object({
            results: z.array(
              z.object({
                id: z.string(),
                same: z.boolean().nullable().openapi({ description: "Null for a record" }),
                diff: z.looseObject({}).nullable().openapi({ description: "Null for a record" }),
                code_changed: z
                  .boolean()
                  .nullable()
                  .openapi({ description: "Whether the code is not what it was; null for a record" }),
                invocation,
              }),
            ),
          }),
        },
      },
    },
    ...problems(400, 403, 404, 413, 415, 422, 503),
  },
});

export function addReplay(api: Api, { view, admin }: ApiDeps): void {
  api.openapi(replayRoute, async (c) => {
    const { name } = requireFunction(view, c.req.valid("param").name);
    const asked = toRequest(checkBody(request, await readJson(c.req.raw)));
    const result = await admin.replay(name, asked, view.invocations(name));
    if (result.kind === "not_found") throw new Problem(404, result.reason);
    if (result.kind === "refused") throw new Problem(422, result.reason);
    const results = result.results.map(({ codeChanged, ...one }) => ({ ...one, code_changed: codeChanged }));
    // Invocations and diffs keep the names that a capture has, so they are what no schema here says in full.
    return c.json({ results }, 200) as never;
  });
}

function toRequest(body: z.output<typeof request>): ReplayRequest {
  if ("invocations" in body) return { kind: "invocations", ...body };
  return "ids" in body ? { kind: "ids", ...body } : { kind: "record", ...body };
}
