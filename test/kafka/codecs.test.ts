/** Our codecs against those of Java (the broker compresses anew when a topic says so) and of librdkafka (kcat). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import { type ApacheKafka, startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { createBrokerUnderTest, unique } from "../broker/broker-under-test.ts";
import { consume } from "../broker/consume.ts";
import { fetch, produce } from "../broker/log-requests.ts";
import { toBatch } from "../broker/record-batch.ts";
import { describeClient } from "../clients/describe-client.ts";

const CODECS = ["gzip", "snappy", "lz4", "zstd"] as const;

/** Some 200 KB: several blocks of each codec. */
const VALUES = Array.from({ length: 2000 }, (_, i) => `value ${i} ${"abc".repeat(i % 60)}`);

describe.each(CODECS)("%s", (codec) => {
  let kafka: ApacheKafka | undefined;
  beforeAll(async () => {
    kafka = await shared();
  });
  const broker = createBrokerUnderTest(() => kafka!.brokers);

  async function read(topic: string, count: number): Promise<string[]> {
    const consumer = await broker.consumer(unique("group"));
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    return (await consume(consumer, count)).map(({ message }) => String(message.value));
  }

  it("as Java writes it is read by ours", async () => {
    const topic = await broker.createTopic({ configs: { "compression.type": codec } });
    const connection = await broker.connect();
    await produce(connection, { topic }, await toBatch(VALUES.map((value) => ({ value }))));
    expect((await fetch(connection, { topic }, { offset: 0 })).batches).toMatchObject([
      { codec, count: 2000 },
    ]);
    expect(await read(topic, VALUES.length)).toEqual(VALUES);
  });

  describeClient({ name: "kcat", probe: ["kcat", "-V"], install: "apt-get install kcat" }, () => {
    it("as kcat writes it is read by ours", async () => {
      const topic = await broker.createTopic();
      const kcat = ["-b", kafka!.brokers, "-P", "-t", topic, "-z", codec, "-X", "linger.ms=1000"];
      await runTool(
        "sh",
        ["-c", `printf '%s\\n' "$VALUES" | kcat "$@"`, "kcat", ...kcat],
        {
          ...process.env,
          VALUES: VALUES.slice(0, 1000).join("\n"),
        },
        "",
      );
      const { batches } = await fetch(await broker.connect(), { topic }, { offset: 0 });
      expect(new Set(batches.map((batch) => batch.codec))).toEqual(new Set([codec]));
      expect(await read(topic, 1000)).toEqual(VALUES.slice(0, 1000));
    });

    it("as ours writes it is read by kcat", async () => {
      const topic = await broker.createTopic();
      const batch = await toBatch(
        VALUES.map((value) => ({ value })),
        { codec },
      );
      await produce(await broker.connect(), { topic }, batch);
      const kcat = ["-b", kafka!.brokers, "-C", "-e", "-q", "-t", topic];
      const printed = await runTool("kcat", kcat, process.env, "");
      expect(printed.trimEnd().split("\n")).toEqual(VALUES.map((value) => value));
    });
  });
});

/** One broker for all codecs. */
let starting: Promise<ApacheKafka> | undefined;
function shared(): Promise<ApacheKafka> {
  starting ??= startApacheKafka();
  return starting;
}
afterAll(async () => (await starting)?.stop());
