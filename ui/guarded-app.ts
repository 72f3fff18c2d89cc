/** What every app that we serve begins with: ids, headers, errors as problems, and the check of who it is called. */
import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { secureHeaders } from "hono/secure-headers";
import type { ReadView } from "../runtime/view.ts";
import type { Access } from "./access/access.ts";
import type { Api, ApiEnv, ApiLog } from "./api/api.ts";
import { requireHost } from "./api/guard.ts";
import { rejectParameters } from "./api/parameters.ts";
import { routeNotFound, toErrorResponse } from "./api/problem.ts";

/** Routes that need the token go behind `app.use(requireToken(access))`. */
export function createGuardedApp(access: Access, view: Pick<ReadView, "ready">, log: ApiLog): Api {
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
      // It holds for every port of a name: a promise of HTTPS would lock other servers on this machine out.
      strictTransportSecurity: false,
    }),
  );
  app.use(async (c, next) => {
    await next();
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
  });
  app.use(requireHost(access));
  return app;
}
