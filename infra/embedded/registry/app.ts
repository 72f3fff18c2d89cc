/** Confluent's REST API over a registry, as a value: testable with no port. */
import { Hono } from "hono";
import type { Logger } from "../broker/logger.ts";
import { ApiError } from "./api-error.ts";
import type { Registry } from "./registry.ts";
import { answer } from "./routes/answer.ts";
import { compatibilityRoutes } from "./routes/compatibility.ts";
import { schemaRoutes } from "./routes/schemas.ts";
import { configRoutes, modeRoutes } from "./routes/settings.ts";
import { subjectRoutes } from "./routes/subjects.ts";

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

export function createApp(registry: Registry, logger: Logger): Hono {
  const app = new Hono();
  // A page of another site that has its name point here is still another site.
  app.use(async (c, next) => {
    const host = c.req.header("host") ?? "";
    if (!LOOPBACK_HOST.test(host)) {
      throw new ApiError(
        403,
        `Expected a request to 127.0.0.1 or localhost, got Host ${JSON.stringify(host)}`,
      );
    }
    await next();
  });
  app.get("/", (c) => answer(c, {}));
  app.get("/health", (c) => {
    const reason = registry.trouble();
    return reason === null
      ? answer(c, { status: "healthy" })
      : answer(c, { status: "unhealthy", reason }, 503);
  });
  app.route("/subjects", subjectRoutes(registry));
  app.route("/schemas", schemaRoutes(registry));
  app.route("/config", configRoutes(registry));
  app.route("/mode", modeRoutes(registry));
  app.route("/compatibility", compatibilityRoutes(registry));
  app.notFound((c) => answer(c, { error_code: 404, message: "HTTP 404 Not Found" }, 404));
  app.onError((error, c) => {
    if (error instanceof ApiError) {
      return answer(c, { error_code: error.code, message: error.message }, error.status);
    }
    logger.error({ err: error, path: c.req.path }, "unexpected fault of the schema registry");
    return answer(c, { error_code: 50001, message: "Internal Server Error" }, 500);
  });
  return app;
}
