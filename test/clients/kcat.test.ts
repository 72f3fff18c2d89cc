/** kcat, and with it librdkafka, on the embedded broker. */
import { expect, it } from "vitest";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import { createBrokerUnderTest, unique } from "../broker/broker-under-test.ts";
import { fetch } from "../broker/log-requests.ts";
import { describeClient } from "./describe-client.ts";
import { useEmbeddedBroker } from "./embedded-broker.ts";

describeClient({ name: "kcat", probe: ["kcat", "-V"], install: "apt-get install kcat" }, () => {
  const brokers = useEmbeddedBroker();
  const broker = createBrokerUnderTest(brokers);

  const kcat = async (...args: string[]): Promise<string[]> => {
    const printed = await runTool("kcat", ["-b", brokers(), ...args], process.env, "");
    return printed.split("\n").filter((line) => line !== "");
  };
  /** Produces the numbers 1 to `count`, one record each. */
  const produceNumbers = (topic: string, count: number, ...args: string[]) =>
    runTool(
      "sh",
      ["-c", 'seq "$0" | kcat "$@"', String(count), "-b", brokers(), "-P", "-t", topic, ...args],
      process.env,
      "",
    );
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));
  const readAll = (topic: string, ...args: string[]) => kcat("-C", "-e", "-q", "-t", topic, ...args);

  it.each(["none", "gzip", "snappy", "lz4", "zstd"])(
    "reads back what it wrote as %s, stored as it was sent",
    async (codec) => {
      const topic = await broker.createTopic();
      await produceNumbers(topic, 1000, "-z", codec, "-X", "linger.ms=200", "-X", "enable.idempotence=true");
      expect(await readAll(topic)).toEqual(numbers(1000));
      const { batches } = await fetch(await broker.connect(), { topic }, { offset: 0 });
      expect(new Set(batches.map((batch) => batch.codec))).toEqual(new Set([codec]));
    },
  );

  it("lists brokers, topics and partitions", async () => {
    const topic = await broker.createTopic({ partitions: 3 });
    const listed = await kcat("-L", "-J", "-t", topic);
    expect(JSON.parse(listed.join(""))).toMatchObject({
      controllerid: 1,
      brokers: [{ id: 1, name: brokers() }],
      topics: [{ topic, partitions: [0, 1, 2].map((partition) => ({ partition, leader: 1 })) }],
    });
  });

  it("finds offsets by time, and reads from there, from the middle and from the end", async () => {
    const topic = await broker.createTopic();
    await produceNumbers(topic, 100, "-z", "zstd", "-X", "linger.ms=200");
    const query = (time: number) => kcat("-Q", "-t", `${topic}:0:${time}`);
    expect(await query(-2)).toEqual([`${topic} [0] offset 0`]);
    expect(await query(1_000_000_000_000)).toEqual([`${topic} [0] offset 0`]);
    expect(await query(4_000_000_000_000)).toEqual([`${topic} [0] offset -1`]);
    expect(await readAll(topic, "-o", "s@1000000000000")).toHaveLength(100);
    expect(await readAll(topic, "-o", "50")).toEqual(numbers(100).slice(50));
    expect(await readAll(topic, "-o", "-3")).toEqual(["98", "99", "100"]);
  });

  it("reads as a group, and goes on where the group was", async () => {
    const topics = [await broker.createTopic({ partitions: 2 }), await broker.createTopic()];
    for (const topic of topics) await produceNumbers(topic, 100, "-X", "linger.ms=200");
    const group = unique("group");
    const read = async () => kcat("-G", group, ...topics, "-e", "-q", "-X", "auto.offset.reset=earliest");
    expect((await read()).map(Number).sort((a, b) => a - b)).toEqual(
      numbers(100).flatMap((n) => [Number(n), Number(n)]),
    );
    await produceNumbers(topics[0]!, 7, "-X", "linger.ms=200");
    expect((await read()).sort()).toEqual(numbers(7));
  });

  it("keeps keys, headers, tombstones and empty values apart", async () => {
    const topic = await broker.createTopic();
    const script = `printf 'a:1\\nb:\\n' | kcat -b ${brokers()} -P -t ${topic} -K : -Z -H h=x`;
    await runTool("sh", ["-c", script], process.env, "");
    const read = (await readAll(topic, "-J")).map((line) => JSON.parse(line));
    expect(read).toMatchObject([
      { key: "a", payload: "1", headers: ["h", "x"] },
      { key: "b", payload: null, headers: ["h", "x"] },
    ]);
  });
});
