/** /schemas: by their ids, whatever their subjects. */
import { Hono } from "hono";
import { idNotFound } from "../api-error.ts";
import { allSchemas, withId } from "../queries.ts";
import type { Registry } from "../registry.ts";
import { SCHEMA_TYPES } from "../schema-format.ts";
import { answer, answerText, toContent, toVersion } from "./answer.ts";
import { flag, idOf } from "./request.ts";

export function schemaRoutes(registry: Registry): Hono {
  const app = new Hono();
  const requireId = (id: number) => {
    const found = withId(registry.state(), id);
    if (!found[0]) throw idNotFound(id);
    return { first: found[0], all: found };
  };

  app.get("/", (c) => {
    const prefix = (c.req.query("subjectPrefix") ?? "").replace(/^:\*:/, "");
    const found = allSchemas(registry.state(), flag(c, "deleted")).filter(
      ({ subject }, i, all) =>
        subject.startsWith(prefix) && !(flag(c, "latestOnly") && all[i + 1]?.subject === subject),
    );
    const offset = Number(c.req.query("offset")) || 0;
    const limit = Number(c.req.query("limit") ?? -1);
    return answer(c, found.slice(offset, limit > 0 ? offset + limit : undefined).map(toVersion));
  });

  app.get("/types", (c) => answer(c, SCHEMA_TYPES));

  app.get("/ids/:id", (c) => {
    const { first } = requireId(idOf(c));
    const maxId = flag(c, "fetchMaxId") ? { maxId: registry.state().maxId } : {};
    return answer(c, { ...toContent(first), ...maxId });
  });

  app.get("/ids/:id/schema", (c) => answerText(c, requireId(idOf(c)).first.schema));

  app.get("/ids/:id/subjects", (c) => {
    const found = requireId(idOf(c)).all.filter(({ deleted }) => !deleted || flag(c, "deleted"));
    return answer(c, [...new Set(found.map(({ subject }) => subject))]);
  });

  app.get("/ids/:id/versions", (c) => {
    const found = requireId(idOf(c)).all.filter(({ deleted }) => !deleted || flag(c, "deleted"));
    return answer(
      c,
      found.map(({ subject, version }) => ({ subject, version })),
    );
  });

  return app;
}
