/** The HTTP API and the page as a value: `app.request()` tests it without a port. */
import { methodNotAllowed } from "hono/method-not-allowed";
import { Access, requireToken } from "./access/access.ts";
import { addAbout } from "./api/about.ts";
import type { Api, ApiDeps } from "./api/api.ts";
import { addBrokers } from "./api/brokers.ts";
import { addBrowse } from "./api/browse.ts";
import { addDownload } from "./api/download.ts";
import { addFunctions } from "./api/functions.ts";
import { addGroups } from "./api/groups.ts";
import { refuseWrites, requireOwnRequest } from "./api/guard.ts";
import { addHealth, addProbes } from "./api/health.ts";
import { addInvocations } from "./api/invocations.ts";
import { addLatest } from "./api/latest.ts";
import { addMetrics } from "./api/metrics.ts";
import { Problem, problemResponse } from "./api/problem.ts";
import { addProduce } from "./api/produce.ts";
import { addReplay } from "./api/replay.ts";
import { addReset } from "./api/reset.ts";
import { addSchemas } from "./api/schemas.ts";
import { addSearch } from "./api/search.ts";
import { addSession } from "./api/session.ts";
import { addStream } from "./api/stream.ts";
import { addTopic } from "./api/topic.ts";
import { addTopics } from "./api/topics.ts";
import { createGuardedApp } from "./guarded-app.ts";
import { addWeb } from "./static.ts";

export function createApp(deps: ApiDeps): Api {
  const { view, commands, about, log, webRoot } = deps;
  const access = new Access(deps.access);
  const app = createGuardedApp(access, view, log);

  // For everybody: what a page needs to ask for the token, and what supervisors ask.
  addProbes(app, view, access);
  addWeb(app, webRoot);
  app.use(requireOwnRequest);
  addSession(app, access);

  // For those alone who may: whatever is added from here on.
  app.use(requireToken(access), refuseWrites(about.readOnly));
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
  addSchemas(app, deps);
  addProduce(app, deps);
  addReset(app, deps);
  addReplay(app, deps);
  addBrokers(app, deps);
  addAbout(app, deps);
  addMetrics(app, deps.metrics);
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Kafka streaming platform",
      version: about.version,
      description: "Offsets are decimal strings, times ISO 8601. Errors are RFC 9457 problems.",
    },
  });
  return app;
}
