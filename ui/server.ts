/** The API and the page on a port. */
import type { ApiDeps } from "./api/api.ts";
import { MAX_STREAMS } from "./api/stream.ts";
import { createApp } from "./app.ts";
import { type Listener, type ListenerOptions, listen } from "./listener.ts";

/** Beside the streams. */
const MAX_REQUESTS = 256;
const SETTINGS = { host: "HTTP_HOST", port: "HTTP_PORT" };

export interface ServerOptions
  extends Omit<ApiDeps, "stopping">,
    Omit<ListenerOptions, "log" | "settings" | "maxConnections"> {}

/** Listens. Stopping ends streams first. Rejects with an error that names the port and what to do when it cannot. */
export async function startServer(options: ServerOptions): Promise<Listener> {
  const stopping = new AbortController();
  const app = createApp({ ...options, stopping: stopping.signal });
  const maxConnections = MAX_STREAMS + MAX_REQUESTS;
  const listener = await listen(app, { ...options, maxConnections, settings: SETTINGS });
  return {
    ...listener,
    stop() {
      stopping.abort();
      return listener.stop();
    },
  };
}
