/** Consumer groups: who is in them and how far behind they are. */
import { createRoute, z } from "@hono/zod-openapi";
import type { LagPoint } from "../../runtime/stream-view.ts";
import type { GroupView, ReadView } from "../../runtime/view.ts";
import type { Api } from "./api.ts";
import { requireKafka, unknown } from "./parameters.ts";
import { problems } from "./problem.ts";
import { isoNow, isoTime, toIso } from "./time.ts";

const lagSeconds = z.number().nullable().openapi({
  description: "Age of the oldest record that is not committed; null where it is not known",
});

const group = z
  .object({
    id: z.string(),
    state: z.string(),
    protocol: z.string(),
    lag: z.int().openapi({ description: "Over all partitions" }),
    lag_seconds: lagSeconds,
    members: z.array(
      z.object({
        id: z.string(),
        client_id: z.string(),
        host: z.string(),
        assignment: z.array(z.object({ topic: z.string(), partitions: z.array(z.int()) })),
      }),
    ),
    partitions: z.array(
      z.object({
        topic: z.string(),
        partition: z.int(),
        committed_offset: z.string().nullable().openapi({ description: "Null: nothing committed yet" }),
        end_offset: z.string(),
        lag: z.int(),
        lag_seconds: lagSeconds,
        member_id: z.string().nullable(),
      }),
    ),
  })
  .openapi("Group");

function toGroup(view: GroupView): z.output<typeof group> {
  return {
    id: view.id,
    state: view.state,
    protocol: view.protocol,
    lag: view.lag,
    lag_seconds: view.lagSeconds,
    members: view.members.map((m) => ({
      id: m.id,
      client_id: m.clientId,
      host: m.host,
      assignment: m.assignment.map((a) => ({ topic: a.topic, partitions: [...a.partitions] })),
    })),
    partitions: view.partitions.map((p) => ({
      topic: p.topic,
      partition: p.partition,
      committed_offset: p.committedOffset,
      end_offset: p.endOffset,
      lag: p.lag,
      lag_seconds: p.lagSeconds,
      member_id: p.memberId,
    })),
  };
}

const groupsRoute = createRoute({
  method: "get",
  path: "/api/groups",
  summary: "All consumer groups",
  responses: {
    200: {
      description: "The groups",
      content: { "application/json": { schema: z.object({ groups: z.array(group), timestamp: isoTime }) } },
    },
    ...problems(503),
  },
});

const groupRoute = createRoute({
  method: "get",
  path: "/api/groups/{id}",
  summary: "One consumer group: state, members, lag of each partition",
  request: {
    params: z.object({
      id: z.string().openapi({ param: { name: "id", in: "path" }, example: "analytics-group" }),
    }),
  },
  responses: {
    200: {
      description: "The group",
      content: { "application/json": { schema: group.extend({ timestamp: isoTime }) } },
    },
    ...problems(404, 503),
  },
});

const lagRoute = createRoute({
  method: "get",
  path: "/api/groups/{id}/lag",
  summary: "How far behind a consumer group was over the last 15 minutes, oldest first",
  request: { params: groupRoute.request.params },
  responses: {
    200: {
      description: "The lag at each time that it was measured: every 2 s or so",
      content: {
        "application/json": {
          schema: z.object({
            group: z.string(),
            points: z.array(
              z.object({
                timestamp: isoTime.nullable(),
                lag: z.int(),
                lag_seconds: lagSeconds,
                partitions: z.array(z.object({ topic: z.string(), partition: z.int(), lag: z.int() })),
              }),
            ),
            timestamp: isoTime,
          }),
        },
      },
    },
    ...problems(404, 503),
  },
});

const groupIds = (groups: readonly GroupView[]): string[] => groups.map((g) => g.id);

export function addGroups(api: Api, view: ReadView): void {
  api.openapi(groupsRoute, async (c) =>
    c.json({ groups: (await view.groups()).map(toGroup), timestamp: isoNow() }, 200),
  );
  api.openapi(groupRoute, async (c) => {
    const { id } = c.req.valid("param");
    const found = await view.group(id);
    if (found === null) {
      requireKafka(view);
      throw unknown("group", id, groupIds(await view.groups()));
    }
    return c.json({ ...toGroup(found), timestamp: isoNow() }, 200);
  });
  api.openapi(lagRoute, (c) => {
    const { id } = c.req.valid("param");
    const points = view.stream.lagHistory(id);
    if (points === null) {
      requireKafka(view);
      throw unknown("group", id, groupIds(view.stream.lag() ?? []));
    }
    const toPoint = (point: LagPoint) => ({
      timestamp: toIso(point.timestamp),
      lag: point.lag,
      lag_seconds: point.lagSeconds,
      partitions: [...point.partitions],
    });
    return c.json({ group: id, points: points.map(toPoint), timestamp: isoNow() }, 200);
  });
}
