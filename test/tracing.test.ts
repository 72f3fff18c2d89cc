/** Traces of a platform that runs, as an OpenTelemetry collector gets them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { freePorts } from "../infra/apache-kafka/free-ports.ts";
import { start, temporaryFolder } from "./for-one-test.ts";
import { produce, readTopic, type TopicRecord } from "./kafka-client.ts";
import { untilHolds } from "./observe.ts";
import { startOtlpReceiver } from "./otlp-receiver.ts";
import { runKsp } from "./platform.ts";
import { until } from "./until.ts";

const ORDERS = { FUNCTIONS_DIR: fileURLToPath(new URL("orders", import.meta.url)) };
const JSON_AT_ONCE = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_BSP_SCHEDULE_DELAY: "100" };
const PRODUCER = 4;
const CONSUMER = 5;
const WARN = 40;

/** Version, trace, span and flags of a record's traceparent header. */
const traceOf = ({ headers }: TopicRecord) => {
  const [version, traceId, spanId, flags] = headers.traceparent?.split("-") ?? [];
  return { version, traceId, spanId, flags };
};

const ordersPlatform = (env: Record<string, string>) =>
  start({ env: { ...ORDERS, ORDER_PRODUCER_LAST: "200", ...env }, typescript: true });

describe("traces", () => {
  it("lead from a producer's tick by way of the records' headers to what a consumer derives", async () => {
    const collector = await startOtlpReceiver();
    const platform = await ordersPlatform({
      ...JSON_AT_ONCE,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=blue",
      OTEL_SERVICE_NAME: "shop",
      OTEL_BSP_MAX_QUEUE_SIZE: "100000",
    });
    await untilHolds(platform, "shipments", 198);
    await untilHolds(platform, "orders.dlq", 2);
    const [orders, shipments, letters] = await Promise.all(
      ["orders", "shipments", "orders.dlq"].map((topic) => readTopic(platform.brokers, topic)),
    );
    platform.signal("SIGTERM");
    await platform.ended;

    const byId = new Map(collector.spans.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(collector.spans.length);
    expect(collector.spans.every(({ resource }) => resource["service.name"] === "shop")).toBe(true);
    expect(collector.requests.every(({ tenant }) => tenant === "blue")).toBe(true);
    const bySource = new Map(orders!.map((order) => [`orders/${order.partition}:${order.offset}`, order]));
    for (const shipment of shipments!) {
      const order = bySource.get(shipment.headers["ksp.cause"]!)!;
      const [written, derived] = [byId.get(traceOf(order).spanId!), byId.get(traceOf(shipment).spanId!)];
      expect(traceOf(shipment)).toMatchObject({
        version: "00",
        traceId: traceOf(order).traceId,
        flags: "01",
      });
      expect(derived).toMatchObject({
        name: "send shipments",
        kind: PRODUCER,
        parentSpanId: written!.spanId,
        attributes: {
          "messaging.system": "kafka",
          "messaging.operation.name": "send",
          "messaging.operation.type": "send",
          "messaging.destination.name": "shipments",
          "messaging.destination.partition.id": String(shipment.partition),
          "messaging.client.id": "ksp-order-consumer",
          "messaging.kafka.message.key": shipment.key,
        },
      });
      expect(written).toMatchObject({ name: "send orders", kind: PRODUCER, traceId: derived!.traceId });
      expect(byId.get(written!.parentSpanId!)).toMatchObject({ name: "tick order-producer" });
      // The batch has a trace of its own, and links lead to it and from it.
      const batch = byId.get(derived!.links[0]!.spanId)!;
      expect(batch).toMatchObject({
        name: "process orders",
        kind: CONSUMER,
        attributes: {
          "messaging.operation.type": "process",
          "messaging.destination.partition.id": String(order.partition),
          "messaging.consumer.group.name": "order-group",
          "messaging.client.id": "ksp-order-consumer",
        },
      });
      expect(batch.parentSpanId ?? "").toBe("");
      const count = Number(batch.attributes["messaging.batch.message_count"]);
      expect(batch.links.length).toBe(Math.min(count, 128));
      const link = batch.links.find(({ spanId }) => spanId === written!.spanId);
      if (count <= 128) expect(Number(link?.attributes["messaging.kafka.offset"])).toBe(order.offset);
    }
    // A record that was set aside: in its own trace too, and the batch tells of the runs that it took to find it.
    expect(letters).toHaveLength(2);
    for (const letter of letters!) {
      const order = bySource.get(
        `orders/${letter.headers["ksp.dlq.partition"]}:${letter.headers["ksp.dlq.offset"]}`,
      )!;
      expect(letter.headers.traceparent).toBe(order.headers.traceparent);
      const sent = collector.spans.find(
        ({ name, parentSpanId }) => name === "send orders.dlq" && parentSpanId === traceOf(order).spanId,
      );
      const { events, attributes } = byId.get(sent!.links[0]!.spanId)!;
      expect(Number(attributes["ksp.runs"])).toBeGreaterThan(1);
      expect(events).toContainEqual(
        expect.objectContaining({
          name: "dead letter",
          attributes: expect.objectContaining({ "error.type": "TypeError" }),
        }),
      );
    }
    // And the log lines of those records name their traces.
    const told = platform.logs().filter(({ msg }) => msg.startsWith("dead letter"));
    expect(new Set(told.map((line) => line.trace_id))).toEqual(
      new Set(letters!.map((letter) => traceOf(letter).traceId)),
    );
  });

  it("go on with a context that a stranger's record brings, and pass over one that is malformed", async () => {
    const collector = await startOtlpReceiver();
    const platform = await start({
      env: { ...ORDERS, ...JSON_AT_ONCE, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
      args: ["--only", "order-consumer"],
      typescript: true,
    });
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const order = (number: number, headers: Record<string, string>) => ({
      key: `order-${number}`,
      value: JSON.stringify({ id: `order-${number}`, number, customer: { name: "c" } }),
      headers,
    });
    await until(async () => (await platform.health()).status === "healthy", "the platform to be healthy");
    await produce(platform.brokers, "orders", [
      order(1, { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: "vendor=1" }),
      order(2, { traceparent: "00-nonsense" }),
      order(3, {}),
      order(4, { traceparent: `00-${traceId.replace("4", "5")}-00f067aa0ba902b7-00` }),
    ]);
    await untilHolds(platform, "shipments", 4);
    const shipments = new Map(
      (await readTopic(platform.brokers, "shipments")).map((record) => [record.key, record]),
    );
    const [first, second, third, fourth] = [1, 2, 3, 4].map((n) => shipments.get(`order-${n}`)!);
    expect(traceOf(first!)).toMatchObject({ traceId, flags: "01" });
    expect(first!.headers.tracestate).toBe("vendor=1");
    expect(traceOf(fourth!)).toMatchObject({ flags: "00" }); // who began it did not want it recorded
    // The function sees such a header as it sees any, and what is captured of it does not know of spans.
    const { invocations } = await platform.get<{ invocations: { id: string }[] }>(
      "/api/functions/order-consumer/invocations",
    );
    expect(JSON.stringify(invocations)).toContain("traceparent");
    const replayed = await fetch(`${platform.url}/api/functions/order-consumer/replay`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-requested-by": "test" },
      body: JSON.stringify({ ids: invocations.map(({ id }) => id) }),
    });
    const { results } = (await replayed.json()) as { results: { same: boolean }[] };
    expect(results.map(({ same }) => same)).toEqual(invocations.map(() => true));
    platform.signal("SIGTERM");
    await platform.ended;
    const batches = new Set(
      collector.spans.filter(({ name }) => name === "process orders").map((span) => span.traceId),
    );
    for (const fresh of [second!, third!]) expect(batches).toContain(traceOf(fresh).traceId);
    expect(collector.spans.filter(({ traceId: id }) => id === traceOf(fourth!).traceId)).toEqual([]);
  });

  it("are exported as protobuf unless said otherwise", async () => {
    const collector = await startOtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "100" };
    await ordersPlatform(env);
    await until(() => collector.requests.length > 0, "a request");
    expect(collector.requests[0]!.type).toBe("application/x-protobuf");
  });

  it("are dropped with one warning while the collector is down; the platform goes on and stops in time", async () => {
    const [port] = await freePorts(1);
    const platform = await ordersPlatform({
      ...JSON_AT_ONCE,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: "200",
    });
    await untilHolds(platform, "shipments", 198);
    const told = () => platform.logs().filter(({ msg }) => msg.startsWith("traces cannot be exported"));
    await until(() => told().length > 0, "a warning");
    platform.signal("SIGTERM");
    expect(await platform.ended).toMatchObject({ code: 0 });
    expect(told()).toHaveLength(1);
    expect(told()[0]!.level).toBe(WARN);
  });
});

describe("without OpenTelemetry's variables", () => {
  /** Modules that a platform loads from its start to its end, as V8 counts them. */
  async function modulesOf(env: Record<string, string>): Promise<{ modules: string[]; headers: string[] }> {
    const folder = await temporaryFolder();
    const platform = await ordersPlatform({ ...env, NODE_V8_COVERAGE: folder });
    await untilHolds(platform, "shipments", 10);
    const shipments = await readTopic(platform.brokers, "shipments");
    platform.signal("SIGTERM");
    await platform.ended;
    const reports = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
    );
    const modules = reports.flatMap((text) =>
      (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url),
    );
    return { modules, headers: [...new Set(shipments.flatMap(({ headers }) => Object.keys(headers)))] };
  }
  const isSdk = (url: string): boolean => url.includes("@opentelemetry/sdk-trace");

  it("nothing of it is loaded, and records get no header", async () => {
    const { modules, headers } = await modulesOf({});
    expect(modules.filter(isSdk)).toEqual([]);
    expect(headers).toEqual(["ksp.cause"]);
    const traced = await modulesOf({ OTEL_TRACES_EXPORTER: "console" });
    expect(traced.modules.filter(isSdk)).not.toEqual([]);
    expect(traced.headers).toContain("traceparent");
  });

  it("and with one that cannot be followed, the platform says so and does not start", async () => {
    const run = runKsp(["start"], {
      env: { OTEL_TRACES_EXPORTER: "otlp", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    });
    const { code, stderr } = await run.ended;
    expect(code).not.toBe(0);
    expect(stderr.join("\n")).toContain(
      'OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf or http/json, got "grpc"',
    );
  });
});
