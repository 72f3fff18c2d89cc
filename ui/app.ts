/** The HTTP API and the page as a value: `app.request()` tests it without a port. */
import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import { addAbout } from "./api/about.ts";
import type { Api, ApiDeps, ApiEnv } from "./api/api.ts";
import { addBrokers } from "./api/brokers.ts";
import { addBrowse } from "./api/browse.ts";
import { addDownload } from "./api/download.ts";
import { addFunctions } from "./api/functions.ts";
import { addGroups } from "./api/groups.ts";
import { refuseWrites, requireLoopbackHost, requireOwnRequest } from "./api/guard.ts";
import { addHealth } from "./api/health.ts";
import { addInvocations } from "./api/invocations.ts";
import { addLatest } from "./api/latest.ts";
import { rejectParameters } from "./api/parameters.ts";
import { Problem, problemResponse, toErrorResponse } from "./api/problem.ts";
import { addProduce } from "./api/produce.ts";
import { addReplay } from "./api/replay.ts";
import { addReset } from "./api/reset.ts";
import { addSearch } from "./api/search.ts";
import { addStream } from "./api/stream.ts";
import { addTopic } from "./api/topic.ts";
import { addTopics } from "./api/topics.ts";
import { addWeb } from "./static.ts";

export function createApp(deps: ApiDeps): Api {
  const { view, commands, about, log, webRoot } = deps;
  const app: Api = new OpenAPIHono<ApiEnv>({ defaultHook: rejectParameters });
  app.onError(toErrorResponse(view, log));

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
  app.use(requireLoopbackHost, requireOwnRequest, refuseWrites(about.readOnly));
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
  addBrowse(app, view);
  addSearch(app, deps);
  addDownload(app, deps);
  addLatest(app, view);
  addGroups(app, view);
  addFunctions(app, view, commands);
  addInvocations(app, deps);
  addStream(app, deps);
  addTopic(app, deps);
  addProduce(app, deps);
  addReset(app, deps);
  addReplay(app, deps);
  addBrokers(app, deps);
  addAbout(app, deps);
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Kafka streaming platform",
      version: about.version,
      description: "Offsets are decimal strings, times ISO 8601. Errors are RFC 9457 problems.",
    },
  });
  addWeb(app, webRoot);
  return app;
}
