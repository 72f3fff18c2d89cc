/** `GET /metrics`: the platform's metrics for Prometheus. */
import { createRoute, z } from "@hono/zod-openapi";
import type { MetricsPort } from "../../runtime/metrics/metrics-view.ts";
import type { Api } from "./api.ts";

const metricsRoute = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Metrics of topics, groups, functions and this process, in Prometheus's text format",
  responses: {
    200: { description: "The metrics", content: { "text/plain": { schema: z.string() } } },
  },
});

export function addMetrics(api: Api, metrics: MetricsPort): void {
  api.openapi(metricsRoute, async (c) => {
    const { contentType, text } = await metrics.scrape();
    return c.body(text, 200, { "Content-Type": contentType }) as never;
  });
}
