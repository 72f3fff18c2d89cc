import { Counter, Gauge, Registry } from "prom-client";
import type { Broker } from "../broker/broker.ts";
import { ErrorCode } from "../broker/errors.ts";
import { latencyHistogram } from "./latency-histogram.ts";

const ERROR_NAMES = new Map(Object.entries(ErrorCode).map(([name, code]) => [code as number, name]));
const TRANSACTION_OPEN = ["Ongoing", "PrepareCommit", "PrepareAbort"];

/**
 * The broker's metrics, in prom-client's registry. Nothing is kept here: each scrape reads what the broker has counted.
 * Names begin with `ksp_broker_`; units are seconds and bytes.
 */
export function createBrokerMetrics(broker: Broker): Registry {
  const registry = new Registry();
  const { traffic, topics, groups, transactions } = broker;
  const registers = [registry];

  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name: `ksp_broker_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `ksp_broker_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };

  counter("bytes_in_total", "Bytes received from clients, requests of all kinds", () => traffic.bytesIn);
  counter("bytes_out_total", "Bytes sent to clients, answers of all kinds", () => traffic.bytesOut);
  counter("records_in_total", "Records that producers had appended", () => traffic.recordsIn);
  counter("records_out_total", "Records in what was fetched, whole batches", () => traffic.recordsOut);
  counter("connections_total", "Connections that were taken", () => traffic.connectionsAccepted);
  counter("connections_refused_total", "Connections beyond the most", () => traffic.connectionsRefused);
  counter("log_flushes_total", "Syncs of logs to the disk", () => traffic.flushes);

  new Counter({
    name: "ksp_broker_requests_total",
    help: "Requests that were answered, by API",
    labelNames: ["api"],
    registers,
    collect() {
      this.reset();
      for (const { name, answered } of traffic.apis.values()) this.inc({ api: name }, answered);
    },
  });
  new Counter({
    name: "ksp_broker_errors_total",
    help: "Error codes in answers, by API, Kafka's name and number; an answer may hold several",
    labelNames: ["api", "error", "code"],
    registers,
    collect() {
      this.reset();
      for (const { name, errors } of traffic.apis.values()) {
        for (const [code, count] of errors) {
          this.inc({ api: name, error: ERROR_NAMES.get(code) ?? "UNKNOWN", code }, count);
        }
      }
    },
  });
  registry.registerMetric(
    latencyHistogram(
      "ksp_broker_request_duration_seconds",
      "From a request's reading to its answer, by API; what a fetch or a join waited is part of it",
      traffic,
    ),
  );

  gauge("connections", "Open connections", () => traffic.connectionsOpen);
  gauge("recovery_seconds", "How long the last start took to read everything back", () => {
    return traffic.recoverySeconds;
  });
  new Gauge({
    name: "ksp_broker_parked_requests",
    help: "Requests that wait: fetches for records, joins and syncs for the rest of their group",
    labelNames: ["for"],
    registers,
    collect() {
      this.set({ for: "records" }, traffic.fetchesParked);
      this.set({ for: "group" }, groups.parkedRequests);
    },
  });
  gauge("topics", "Topics, internal ones included", () => topics.list().length);
  gauge("partitions", "Partitions, those of internal topics included", () => {
    return topics.list().reduce((sum, { partitions }) => sum + partitions.length, 0);
  });
  new Gauge({
    name: "ksp_broker_log_size_bytes",
    help: "Size of a topic's logs",
    labelNames: ["topic"],
    registers,
    collect() {
      this.reset();
      for (const { name, partitions } of topics.list()) {
        const size = partitions.reduce((sum, { log }) => sum + log.sizeBytes, 0);
        this.set({ topic: name }, size);
      }
    },
  });
  new Gauge({
    name: "ksp_broker_groups",
    help: "Consumer groups by state",
    labelNames: ["state"],
    registers,
    collect() {
      for (const state of ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable"]) {
        this.set({ state }, groups.list().filter((group) => group.state === state).length);
      }
    },
  });
  gauge("transactions_open", "Transactions that are neither committed nor aborted everywhere", () => {
    return transactions.list().filter(({ status }) => TRANSACTION_OPEN.includes(status)).length;
  });
  return registry;
}
