import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";

const FILE = fileURLToPath(new URL("../infra/docker-compose.yml", import.meta.url));
const FORWARD = fileURLToPath(new URL("../infra/forward-port.js", import.meta.url));
const installed = spawnSync("docker-compose", ["--version"]).status === 0;

function compose(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("docker-compose", ["-f", FILE, ...args], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

describe("infra/docker-compose.yml", () => {
  it.runIf(installed)("is valid, also for docker-compose 1.29", () => {
    expect(compose("config", "--services").trim().split("\n").sort()).toEqual(["functions", "kafka", "web"]);
  });

  it.runIf(installed)("has a health check and a restart policy for each service", () => {
    const config = compose("config");
    expect(config.match(/^ {4}healthcheck:/gm)).toHaveLength(3);
    expect(config.match(/^ {4}restart: unless-stopped$/gm)).toHaveLength(3);
  });

  it("publishes its ports on loopback alone", () => {
    const ports = readFileSync(FILE, "utf8").match(/^ +- "?[\d.:]+:\d+"?/gm) ?? [];
    expect(ports).toHaveLength(2);
    for (const port of ports) expect(port).toMatch(/- "127\.0\.0\.1:/);
  });
});

describe("forward-port.js", () => {
  it("hands on a request as it is", async () => {
    const server = createServer((req, res) => res.end(`for ${req.headers.host}`)).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const to = (server.address() as AddressInfo).port;
    const forwarder = spawn(process.execPath, [FORWARD, "0", String(to)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void forwarder.kill());
    const [line] = await once(createInterface(forwarder.stdout), "line");
    const { from } = JSON.parse(line) as { from: number };
    const asked = request({
      host: "127.0.0.1",
      port: from,
      headers: { host: "localhost:8080" },
      agent: false,
    }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    expect(String((await response.toArray())[0])).toBe("for localhost:8080");
    forwarder.kill("SIGTERM");
    expect(await once(forwarder, "exit")).toEqual([0, null]);
  });
});
