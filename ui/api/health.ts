/** Whether the platform works: `/health` by dependency, `/livez` and `/readyz` for supervisors. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ReadView } from "../../runtime/view.ts";
import type { Access } from "../access/access.ts";
import type { Api } from "./api.ts";
import { isoNow, isoTime } from "./time.ts";

const status = z.enum(["healthy", "unhealthy"]);
const check = z.object({ status, reason: z.string().optional() }).openapi("Check");
const health = z
  .object({ status, timestamp: isoTime, checks: z.record(z.string(), check) })
  .openapi("Health");

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

const healthRoute = createRoute({
  method: "get",
  path: "/health",
  summary: "Health of each dependency and function",
  responses: { 200: json(health, "Healthy"), 503: json(health, "Unhealthy; `checks` say why") },
});

const livezRoute = createRoute({
  method: "get",
  path: "/livez",
  summary: "The process answers",
  responses: { 200: json(z.object({ status: z.literal("healthy") }), "It does") },
});

const readyzRoute = createRoute({
  method: "get",
  path: "/readyz",
  summary: "Kafka answers",
  responses: { 200: json(check, "It does"), 503: json(check, "It does not; `reason` says why") },
});

/** For supervisors, which have no token. Where others need one, probes tell no more than whether. */
export function addProbes(api: Api, view: Pick<ReadView, "ready">, access: Access): void {
  api.openapi(livezRoute, (c) => c.json({ status: "healthy" as const }, 200));
  api.openapi(readyzRoute, (c) => {
    const kafka = view.ready();
    return c.json(
      access.needsToken ? { status: kafka.status } : kafka,
      kafka.status === "healthy" ? 200 : 503,
    );
  });
}

export function addHealth(api: Api, view: Pick<ReadView, "health">): void {
  api.openapi(healthRoute, (c) => {
    const { status, checks } = view.health();
    return c.json({ status, timestamp: isoNow(), checks }, status === "healthy" ? 200 : 503);
  });
}
