/** What is registered in the schema registry in use: subjects, and the versions of one. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Api, ApiDeps } from "./api.ts";
import { Problem, problems, shown } from "./problem.ts";
import { isoNow, isoTime } from "./time.ts";

const version = z
  .object({
    subject: z.string(),
    version: z.int(),
    id: z.int(),
    type: z.string().openapi({ description: "AVRO, JSON or PROTOBUF" }),
  })
  .openapi("SchemaVersion");

const subjectParams = z.object({
  subject: z
    .string()
    .min(1)
    .max(1_000)
    .openapi({ param: { name: "subject", in: "path" }, example: "user-events-value" }),
});

const listRoute = createRoute({
  method: "get",
  path: "/api/schemas",
  summary: "Subjects of the schema registry in use, with their newest versions",
  responses: {
    200: {
      description: "Where no registry is in use, `registry` is null",
      content: {
        "application/json": {
          schema: z.object({
            registry: z.string().nullable().openapi({ description: "Its URL" }),
            subjects: z.array(version),
            timestamp: isoTime,
          }),
        },
      },
    },
    ...problems(503),
  },
});

const subjectRoute = createRoute({
  method: "get",
  path: "/api/schemas/{subject}",
  summary: "The versions of a subject",
  request: { params: subjectParams },
  responses: {
    200: {
      description: "Newest first, fifty at most",
      content: {
        "application/json": {
          schema: z.object({
            subject: z.string(),
            compatibility: z
              .string()
              .nullable()
              .openapi({ description: "BACKWARD, FULL, …: what a next version must be" }),
            count: z.int().openapi({ description: "How many versions there are" }),
            versions: z.array(version.extend({ schema: z.string() })),
            timestamp: isoTime,
          }),
        },
      },
    },
    ...problems(400, 404, 503),
  },
});

export function addSchemas(api: Api, { admin }: Pick<ApiDeps, "admin">): void {
  api.openapi(listRoute, async (c) => {
    const subjects = admin.schemas === null ? [] : await asked(admin.schemas.list());
    return c.json(
      { registry: admin.schemas?.url ?? null, subjects: [...subjects], timestamp: isoNow() },
      200,
    );
  });
  api.openapi(subjectRoute, async (c) => {
    const { subject } = c.req.valid("param");
    if (admin.schemas === null) throw new Problem(404, "Expected a schema registry to be in use; got none");
    const found = await asked(admin.schemas.subject(subject));
    if (found === null) {
      throw new Problem(404, `Expected a subject of the schema registry; got ${shown(subject)}`);
    }
    return c.json({ ...found, versions: [...found.versions], timestamp: isoNow() }, 200);
  });
}

/** By the names of the errors: the client of registries is not the API's to import. */
const OF_THE_REGISTRY = ["RegistryError", "NoRegistryError"];

/** The registry's own words where it does not answer. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && OF_THE_REGISTRY.includes(error.name)) throw new Problem(503, error.message);
    throw error;
  }
}
