/** /subjects: what is registered under which name. */
import { Hono } from "hono";
import { decideDeleteSubject, decideDeleteVersion } from "../delete.ts";
import { parseVersion, referrersOf, requireVersion, requireVersions, versionsOf } from "../queries.ts";
import { decideRegister, lookup } from "../register.ts";
import type { Registry } from "../registry.ts";
import { answer, answerText, toVersion } from "./answer.ts";
import { flag, readSchema, subjectOf } from "./request.ts";

/** Confluent's word for the subjects of all contexts. */
const ALL_CONTEXTS = ":*:";

export function subjectRoutes(registry: Registry): Hono {
  const app = new Hono();

  app.get("/", (c) => {
    const state = registry.state();
    const given = c.req.query("subjectPrefix") ?? "";
    const prefix = given.startsWith(ALL_CONTEXTS) ? given.slice(ALL_CONTEXTS.length) : given;
    const deletedOnly = flag(c, "deletedOnly");
    const subjects = [...state.subjects.keys()].filter((subject) => {
      if (!subject.startsWith(prefix)) return false;
      const isActive = versionsOf(state, subject).length > 0;
      return deletedOnly ? !isActive : isActive || flag(c, "deleted");
    });
    return answer(c, subjects.sort());
  });

  app.post("/:subject", async (c) => {
    const request = await readSchema(c);
    const options = { normalize: flag(c, "normalize"), deleted: flag(c, "deleted") };
    return answer(c, toVersion(lookup(registry.state(), subjectOf(c), request, options)));
  });

  app.delete("/:subject", async (c) => {
    const [subject, permanent] = [subjectOf(c), flag(c, "permanent")];
    return answer(c, await registry.write((state) => decideDeleteSubject(state, subject, permanent)));
  });

  app.get("/:subject/versions", (c) => {
    const deletedOnly = flag(c, "deletedOnly");
    const versions = requireVersions(registry.state(), subjectOf(c), deletedOnly || flag(c, "deleted"));
    return answer(
      c,
      versions.filter(({ deleted }) => deleted || !deletedOnly).map(({ version }) => version),
    );
  });

  app.post("/:subject/versions", async (c) => {
    const [subject, normalize] = [subjectOf(c), flag(c, "normalize")];
    const request = await readSchema(c);
    return answer(c, await registry.write((state) => decideRegister(state, subject, request, normalize)));
  });

  app.get("/:subject/versions/:version", (c) => {
    const version = parseVersion(c.req.param("version"));
    return answer(c, toVersion(requireVersion(registry.state(), subjectOf(c), version, flag(c, "deleted"))));
  });

  app.get("/:subject/versions/:version/schema", (c) => {
    const version = parseVersion(c.req.param("version"));
    return answerText(c, requireVersion(registry.state(), subjectOf(c), version, flag(c, "deleted")).schema);
  });

  app.get("/:subject/versions/:version/referencedby", (c) => {
    const state = registry.state();
    const found = requireVersion(state, subjectOf(c), parseVersion(c.req.param("version")), true);
    const ids = referrersOf(state, found.subject, found.version).map(({ id }) => id);
    return answer(
      c,
      [...new Set(ids)].sort((a, b) => a - b),
    );
  });

  app.delete("/:subject/versions/:version", async (c) => {
    const [subject, permanent] = [subjectOf(c), flag(c, "permanent")];
    const version = parseVersion(c.req.param("version"));
    return answer(
      c,
      await registry.write((state) => decideDeleteVersion(state, subject, version, permanent)),
    );
  });

  return app;
}
