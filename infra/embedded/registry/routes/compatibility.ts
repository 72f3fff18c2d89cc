/** /compatibility: would this schema be taken? */
import { Hono } from "hono";
import { versionNotFound } from "../api-error.ts";
import { problemsWith } from "../compatibility.ts";
import { findVersion, parseVersion, requireVersions, versionsOf } from "../queries.ts";
import { parseRequest, type SchemaRequest } from "../register.ts";
import type { Registry } from "../registry.ts";
import { levelOf } from "../settings.ts";
import type { StoredSchema } from "../stored-records.ts";
import { answer } from "./answer.ts";
import { flag, readSchema, subjectOf } from "./request.ts";

export function compatibilityRoutes(registry: Registry): Hono {
  const app = new Hono();
  const check = (
    subject: string,
    request: SchemaRequest,
    before: readonly StoredSchema[],
    options: { readonly normalize: boolean; readonly verbose: boolean },
  ): object => {
    const state = registry.state();
    const parsed = parseRequest(state, subject, request, options.normalize);
    const messages = problemsWith(state, parsed, before, levelOf(state, subject));
    return { is_compatible: messages.length === 0, ...(options.verbose && { messages }) };
  };

  app.post("/subjects/:subject/versions", async (c) => {
    const subject = subjectOf(c);
    const request = await readSchema(c);
    const before = versionsOf(registry.state(), subject);
    return answer(
      c,
      check(subject, request, before, { normalize: flag(c, "normalize"), verbose: flag(c, "verbose") }),
    );
  });

  // A subject without versions takes anything as its latest.
  app.post("/subjects/:subject/versions/:version", async (c) => {
    const subject = subjectOf(c);
    const version = parseVersion(c.req.param("version"));
    const request = await readSchema(c);
    if (version !== "latest") requireVersions(registry.state(), subject);
    const found = findVersion(registry.state(), subject, version);
    if (!found && version !== "latest") throw versionNotFound(version);
    const before = found ? [found] : [];
    return answer(
      c,
      check(subject, request, before, { normalize: flag(c, "normalize"), verbose: flag(c, "verbose") }),
    );
  });

  return app;
}
