/** The HTTP API and the page as a value: `app.request()` tests it without a port. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { OpenAPIHono } from "@hono/zod-openapi";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import type { Api, ApiDeps, ApiEnv } from "./api/api.ts";
import { addFunctions } from "./api/functions.ts";
import { addGroups } from "./api/groups.ts";
import { requireLoopbackHost, requireOwnRequest } from "./api/guard.ts";
import { addHealth } from "./api/health.ts";
import { addInvocations } from "./api/invocations.ts";
import { rejectParameters } from "./api/parameters.ts";
import { Problem, problemResponse, routeNotFound, toErrorResponse } from "./api/problem.ts";
import { addRecords } from "./api/records.ts";
import { addTopics } from "./api/topics.ts";

/** The files of the page: `index.html` is `/`. */
const PAGE = [
  "index.html",
  "style.css",
  "icon.svg",
  ...["app", "api", "dom", "functions", "records", "topics"].map((module) => `${module}.js`),
];

export function createApp(deps: ApiDeps): Api {
  const { view, commands, log, webRoot } = deps;
  const app: Api = new OpenAPIHono<ApiEnv>({ defaultHook: rejectParameters });
  app.onError(toErrorResponse(view, log));
  app.notFound(routeNotFound);

  app.use(async (c, next) => {
    c.set("requestId", randomUUID());
    await next();
    c.res.headers.set("X-Request-Id", c.get("requestId"));
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
      xFrameOptions: "DENY",
      // Plain HTTP on the loopback: a promise of HTTPS would lock other local servers out.
      strictTransportSecurity: false,
    }),
  );
  app.use(async (c, next) => {
    await next();
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
  });
  app.use(requireLoopbackHost, requireOwnRequest);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const Allow = methods.join(", ");
        return problemResponse(
          c,
          new Problem(405, `Expected ${Allow}, got ${c.req.method}`, { headers: { Allow } }),
        );
      },
    }),
  );

  addHealth(app, view);
  addTopics(app, view);
  addRecords(app, view);
  addGroups(app, view);
  addFunctions(app, view, commands);
  addInvocations(app, deps);
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Kafka streaming platform",
      version: "0.1.0",
      description: "Offsets are decimal strings, times ISO 8601. Errors are RFC 9457 problems.",
    },
  });
  for (const file of PAGE) {
    const path = file === "index.html" ? "/" : `/${file}`;
    app.get(path, serveStatic({ path: join(webRoot, file) }));
  }
  return app;
}
