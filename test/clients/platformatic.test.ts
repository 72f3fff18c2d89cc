/** @platformatic/kafka: a client of its own lineage, and the one that names topics by id in Fetch. */
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { describe, expect, it, onTestFinished } from "vitest";
import { useEmbeddedBroker } from "./embedded-broker.ts";

describe("@platformatic/kafka", () => {
  const brokers = useEmbeddedBroker();
  const base = () => ({ clientId: "platformatic", bootstrapBrokers: [brokers()] });

  it("makes a topic, writes each codec, reads as a group, and takes all away again", async () => {
    const admin = new Admin(base());
    onTestFinished(() => admin.close());
    await admin.createTopics({ topics: ["numbers"], partitions: 2, replicas: 1 });
    const producer = new Producer({ ...base(), serializers: stringSerializers });
    onTestFinished(() => producer.close());
    // Its zstd needs a newer Node than the oldest that the platform runs on.
    const codecs = ["none", "gzip", "snappy", "lz4"] as const;
    const values = codecs.flatMap((codec) => Array.from({ length: 50 }, (_, i) => `${codec} ${i}`));
    for (const compression of codecs) {
      const messages = values
        .filter((value) => value.startsWith(compression))
        .map((value) => ({ topic: "numbers", key: value, value, headers: { codec: compression } }));
      await producer.send({ compression, acks: -1, messages });
    }

    const consumer = new Consumer({
      ...base(),
      groupId: "readers",
      deserializers: stringDeserializers,
      maxWaitTime: 100,
    });
    const stream = await consumer.consume({ autocommit: false, topics: ["numbers"], mode: "earliest" });
    const read: string[] = [];
    for await (const message of stream) {
      read.push(message.value);
      await message.commit();
      if (read.length === values.length) break;
    }
    expect(read.sort()).toEqual([...values].sort());
    const group = (await admin.describeGroups({ groups: ["readers"] })).get("readers");
    expect([group?.state, group?.members.size]).toEqual(["STABLE", 1]);
    await consumer.close(true);

    expect([...(await admin.listGroups()).keys()]).toEqual(["readers"]);
    await admin.deleteGroups({ groups: ["readers"] });
    await admin.deleteTopics({ topics: ["numbers"] });
    expect(await admin.listTopics()).toEqual([]);
  });

  it("writes as an idempotent producer", async () => {
    const admin = new Admin(base());
    onTestFinished(() => admin.close());
    await admin.createTopics({ topics: ["once"], partitions: 1, replicas: 1 });
    const producer = new Producer({ ...base(), serializers: stringSerializers, idempotent: true });
    onTestFinished(() => producer.close());
    for (let i = 0; i < 10; i++) {
      const { offsets } = await producer.send({ acks: -1, messages: [{ topic: "once", value: String(i) }] });
      expect(offsets).toMatchObject([{ topic: "once", partition: 0, offset: BigInt(i) }]);
    }
  });
});
