import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { freePorts, requireFree } from "./free-ports.ts";

describe("ports", () => {
  it("are all different and can be listened on", async () => {
    const ports = await freePorts(5);
    expect(new Set(ports).size).toBe(5);
    for (const port of ports) await requireFree(port);
  });

  it("that are taken are named in the error", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await expect(requireFree(port)).rejects.toThrow(
      `Expected port ${port} on 127.0.0.1 to be free, got EADDRINUSE`,
    );
    server.close();
  });
});
