import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Ports on 127.0.0.1 that nobody listens on, all different (a server names its own port before it has it). */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** Throws unless `port` on 127.0.0.1 can be listened on. */
export async function requireFree(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `Expected port ${port} on 127.0.0.1 to be free, got ${error.code}; choose another with --port`,
    );
  });
  await once(server.close(), "close");
}
