/** An app on a port: the limits that hold before a request is one, and an orderly end. */
import { once } from "node:events";
import { createServer, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, isIPv6 } from "node:net";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Api, ApiLog } from "./api/api.ts";

/** How long requests in flight may take to finish once the server stops, ms. */
const GRACE_MS = 2_000;

export interface ListenerOptions {
  /** An address of this machine, or a name of one. Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Certificate chain and key as PEM; null (default): plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  readonly maxConnections: number;
  /** The settings that chose host and port, for errors. */
  readonly settings: { readonly host: string; readonly port: string };
  /** How long a client may take to send its headers, ms. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /** How long it may take to send the whole request, ms. Default 30 s. */
  readonly requestTimeoutMs?: number;
  readonly log: ApiLog;
}

export interface Listener {
  readonly port: number;
  /** With an address that can be connected to, also where it listens on all. */
  readonly url: string;
  /** Lets requests finish for 2 s, then closes every connection. */
  stop(): Promise<void>;
}

/** Rejects with an error that names the port and what to do when it cannot listen. */
export async function listen(app: Pick<Api, "fetch">, options: ListenerOptions): Promise<Listener> {
  const { host = "127.0.0.1", port, tls, log } = options;
  const { headersTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = options;
  const listener = getRequestListener(app.fetch, {
    // The process's own Request and Response stay as they are: functions run in it too.
    overrideGlobalObjects: false,
    errorHandler: (error) => toListenerProblem(error, log),
  });
  const limits: ServerOptions = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs, requestTimeoutMs),
  };
  const server = tls
    ? createTlsServer({ ...limits, ...tls, handshakeTimeout: headersTimeoutMs }, listener)
    : createServer(limits, listener);
  // Once nothing is in flight any more, what is left are connections kept alive or opened in advance.
  let inFlight = 0;
  let stopping = false;
  const closeWhenDone = (): void => {
    if (stopping && inFlight === 0) server.closeAllConnections();
  };
  server.on("request", (_request, response) => {
    inFlight++;
    response.once("close", () => {
      inFlight--;
      closeWhenDone();
    });
  });
  server.maxConnections = options.maxConnections;
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw toListenError(error as NodeJS.ErrnoException, { ...options, host });
  }
  const bound = (server.address() as AddressInfo).port;

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping = true;
    const closed = once(server, "close");
    server.close();
    closeWhenDone();
    const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    await closed;
    clearTimeout(grace);
  };
  return {
    port: bound,
    url: `http${tls ? "s" : ""}://${reachable(host)}:${bound}`,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Who listens on all addresses is reached at each; this one is always there. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return isIPv6(host) ? `[${host}]` : host;
}

/** What never reached the app: a request that is none (a malformed Host or target). */
function toListenerProblem(error: unknown, log: ApiLog): Response {
  const status = error instanceof RequestError ? 400 : 500;
  if (status === 500) log.error({ err: error }, "request failed");
  const title = status === 400 ? "Bad Request" : "Internal Server Error";
  const detail =
    error instanceof RequestError ? error.message : "The server failed; its log has the details.";
  return new Response(JSON.stringify({ type: "about:blank", title, status, detail }), {
    status,
    headers: { "Content-Type": "application/problem+json", "X-Content-Type-Options": "nosniff" },
  });
}

function toListenError(
  error: NodeJS.ErrnoException,
  { host, port, settings }: Required<Pick<ListenerOptions, "host" | "port" | "settings">>,
): Error {
  const what = `HTTP port ${port} on ${host}`;
  const why =
    error.code === "EADDRINUSE"
      ? `${what} is in use: stop what listens there, or set ${settings.port} to another (0 takes a free one)`
      : error.code === "EACCES"
        ? `${what} may not be opened by this user: set ${settings.port} to one above 1023`
        : error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND"
          ? `${settings.host}: expected an address of this machine, got "${host}"`
          : `${what} cannot be opened: ${error.message}`;
  return new Error(why, { cause: error });
}
