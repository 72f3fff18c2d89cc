import { describe, expect, it } from "vitest";
import { type BrokerUnderTest, unique } from "./broker-under-test.ts";
import { consume, watchAssignments } from "./consume.ts";
import { produce } from "./log-requests.ts";
import { toBatch } from "./record-batch.ts";

const ignore = { autoCommit: false, eachMessage: async () => {} };

export function groupBehaviours(broker: BrokerUnderTest): void {
  const member = async (groupId: string, topic: string) => {
    const consumer = await broker.consumer(groupId);
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    return consumer;
  };

  describe("a consumer group", () => {
    it("shares partitions among its members, and hands on those of a member that leaves", async () => {
      const topic = await broker.createTopic({ partitions: 4 });
      const groupId = unique("group");
      const [a, b] = [await member(groupId, topic), await member(groupId, topic)];
      const assignments = watchAssignments(a, b);
      await Promise.all([a.run(ignore), b.run(ignore)]);
      await assignments.until((both) => {
        const shares = both.map((assignment) => assignment?.[topic] ?? []);
        return shares.every((share) => share.length === 2) && new Set(shares.flat()).size === 4;
      });
      await b.disconnect();
      await assignments.until(([assignment]) => assignment?.[topic]?.length === 4);
    });

    it("with more members than partitions is stable, one member having none", async () => {
      const topic = await broker.createTopic({ partitions: 1 });
      const groupId = unique("group");
      const [a, b] = [await member(groupId, topic), await member(groupId, topic)];
      const assignments = watchAssignments(a, b);
      await Promise.all([a.run(ignore), b.run(ignore)]);
      await assignments.until((both) => {
        const shares = both.map((assignment) => assignment && (assignment[topic]?.length ?? 0));
        return shares.includes(0) && shares.includes(1);
      });
      const admin = await broker.admin();
      const { groups } = await admin.describeGroups([groupId]);
      expect(groups).toMatchObject([{ groupId, state: "Stable", protocolType: "consumer", errorCode: 0 }]);
      expect(groups[0]!.members).toHaveLength(2);
    });

    it("resumes after the committed offset", async () => {
      const topic = await broker.createTopic();
      const groupId = unique("group");
      const connection = await broker.connect();
      for (const value of ["a", "b", "c"]) await produce(connection, { topic }, await toBatch([{ value }]));
      const first = await member(groupId, topic);
      await consume(first, 2);
      await first.commitOffsets([{ topic, partition: 0, offset: "2" }]);
      await first.disconnect();
      const second = await member(groupId, topic);
      expect((await consume(second, 1)).map(({ message }) => String(message.value))).toEqual(["c"]);
    });

    it("starts at the end, or at the beginning, when it has committed nothing", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      await produce(connection, { topic }, await toBatch([{ value: "before" }]));
      const [fromStart, fromEnd] = [
        await broker.consumer(unique("group")),
        await broker.consumer(unique("group")),
      ];
      await fromStart.subscribe({ topics: [topic], fromBeginning: true });
      await fromEnd.subscribe({ topics: [topic], fromBeginning: false });
      const [all, fresh] = [consume(fromStart, 2), consume(fromEnd, 1)];
      // An empty fetch of the second tells that it has taken its position.
      await new Promise((resolve) => fromEnd.on(fromEnd.events.FETCH, resolve));
      await produce(connection, { topic }, await toBatch([{ value: "after" }]));
      expect((await fresh).map(({ message }) => String(message.value))).toEqual(["after"]);
      expect((await all).map(({ message }) => String(message.value))).toEqual(["before", "after"]);
    });

    it("has its own offsets, apart from other groups on the topic", async () => {
      const topic = await broker.createTopic();
      await produce(await broker.connect(), { topic }, await toBatch([{ value: "a" }, { value: "b" }]));
      for (const groupId of [unique("group"), unique("group")]) {
        const consumer = await member(groupId, topic);
        expect(await consume(consumer, 2)).toHaveLength(2);
        await consumer.commitOffsets([{ topic, partition: 0, offset: "2" }]);
      }
    });
  });

  describe("group administration", () => {
    it("lists and describes groups, and tells what an unknown one is", async () => {
      const topic = await broker.createTopic();
      const groupId = unique("group");
      const consumer = await member(groupId, topic);
      const assignments = watchAssignments(consumer);
      await consumer.run(ignore);
      await assignments.until(([assignment]) => assignment !== undefined);
      const admin = await broker.admin();
      const { groups } = await admin.listGroups();
      expect(groups).toContainEqual(expect.objectContaining({ groupId, protocolType: "consumer" }));
      const missing = unique("missing");
      const described = await admin.describeGroups([groupId, missing]);
      expect(described.groups).toMatchObject([
        { groupId, state: "Stable", protocol: "RoundRobinAssigner" },
        { groupId: missing, state: "Dead", members: [] },
      ]);
      expect(described.groups[0]!.members).toMatchObject([{ clientId: "broker-suite" }]);
    });

    it("deletes a group without members, with its offsets, and no other", async () => {
      const topic = await broker.createTopic();
      const groupId = unique("group");
      const consumer = await member(groupId, topic);
      const assignments = watchAssignments(consumer);
      await consumer.run(ignore);
      await assignments.until(([assignment]) => assignment !== undefined);
      await consumer.commitOffsets([{ topic, partition: 0, offset: "0" }]);
      const admin = await broker.admin();
      const refused = (groups: string[]) =>
        admin.deleteGroups(groups).then(
          () => "deleted",
          (error: { groups: { errorCode: number }[] }) => error.groups.map(({ errorCode }) => errorCode),
        );
      expect(await refused([groupId])).toEqual([68]); // NON_EMPTY_GROUP
      await consumer.disconnect();
      expect(await refused([groupId])).toBe("deleted");
      expect(await refused([groupId])).toEqual([69]); // GROUP_ID_NOT_FOUND
      expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([
        { partitions: [{ offset: "-1" }] },
      ]);
    });

    it("tells and sets a group's offsets while it has no members", async () => {
      const topic = await broker.createTopic({ partitions: 2 });
      const groupId = unique("group");
      const admin = await broker.admin();
      await admin.setOffsets({ groupId, topic, partitions: [{ partition: 1, offset: "7" }] });
      const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
      expect(offsets!.partitions.map(({ partition, offset }) => `${partition}: ${offset}`).sort()).toEqual([
        "0: -1",
        "1: 7",
      ]);
      const everything = await admin.fetchOffsets({ groupId });
      expect(everything.map(({ topic: name }) => name)).toEqual([topic]);
    });
  });
}
