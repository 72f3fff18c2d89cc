/** Moves a consumer group to other offsets. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ResetResult, ResetTarget } from "../../runtime/admin-view.ts";
import type { Api, ApiDeps } from "./api.ts";
import { bodyOf, checkBody, readJson } from "./body.ts";
import { requestedBy } from "./guard.ts";
import { offsetText, requireTopic, unknown } from "./parameters.ts";
import { Problem, problems, shown } from "./problem.ts";
import { instant } from "./time.ts";

const to = z.union(
  [
    z.enum(["earliest", "latest"]),
    z.strictObject({ offset: offsetText }),
    z.strictObject({ timestamp: instant }),
  ],
  {
    error: (i) =>
      `expected "earliest", "latest", {"offset": "42"} or {"timestamp": "2026-01-01T00:00:00Z"}, got ${shown(i.input)}`,
  },
);

const reset = z.strictObject({
  topic: z.string(),
  partitions: z.array(z.int().nonnegative()).min(1).optional().describe("Left out: all"),
  to: to.describe("A timestamp means the first record at or after it, or the end where there is none"),
  dry_run: z.boolean().default(false).describe("Only say what would be done"),
});

const resetRoute = createRoute({
  method: "post",
  path: "/api/groups/{id}/reset",
  summary: "Moves a group without members to other offsets of a topic",
  request: {
    params: z.object({
      id: z.string().openapi({ param: { name: "id", in: "path" }, example: "analytics-group" }),
    }),
    headers: requestedBy,
    body: bodyOf(reset, "Where to"),
  },
  responses: {
    200: {
      description: "What was done, or with dry_run what would be",
      content: {
        "application/json": {
          schema: z.object({
            dry_run: z.boolean(),
            partitions: z.array(
              z.object({
                partition: z.int(),
                from: z.string().nullable().openapi({ description: "Null: nothing committed yet" }),
                to: z.string(),
                end_offset: z.string(),
                lag_after: z.int(),
              }),
            ),
          }),
        },
      },
    },
    ...problems(400, 403, 404, 409, 413, 415, 422, 503),
  },
});

export function addReset(api: Api, { view, admin }: ApiDeps): void {
  api.openapi(resetRoute, async (c) => {
    const { id: group } = c.req.valid("param");
    const { topic, partitions, to, dry_run } = checkBody(reset, await readJson(c.req.raw));
    requireTopic(view, topic);
    const result = await admin.resetOffsets({
      group,
      topic,
      to: toTarget(to),
      dryRun: dry_run,
      ...(partitions && { partitions }),
    });
    if (result.kind === "unknown_group") {
      throw unknown(
        "group",
        group,
        (await view.groups()).map((g) => g.id),
      );
    }
    if (result.kind !== "reset") throw toProblem(group, result);
    return c.json(
      {
        dry_run,
        partitions: result.partitions.map((p) => ({
          partition: p.partition,
          from: p.from,
          to: p.to,
          end_offset: p.endOffset,
          lag_after: p.lagAfter,
        })),
      },
      200,
    );
  });
}

function toTarget(given: z.output<typeof to>): ResetTarget {
  if (typeof given === "string") return { kind: given };
  return "offset" in given ? { kind: "offset", ...given } : { kind: "timestamp", ...given };
}

function toProblem(
  group: string,
  result: Extract<ResetResult, { kind: "has_members" | "refused" }>,
): Problem {
  if (result.kind === "refused") {
    return new Problem(422, result.reasons.join("; "), {
      errors: result.reasons.map((detail) => ({ detail })),
    });
  }
  const { members, state } = result;
  const names = members.length > 0 ? `: ${members.join(", ")}` : "";
  return new Problem(
    409,
    `Expected the group ${group} to have no members, got ${members.length} (${state})${names}. Stop them and reset it then`,
  );
}
