/** Debian's Prometheus as a child process on loopback, with this project's settings and rules. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

const MONITORING = fileURLToPath(new URL("../infra/monitoring", import.meta.url));

export const PROMETHEUS = {
  name: "Prometheus",
  probe: ["promtool", "--version"],
  install: "Debian: apt-get install prometheus",
};

/** Names of metrics in rules or a dashboard. */
export const namesIn = (text: string): readonly string[] => [
  ...new Set(text.match(/\b(?:kafka|ksp|process|nodejs)_[a-z0-9_]+/g)),
];

/** The expressions of a dashboard, as Grafana asks them with "All" chosen. */
export function expressionsOf(dashboard: string): readonly string[] {
  const { panels } = JSON.parse(monitoringFile(`grafana/dashboards/${dashboard}`)) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll(/\$\w+/g, ".*")));
}

export const monitoringFile = (name: string): string => readFileSync(join(MONITORING, name), "utf8");

/** What `promtool` has to say, and its exit code. @param input its standard input */
export function promtool(args: readonly string[], input = ""): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, {
    cwd: MONITORING,
    input,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

/** What `promtool check metrics` finds wrong with an exposition, but for the names of sums, which are kafka_exporter's. */
export const faultsOf = (text: string): readonly string[] =>
  promtool(["check", "metrics"], text)
    .output.split("\n")
    .filter(
      (line) => line !== "" && !/^kafka_consumergroup_(?:current_offset|lag)_sum .*"_sum" suffix$/.test(line),
    );

interface Alert {
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusServer {
  /** The values of an instant query, by the label `by`. */
  query(expression: string, by?: string): Promise<ReadonlyMap<string, number>>;
  /** Resolves once an alert with these labels fires. */
  untilFiring(alertname: string, labels?: Readonly<Record<string, string>>): Promise<unknown>;
  /** Resolves once no alert of this name fires. */
  untilOver(alertname: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** The project's rules, with the times and thresholds of a test: what takes minutes takes seconds. */
const quickRules = (): string =>
  monitoringFile("alerts.yml")
    .replaceAll(/for: \w+/g, "for: 1s")
    .replaceAll("[10m]", "[10s]")
    .replaceAll(/> (?:100|300)$/gm, "> 2");

/** The project's settings, scraping the targets every 2 s. */
const quickConfig = (target: string, agents: readonly string[]): string =>
  monitoringFile("prometheus.yml")
    .replaceAll("15s", "2s")
    .replace("localhost:8080", target)
    .replace("localhost:9404", agents.join());

/**
 * @param target `host:port` of the platform's metrics
 * @param agents `host:port` of the metrics of Apache Kafka's brokers, if any
 */
export async function startPrometheus(
  target: string,
  agents: readonly string[] = [],
): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), "ksp-prometheus-"));
  await writeFile(join(folder, "alerts.yml"), quickRules());
  await writeFile(join(folder, "prometheus.yml"), quickConfig(target, agents));
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
  const alertsNow = async (): Promise<readonly Alert[]> =>
    (await get<{ alerts: Alert[] }>("/api/v1/alerts")).alerts;
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
        const alerts = await alertsNow();
        const wanted = Object.entries({ alertname, ...labels });
        const found = alerts.some(
          (alert) =>
            alert.state === "firing" && wanted.every(([name, value]) => alert.labels[name] === value),
        );
        if (!found)
          throw new Error(`alerts now: ${JSON.stringify(alerts.map((one) => [one.state, one.labels]))}`);
        return true;
      }, `${alertname} to fire`),
    untilOver: (alertname) =>
      until(
        async () =>
          (await alertsNow()).every(
            ({ state, labels }) => state !== "firing" || labels.alertname !== alertname,
          ),
        `${alertname} to be over`,
      ),
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
