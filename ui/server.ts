/** The app on a loopback port. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { ApiDeps } from "./api/api.ts";
import { MAX_STREAMS } from "./api/stream.ts";
import { createApp } from "./app.ts";

const HOST = "127.0.0.1";
/** Beside the streams. */
const MAX_REQUESTS = 256;
/** How long requests in flight may take to finish once the server stops, ms. */
const GRACE_MS = 2_000;

export interface ServerOptions extends Omit<ApiDeps, "stopping"> {
  /** 0 takes a free one. */
  readonly port: number;
  /** How long a client may take to send its headers, ms. Default 10 s. */
  readonly headersTimeoutMs?: number;
}

export interface ApiServer {
  readonly port: number;
  readonly url: string;
  /** Ends streams, lets requests finish for 2 s, then closes every connection. */
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1. Rejects with an error that names the port and what to do when it cannot. */
export async function startServer(options: ServerOptions): Promise<ApiServer> {
  const { port, headersTimeoutMs = 10_000, ...deps } = options;
  const stopping = new AbortController();
  const app = createApp({ ...deps, stopping: stopping.signal });
  const listener = getRequestListener(app.fetch, {
    // The process's own Request and Response stay as they are: functions run in it too.
    overrideGlobalObjects: false,
    errorHandler: (error) => toListenerProblem(error, deps.log),
  });
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: Math.max(30_000, headersTimeoutMs),
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    },
    listener,
  );
  // Once nothing is in flight any more, what is left are connections kept alive or opened in advance.
  let inFlight = 0;
  const closeWhenDone = (): void => {
    if (stopping.signal.aborted && inFlight === 0) server.closeAllConnections();
  };
  server.on("request", (_request, response) => {
    inFlight++;
    response.once("close", () => {
      inFlight--;
      closeWhenDone();
    });
  });
  server.maxConnections = MAX_STREAMS + MAX_REQUESTS;
  server.listen(port, HOST);
  try {
    await once(server, "listening");
  } catch (error) {
    throw toListenError(error as NodeJS.ErrnoException, port);
  }
  const bound = (server.address() as AddressInfo).port;

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    const closed = once(server, "close");
    server.close();
    closeWhenDone();
    const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await closed;
    clearTimeout(grace);
  };
  return {
    port: bound,
    url: `http://${HOST}:${bound}`,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** What never reached the app: a request that is none (a malformed Host or target). */
function toListenerProblem(error: unknown, log: ApiDeps["log"]): Response {
  const status = error instanceof RequestError ? 400 : 500;
  if (status === 500) log.error({ err: error }, "request failed");
  const title = status === 400 ? "Bad Request" : "Internal Server Error";
  const detail =
    error instanceof RequestError ? error.message : "The server failed; its log has the details.";
  return new Response(JSON.stringify({ type: "about:blank", title, status, detail }), {
    status,
    headers: { "Content-Type": "application/problem+json" },
  });
}

function toListenError(error: NodeJS.ErrnoException, port: number): Error {
  const why =
    error.code === "EADDRINUSE"
      ? `HTTP port ${port} on ${HOST} is in use: stop what listens there, or set HTTP_PORT to another (0 takes a free one)`
      : error.code === "EACCES"
        ? `HTTP port ${port} on ${HOST} may not be opened by this user: set HTTP_PORT to one above 1023`
        : `HTTP port ${port} on ${HOST} cannot be opened: ${error.message}`;
  return new Error(why, { cause: error });
}
