/** Debian's Prometheus as a child process on loopback, with this project's settings and rules. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

const MONITORING = fileURLToPath(new URL("../infra/monitoring", import.meta.url));

export const monitoringFile = (name: string): string => readFileSync(join(MONITORING, name), "utf8");

interface Alert {
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusServer {
  /** The values of an instant query, by the label `by`. */
  query(expression: string, by?: string): Promise<ReadonlyMap<string, number>>;
  /** Resolves once an alert with these labels fires. */
  untilFiring(alertname: string, labels?: Readonly<Record<string, string>>): Promise<unknown>;
  stop(): Promise<void>;
}

/** The project's rules, with the times and thresholds of a test: what takes minutes takes seconds. */
const quickRules = (): string =>
  monitoringFile("alerts.yml")
    .replaceAll(/for: \w+/g, "for: 1s")
    .replaceAll(/\[\w+\]/g, "[10s]")
    .replaceAll(/> (?:100|300)$/gm, "> 2");

/** The project's settings, scraping `target` every 2 s. */
const quickConfig = (target: string): string =>
  monitoringFile("prometheus.yml")
    .replace(/ {2}- job_name: kafka\n.*$/s, "")
    .replaceAll("15s", "2s")
    .replace("localhost:8080", target);

/** @param target `host:port` of the platform's metrics */
export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), "ksp-prometheus-"));
  await writeFile(join(folder, "alerts.yml"), quickRules());
  await writeFile(join(folder, "prometheus.yml"), quickConfig(target));
  const port = await freePort();
  const child = spawn(
    "prometheus",
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const log: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => log.push(String(chunk)));
  const exited = once(child, "exit");
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    if (!response.ok)
      throw new Error(`Expected 2xx of ${path}, got ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { data: T }).data;
  };
  const ready = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
  await until(ready, "Prometheus to be ready").catch((error: Error) => {
    kill();
    throw new Error(`${error.message}:\n${log.join("").slice(-2_000)}`);
  });
  return {
    async query(expression, by = "__name__") {
      const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
      const { result } = await get<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
        path,
      );
      return new Map(result.map(({ metric, value }) => [metric[by] ?? "", Number(value[1])]));
    },
    untilFiring: (alertname, labels = {}) =>
      until(async () => {
        const { alerts } = await get<{ alerts: Alert[] }>("/api/v1/alerts");
        const wanted = Object.entries({ alertname, ...labels });
        const found = alerts.some(
          (alert) =>
            alert.state === "firing" && wanted.every(([name, value]) => alert.labels[name] === value),
        );
        if (!found)
          throw new Error(`alerts now: ${JSON.stringify(alerts.map((one) => [one.state, one.labels]))}`);
        return true;
      }, `${alertname} to fire`),
    async stop() {
      process.off("exit", kill);
      kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
