import type { Server as HttpServer } from "node:http";
import { createServer } from "node:net";
import type { Broker } from "../broker/broker.ts";
import { StartupError } from "../startup-error.ts";

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Serves `GET /metrics` in Prometheus' text format on 127.0.0.1; port 0 takes any free one. HTTP and prom-client are
 * loaded by the first who asks, so that a start does not wait for them.
 * @throws StartupError METRICS_PORT_IN_USE
 */
export async function serveMetrics(broker: Broker, port: number): Promise<MetricsServer> {
  let http: Promise<HttpServer> | null = null;
  const net = createServer((socket) => {
    http ??= createHttpServer(broker);
    http.then(
      (server) => server.emit("connection", socket),
      (error: unknown) => {
        broker.logger.error({ err: error }, "could not load what metrics are served with");
        socket.destroy();
      },
    );
  });
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
      (await http?.catch(() => null))?.closeAllConnections();
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
  return createHttp((request, response) => {
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
}
