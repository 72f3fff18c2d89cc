/** /config and /mode, global and by subject. */
import { type Context, Hono } from "hono";
import { z } from "zod";
import { noSubjectConfig, noSubjectMode } from "../api-error.ts";
import { decideConfig, decideDeleteConfig, decideDeleteMode, decideMode } from "../decide-settings.ts";
import type { Registry } from "../registry.ts";
import { levelOf, modeOf, ownLevel, ownMode } from "../settings.ts";
import { answer } from "./answer.ts";
import { flag, readJson, subjectOf } from "./request.ts";

const configBody = z.strictObject({
  compatibility: z.string().nullish(),
  normalize: z.boolean().nullish(),
});
const modeBody = z.strictObject({ mode: z.string().nullish() });

/** Null: the registry as a whole. */
const scopeOf = (c: Context): string | null => (c.req.param("subject") === undefined ? null : subjectOf(c));

export function configRoutes(registry: Registry): Hono {
  const app = new Hono();
  app.on("GET", ["/", "/:subject"], (c) => {
    const [state, subject] = [registry.state(), scopeOf(c)];
    const own = state.configs.get(subject);
    if (subject !== null && !own && !flag(c, "defaultToGlobal")) throw noSubjectConfig(subject);
    const compatibilityLevel = own && subject !== null ? ownLevel(state, subject) : levelOf(state, subject);
    return answer(c, {
      ...(compatibilityLevel && { compatibilityLevel }),
      ...(own?.normalize != null && { normalize: own.normalize }),
    });
  });
  app.on("PUT", ["/", "/:subject"], async (c) => {
    const subject = scopeOf(c);
    const body = await readJson(c, configBody);
    return answer(c, await registry.write((state) => decideConfig(state, subject, body)));
  });
  app.on("DELETE", ["/", "/:subject"], async (c) => {
    const subject = scopeOf(c);
    return answer(c, await registry.write((state) => decideDeleteConfig(state, subject)));
  });
  return app;
}

export function modeRoutes(registry: Registry): Hono {
  const app = new Hono();
  app.on("GET", ["/", "/:subject"], (c) => {
    const [state, subject] = [registry.state(), scopeOf(c)];
    const own = ownMode(state, subject);
    if (subject !== null && own === null && !flag(c, "defaultToGlobal")) throw noSubjectMode(subject);
    return answer(c, { mode: own ?? modeOf(state, subject) });
  });
  app.on("PUT", ["/", "/:subject"], async (c) => {
    const [subject, force] = [scopeOf(c), flag(c, "force")];
    const { mode } = await readJson(c, modeBody);
    return answer(c, await registry.write((state) => decideMode(state, subject, mode, force)));
  });
  app.on("DELETE", ["/", "/:subject"], async (c) => {
    const subject = scopeOf(c);
    return answer(c, await registry.write((state) => decideDeleteMode(state, subject)));
  });
  return app;
}
