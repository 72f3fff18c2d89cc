/** Consumer groups: who is in them and how far behind they are. */
import { createRoute, z } from "@hono/zod-openapi";
import type { GroupView, ReadView } from "../../runtime/view.ts";
import type { Api } from "./api.ts";
import { requireKafka, unknown } from "./parameters.ts";
import { problems } from "./problem.ts";
import { isoNow, isoTime } from "./time.ts";

const group = z
  .object({
    id: z.string(),
    state: z.string(),
    protocol: z.string(),
    lag: z.int().openapi({ description: "Over all partitions" }),
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

export function addGroups(api: Api, view: ReadView): void {
  api.openapi(groupsRoute, async (c) =>
    c.json({ groups: (await view.groups()).map(toGroup), timestamp: isoNow() }, 200),
  );
  api.openapi(groupRoute, async (c) => {
    const { id } = c.req.valid("param");
    const found = await view.group(id);
    if (found === null) {
      requireKafka(view);
      throw unknown(
        "group",
        id,
        (await view.groups()).map((g) => g.id),
      );
    }
    return c.json({ ...toGroup(found), timestamp: isoNow() }, 200);
  });
}
