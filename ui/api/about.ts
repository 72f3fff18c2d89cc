/** What this platform is: its version and mode, and its topics for other tools. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Api, ApiDeps } from "./api.ts";
import { isoTime } from "./time.ts";

const configRoute = createRoute({
  method: "get",
  path: "/api/config",
  summary: "Version and mode of this platform",
  responses: {
    200: {
      description: "The version and the mode",
      content: {
        "application/json": {
          schema: z.object({
            version: z.string(),
            read_only: z
              .boolean()
              .openapi({ description: "Requests that write or run something are refused" }),
            started_at: isoTime,
            embedded: z.boolean().openapi({ description: "Whether the platform brought its own broker" }),
            needs_token: z.boolean().openapi({ description: "Whether who calls has to show a token" }),
          }),
        },
      },
    },
  },
});

const asyncApiRoute = createRoute({
  method: "get",
  path: "/asyncapi.json",
  summary: "The topics that have a definition, as an AsyncAPI 3.0.0 document",
  responses: {
    200: { description: "The document", content: { "application/json": { schema: z.looseObject({}) } } },
  },
});

export function addAbout(api: Api, { about, access, admin }: ApiDeps): void {
  api.openapi(configRoute, (c) =>
    c.json(
      {
        version: about.version,
        read_only: about.readOnly,
        started_at: new Date(about.startedAt).toISOString(),
        embedded: about.embedded,
        needs_token: access.token !== null,
      },
      200,
    ),
  );
  api.openapi(asyncApiRoute, (c) => c.json(admin.asyncApi(), 200));
}
