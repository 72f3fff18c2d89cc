/** The Kafka cluster: brokers, configuration, sizes of logs. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Api, ApiDeps } from "./api.ts";
import { requireKafka } from "./parameters.ts";
import { problems } from "./problem.ts";
import { isoNow, isoTime } from "./time.ts";
import { configEntry, toConfigEntry } from "./topic.ts";

const brokersRoute = createRoute({
  method: "get",
  path: "/api/brokers",
  summary: "The Kafka cluster",
  responses: {
    200: {
      description: "The cluster, as seen within the last seconds",
      content: {
        "application/json": {
          schema: z.object({
            cluster_id: z.string().nullable(),
            controller_id: z.int().nullable(),
            brokers: z.array(
              z.object({ id: z.int(), host: z.string(), port: z.int(), rack: z.string().nullable() }),
            ),
            config: z
              .array(configEntry)
              .openapi({ description: "Of the controller, or of the first broker where none is known" }),
            log_dirs: z.array(
              z.object({
                broker: z.int(),
                topic: z.string(),
                partition: z.int(),
                size_bytes: z.int(),
              }),
            ),
            log_dirs_problem: z
              .string()
              .nullable()
              .openapi({ description: "Why some sizes are not known, or null" }),
            timestamp: isoTime,
          }),
        },
      },
    },
    ...problems(503),
  },
});

export function addBrokers(api: Api, { view, admin }: ApiDeps): void {
  api.openapi(brokersRoute, async (c) => {
    requireKafka(view);
    const found = await admin.brokers();
    return c.json(
      {
        cluster_id: found.clusterId,
        controller_id: found.controllerId,
        brokers: [...found.brokers],
        config: found.config.map(toConfigEntry),
        log_dirs: found.logDirs.map(({ broker, topic, partition, sizeBytes }) => ({
          broker,
          topic,
          partition,
          size_bytes: sizeBytes,
        })),
        log_dirs_problem: found.logDirsTrouble,
        timestamp: isoNow(),
      },
      200,
    );
  });
}
