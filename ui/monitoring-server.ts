/** What Prometheus and supervisors ask, on a port of its own: for processes without the API, or beside it. */
import { Access, type AccessOptions, requireToken } from "./access/access.ts";
import type { Api, ApiDeps } from "./api/api.ts";
import { requireOwnRequest } from "./api/guard.ts";
import { addHealth, addProbes } from "./api/health.ts";
import { addMetrics } from "./api/metrics.ts";
import { createGuardedApp } from "./guarded-app.ts";
import { type Listener, type ListenerOptions, listen } from "./listener.ts";

const MAX_CONNECTIONS = 64;
const SETTINGS = { host: "HTTP_HOST", port: "METRICS_PORT" };

export interface MonitoringDeps extends Pick<ApiDeps, "view" | "metrics" | "log"> {
  readonly access: AccessOptions;
}

/** `/livez` and `/readyz` for everybody; `/health` and `/metrics` for those who may. */
export function createMonitoringApp({ view, metrics, log, access: options }: MonitoringDeps): Api {
  const access = new Access(options);
  const app = createGuardedApp(access, view, log);
  addProbes(app, view, access);
  app.use(requireOwnRequest, requireToken(access));
  addHealth(app, view);
  addMetrics(app, metrics);
  return app;
}

/** Rejects with an error that names METRICS_PORT and what to do when it cannot listen. */
export function startMonitoring(
  options: MonitoringDeps & Pick<ListenerOptions, "host" | "port" | "tls">,
): Promise<Listener> {
  const settings = { ...options, maxConnections: MAX_CONNECTIONS, settings: SETTINGS };
  return listen(createMonitoringApp(options), settings);
}
