/** What the schema registry in use holds, for the API: asked each time, for another may have written to it. */
import type { SchemasView } from "./admin-view.ts";
import { type RegisteredSchema, type Registry, RegistryError } from "./registry-client.ts";
import { listSchemas } from "./schemas.ts";

/** The newest versions that are told of a subject: each costs a request. */
const MOST_VERSIONS = 50;

export function createSchemasView(registry: Registry): SchemasView {
  return {
    url: registry.url,
    async list() {
      return (await listSchemas(registry)).map(toVersion);
    },
    async subject(name) {
      const numbers = await versionsOf(registry, name);
      if (numbers === null) return null;
      const newest = numbers.toSorted((a, b) => b - a).slice(0, MOST_VERSIONS);
      const [compatibility, ...found] = await Promise.all([
        registry.compatibility(name),
        ...newest.map((version) => registry.version(name, version)),
      ]);
      return {
        subject: name,
        compatibility,
        count: numbers.length,
        // One that is deleted meanwhile is not there.
        versions: found
          .filter((one) => one !== null)
          .map((one) => ({ ...toVersion(one), schema: one.schema })),
      };
    },
  };
}

const toVersion = ({ subject, version, id, schemaType = "AVRO" }: RegisteredSchema) => ({
  subject,
  version,
  id,
  type: schemaType,
});

async function versionsOf(registry: Registry, subject: string): Promise<readonly number[] | null> {
  try {
    return await registry.versions(subject);
  } catch (error) {
    if (error instanceof RegistryError && error.code === 40401) return null;
    throw error;
  }
}
