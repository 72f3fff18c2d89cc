import { ConfigResourceTypes } from "kafkajs";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { type BrokerUnderTest, unique } from "./broker-under-test.ts";
import { Code, deleteTopic, metadata, produce } from "./log-requests.ts";
import { toBatch } from "./record-batch.ts";

export function topicBehaviours(broker: BrokerUnderTest): void {
  describe("topics", () => {
    it("are created with their partitions, led by a broker that metadata names", async () => {
      const topic = await broker.createTopic({ partitions: 3 });
      const answer = await metadata(await broker.connect(), [topic]);
      const nodeIds = answer.brokers.map(({ nodeId }) => nodeId);
      expect(nodeIds).toContain(answer.controllerId);
      expect(answer.topics).toMatchObject([{ error: Code.NONE, name: topic, internal: false }]);
      const partitions = answer.topics[0]!.partitions;
      expect(partitions.map(({ partition }) => partition).sort()).toEqual([0, 1, 2]);
      for (const partition of partitions) {
        expect(partition.error).toBe(Code.NONE);
        expect(nodeIds).toContain(partition.leader);
        expect(partition.replicas).toEqual([partition.leader]);
        expect(partition.isr).toEqual([partition.leader]);
        expect(partition.offline).toEqual([]);
      }
      expect(answer.remaining).toBe(0);
    });

    it("are listed, and no longer once deleted", async () => {
      const admin = await broker.admin();
      const [kept, deleted] = [await broker.createTopic(), await broker.createTopic()];
      expect(await admin.listTopics()).toEqual(expect.arrayContaining([kept, deleted]));
      await admin.deleteTopics({ topics: [deleted] });
      const topics = await admin.listTopics();
      expect(topics).toContain(kept);
      expect(topics).not.toContain(deleted);
      const answer = await produce(
        await broker.connect(),
        { topic: deleted },
        await toBatch([{ value: "late" }]),
      );
      expect(answer.error).toBe(Code.UNKNOWN_TOPIC_OR_PARTITION);
    });

    it("start empty when made again under the name of a deleted one", async () => {
      const admin = await broker.admin();
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      await produce(connection, { topic }, await toBatch([{ value: "old" }]));
      await admin.deleteTopics({ topics: [topic] });
      const again = () => admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
      // False: the name is taken, for its topic is still being deleted.
      if (broker.lacks["names free once deleted"]) await until(again, "the name to be free");
      else expect(await again()).toBe(true);
      await broker.untilServed(topic, 2);
      expect(await admin.fetchTopicOffsets(topic)).toMatchObject([
        { low: "0", high: "0" },
        { low: "0", high: "0" },
      ]);
    });

    it("are refused when the name is taken, and the first stays as it was", async () => {
      const admin = await broker.admin();
      const topic = await broker.createTopic({ partitions: 2 });
      expect(await admin.createTopics({ topics: [{ topic, numPartitions: 5 }] })).toBe(false);
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]!.partitions).toHaveLength(2);
    });

    it.each([
      ["a name with a slash", { topic: "a/b" }, "INVALID_TOPIC_EXCEPTION"],
      ["a name of 250 letters", { topic: "a".repeat(250) }, "INVALID_TOPIC_EXCEPTION"],
      ["no partitions", { numPartitions: 0 }, "INVALID_PARTITIONS"],
      ["more replicas than brokers", { replicationFactor: 3 }, "INVALID_REPLICATION_FACTOR"],
      ["an unknown configuration", { configEntries: [{ name: "no.such", value: "1" }] }, "INVALID_CONFIG"],
      [
        "a configuration of the wrong type",
        { configEntries: [{ name: "retention.ms", value: "soon" }] },
        "INVALID_CONFIG",
      ],
    ])("are refused with %s", async (_, wrong, type) => {
      const admin = await broker.admin();
      const topic = unique("topic");
      const created = admin.createTopics({ topics: [{ topic, ...wrong }] });
      await expect(created).rejects.toMatchObject({ errors: [{ type }] });
      expect(await admin.listTopics()).not.toContain(topic);
    });

    it("are not created when only validated", async () => {
      const admin = await broker.admin();
      const topic = unique("topic");
      await admin.createTopics({ topics: [{ topic }], validateOnly: true, waitForLeaders: false });
      expect(await admin.listTopics()).not.toContain(topic);
    });

    it("get more partitions, never fewer, and keep their records", async () => {
      const admin = await broker.admin();
      const topic = await broker.createTopic();
      await produce(await broker.connect(), { topic }, await toBatch([{ value: "kept" }]));
      await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
      await broker.untilServed(topic, 3);
      const offsets = await admin.fetchTopicOffsets(topic);
      expect(offsets.map(({ partition, high }) => `${partition}: ${high}`).sort()).toEqual([
        "0: 1",
        "1: 0",
        "2: 0",
      ]);
      const shrunk = admin.createPartitions({ topicPartitions: [{ topic, count: 1 }] });
      await expect(shrunk).rejects.toMatchObject({ type: "INVALID_PARTITIONS" });
    });

    it("that nobody created are unknown in metadata, beside those that exist", async () => {
      const topic = await broker.createTopic();
      const missing = unique("missing");
      const { topics } = await metadata(await broker.connect(), [missing, topic]);
      expect(new Map(topics.map(({ name, error }) => [name, error]))).toEqual(
        new Map([
          [missing, Code.UNKNOWN_TOPIC_OR_PARTITION],
          [topic, Code.NONE],
        ]),
      );
    });

    it("that nobody created cannot be deleted", async () => {
      const code = await deleteTopic(await broker.connect(), unique("missing"));
      expect(code).toBe(Code.UNKNOWN_TOPIC_OR_PARTITION);
    });

    it("have the configuration that they were given, Kafka's defaults otherwise, and can be given another", async () => {
      const admin = await broker.admin();
      const topic = await broker.createTopic({ configs: { "retention.ms": "86400000" } });
      const configs = async () => {
        const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }];
        const described = await admin.describeConfigs({ resources, includeSynonyms: false });
        const entries = described.resources[0]!.configEntries;
        return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
      };
      expect(await configs()).toMatchObject({
        "retention.ms": "86400000",
        "cleanup.policy": "delete",
        "max.message.bytes": "1048588",
      });
      const configEntries = [{ name: "retention.ms", value: "3600000" }];
      const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
      await admin.alterConfigs({ resources, validateOnly: false });
      expect(await configs()).toMatchObject({ "retention.ms": "3600000" });
    });
  });
}
