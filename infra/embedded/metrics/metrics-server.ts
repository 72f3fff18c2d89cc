import type { Server as HttpServer } from "node:http";
import { createServer, type Socket } from "node:net";
import type { Broker } from "../broker/broker.ts";
import { StartupError } from "../startup-error.ts";

/** A scraper needs one. */
const MAX_CONNECTIONS = 100;
/** How long a connection may stay silent. */
const IDLE_MS = 30_000;
/** A page elsewhere that has its own name resolve to 127.0.0.1 sends that name. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Serves `GET /metrics` in Prometheus' text format on 127.0.0.1; port 0 takes any free one. HTTP and prom-client are
 * loaded by the first who asks, so that a start does not wait for them. The HTTP server is handed its connections and
 * never listens itself, so it neither counts nor closes them: that is done here.
 * @throws StartupError METRICS_PORT_IN_USE
 */
export async function serveMetrics(broker: Broker, port: number): Promise<MetricsServer> {
  let http: Promise<HttpServer> | null = null;
  const sockets = new Set<Socket>();
  const net = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A reset tells nothing that the 'close' after it does not.
    socket.on("error", (error) => broker.logger.debug({ err: error }, "connection for metrics lost"));
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    http ??= createHttpServer(broker);
    http.then(
      (server) => server.emit("connection", socket),
      (error: unknown) => {
        broker.logger.error({ err: error }, "could not load what metrics are served with");
        socket.destroy();
      },
    );
  });
  net.maxConnections = MAX_CONNECTIONS;
  net.on("drop", () =>
    broker.logger.warn({ max: MAX_CONNECTIONS }, "refusing a connection for metrics: too many"),
  );
  await new Promise<void>((resolve, reject) => {
    net.once("error", (error: NodeJS.ErrnoException) => {
      const message = `Port ${port} on 127.0.0.1, for metrics, is in use by another program. Stop it, or choose another port (0 takes any free one).`;
      reject(error.code === "EADDRINUSE" ? new StartupError("METRICS_PORT_IN_USE", message) : error);
    });
    net.listen({ port, host: "127.0.0.1" }, resolve);
  });
  const address = net.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    async stop() {
      const closed = new Promise((resolve) => net.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function createHttpServer(broker: Broker): Promise<HttpServer> {
  const [{ createServer: createHttp }, { createBrokerMetrics }] = await Promise.all([
    import("node:http"),
    import("./broker-metrics.ts"),
  ]);
  const registry = createBrokerMetrics(broker);
  const server = createHttp((request, response) => {
    if (!LOOPBACK_HOST.test(request.headers.host ?? "")) {
      const got = JSON.stringify(request.headers.host ?? null);
      response.writeHead(403, { "content-type": "text/plain" });
      response.end(`Expected Host localhost, 127.0.0.1 or [::1], got ${got}\n`);
      return;
    }
    if (request.url?.split("?")[0] !== "/metrics" || request.method !== "GET") {
      response.writeHead(404, { "content-type": "text/plain" }).end("Expected GET /metrics\n");
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      (error: unknown) => {
        broker.logger.error({ err: error }, "could not collect metrics");
        response.writeHead(500, { "content-type": "text/plain" }).end("Metrics could not be collected\n");
      },
    );
  });
  // It sets the socket's own time limit anew for each request: to none, unless told.
  server.timeout = IDLE_MS;
  return server;
}
