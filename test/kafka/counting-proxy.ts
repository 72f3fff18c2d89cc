/** A TCP proxy that remembers when it was connected to. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface CountingProxy {
  /** `host:port`. */
  readonly address: string;
  /** When each connection came, ms. */
  readonly attempts: readonly number[];
  close(): Promise<void>;
}

/** On a free port. @param upstream `host:port` */
export async function startCountingProxy(upstream: string): Promise<CountingProxy> {
  const [host, port] = upstream.split(":") as [string, string];
  const attempts: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    attempts.push(performance.now());
    const onward = connect(Number(port), host);
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      sockets.add(one);
      one.once("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.on("error", () => {}); // its "close" follows
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    attempts,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
