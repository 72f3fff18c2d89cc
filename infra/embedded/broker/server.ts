import { createServer, type Server as NetServer, type Socket } from "node:net";
import { StartupError } from "../startup-error.ts";
import type { Broker } from "./broker.ts";
import { Connection } from "./connection.ts";
import type { Api } from "./define-api.ts";

/** Accepts connections on loopback and bounds what they hold together. */
export class Server {
  private readonly broker: Broker;
  private readonly apis: ReadonlyMap<number, Api>;
  private readonly net: NetServer;
  private readonly connections = new Set<Connection>();
  private nextConnectionId = 1;
  private bufferedBytes = 0;

  constructor(broker: Broker, apis: ReadonlyMap<number, Api>) {
    this.broker = broker;
    this.apis = apis;
    this.net = createServer((socket) => this.accept(socket));
  }

  /**
   * Listens; port 0 takes any free one. Returns the port.
   * @throws StartupError PORT_IN_USE
   */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.net.once("error", (error: NodeJS.ErrnoException) => {
        const taken = error.code === "EADDRINUSE";
        const message = `Port ${port} on ${host} is in use by another program. Stop it, or choose another port (0 takes any free one).`;
        reject(taken ? new StartupError("PORT_IN_USE", message) : error);
      });
      this.net.listen({ port, host, backlog: 511 }, () => {
        const address = this.net.address();
        resolve(typeof address === "object" && address ? address.port : port);
      });
    });
  }

  /** Takes no more requests; those being handled are answered for up to `graceMs`, then every connection is closed. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.net.close(resolve));
    for (const connection of this.connections) connection.end();
    const timer = setTimeout(() => {
      for (const connection of this.connections) connection.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  private accept(socket: Socket): void {
    const { maxConnections } = this.broker.config;
    const { traffic } = this.broker;
    if (this.connections.size >= maxConnections) {
      this.broker.logger.warn({ maxConnections }, "refusing a connection: too many are open");
      traffic.connectionsRefused += 1;
      socket.destroy();
      return;
    }
    const connection = new Connection({
      id: this.nextConnectionId++,
      socket,
      broker: this.broker,
      apis: this.apis,
      account: (bytes) => {
        this.bufferedBytes += bytes;
        if (bytes > 0) this.shedLargest();
      },
    });
    this.connections.add(connection);
    traffic.connectionsAccepted += 1;
    traffic.connectionsOpen += 1;
    void connection.closed.then(() => {
      this.connections.delete(connection);
      traffic.connectionsOpen -= 1;
    });
  }

  /** Whoever happens to grow next has done nothing wrong: the connection that holds the most goes. */
  private shedLargest(): void {
    while (this.bufferedBytes > this.broker.config.maxBufferedBytes) {
      let largest: Connection | undefined;
      for (const connection of this.connections) {
        if (connection.heldBytes > (largest?.heldBytes ?? 0)) largest = connection;
      }
      if (largest === undefined) return;
      largest.shed();
    }
  }
}
