import { CompressionTypes } from "kafkajs";
import { describe, expect, it } from "vitest";
import { type BrokerUnderTest, unique } from "./broker-under-test.ts";
import { consume } from "./consume.ts";
import { Code, fetch, initProducerId, produce, produceUnacknowledged } from "./log-requests.ts";
import { CODECS, type CodecName, toBatch } from "./record-batch.ts";

const TYPES: Record<CodecName, CompressionTypes> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** What a record can be: absent, empty, binary, and long enough to be worth compressing. */
const now = Date.now();
const RECORDS = [
  { key: "a key", value: "a value", headers: { trace: "abc", list: ["one", "two"] } },
  { key: null, value: "no key", headers: {} },
  { key: "tombstone", value: null, headers: {} },
  { key: "", value: "", headers: { empty: "" } },
  { key: "ключ", value: Buffer.from([0, 255, 128, 10]), headers: { bytes: Buffer.from([1, 2]) } },
  { key: "long", value: "value ".repeat(5000), headers: {} },
].map((record, i) => ({ ...record, timestamp: String(now - 1000 + i) }));

const text = (bytes: Buffer | string | null | undefined): string | null =>
  bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString("latin1");
const headerText = (value: unknown) => [value].flat().map((one) => text(one as Buffer));
const comparable = (record: {
  key: unknown;
  value: unknown;
  headers?: object | undefined;
  timestamp: string;
}) => ({
  key: text(record.key as Buffer),
  value: text(record.value as Buffer),
  headers: Object.fromEntries(
    Object.entries(record.headers ?? {}).map(([name, value]) => [name, headerText(value)]),
  ),
  timestamp: record.timestamp,
});

export function produceBehaviours(broker: BrokerUnderTest): void {
  describe("produce", () => {
    describe.each(CODECS)("with codec %s", (codec) => {
      it.each([
        ["all", -1],
        ["leader", 1],
        ["none", 0],
      ])("and acks %s keeps records whole and in order, stored as they were sent", async (_, acks) => {
        const topic = await broker.createTopic();
        const producer = await broker.producer();
        await producer.send({ topic, acks, compression: TYPES[codec], messages: RECORDS });
        const consumer = await broker.consumer(unique("group"));
        await consumer.subscribe({ topics: [topic], fromBeginning: true });
        const consumed = await consume(consumer, RECORDS.length);
        expect(consumed.map(({ message }) => comparable(message))).toEqual(RECORDS.map(comparable));
        expect(consumed.map(({ message }) => message.offset)).toEqual(RECORDS.map((_record, i) => String(i)));
        const { batches } = await fetch(await broker.connect(), { topic }, { offset: 0 });
        expect(batches).toEqual([
          { baseOffset: 0, lastOffset: 5, codec, count: 6, control: false, crcOk: true },
        ]);
      });
    });

    it("answers with the offset of the first record, and offsets have no gaps", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      for (const [count, baseOffset] of [
        [3, 0],
        [1, 3],
        [5, 4],
      ] as const) {
        const batch = await toBatch(Array.from({ length: count }, (_, i) => ({ value: `${i}` })));
        const answer = await produce(connection, { topic }, batch);
        expect(answer).toEqual({ error: Code.NONE, baseOffset, logAppendTime: -1, logStartOffset: 0 });
      }
      const { highWatermark, batches } = await fetch(connection, { topic }, { offset: 0 });
      expect(highWatermark).toBe(9);
      expect(batches.map(({ baseOffset, lastOffset }) => [baseOffset, lastOffset])).toEqual([
        [0, 2],
        [3, 3],
        [4, 8],
      ]);
    });

    it("answers requests on one connection in their order", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const batches = await Promise.all(["a", "b", "c", "d", "e"].map((value) => toBatch([{ value }])));
      const answers = await Promise.all(batches.map((batch) => produce(connection, { topic }, batch)));
      expect(answers.map(({ baseOffset }) => baseOffset)).toEqual([0, 1, 2, 3, 4]);
      expect(connection.answered).toEqual([1, 2, 3, 4, 5]);
    });

    it("with acks 0 sends no response", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      produceUnacknowledged(connection, { topic }, await toBatch([{ value: "first" }]));
      const { baseOffset } = await produce(connection, { topic }, await toBatch([{ value: "second" }]));
      expect(baseOffset).toBe(1);
      expect(connection.answered).toEqual([2]);
    });

    it("takes a record of nearly the largest size", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const value = Buffer.alloc(1024 * 1024 - 200, "x");
      expect(await produce(connection, { topic }, await toBatch([{ value }]))).toMatchObject({
        error: Code.NONE,
      });
      const { batches } = await fetch(connection, { topic }, { offset: 0 });
      expect(batches).toMatchObject([{ count: 1, crcOk: true }]);
    });

    it.each([
      [
        "larger than max.message.bytes",
        Code.MESSAGE_TOO_LARGE,
        () => toBatch([{ value: Buffer.alloc(1024 * 1024 + 100) }]),
      ],
      [
        "with a wrong CRC",
        Code.CORRUPT_MESSAGE,
        async () => changed(await toBatch([{ value: "flipped" }]), -1),
      ],
      ["that counts more records than it has offsets", Code.INVALID_RECORD, async () => wrongCount()],
    ])("refuses a batch %s and appends nothing", async (_, error, batch) => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      expect(await produce(connection, { topic }, await batch())).toMatchObject({ error, baseOffset: -1 });
      expect(await fetch(connection, { topic }, { offset: 0 })).toMatchObject({
        highWatermark: 0,
        batches: [],
      });
      // The connection is still good, and so is the partition.
      expect(await produce(connection, { topic }, await toBatch([{ value: "good" }]))).toMatchObject({
        baseOffset: 0,
      });
    });

    it("holds a topic to its own max.message.bytes", async () => {
      const topic = await broker.createTopic({ configs: { "max.message.bytes": "500" } });
      const answer = await produce(
        await broker.connect(),
        { topic },
        await toBatch([{ value: Buffer.alloc(500) }]),
      );
      expect(answer.error).toBe(Code.MESSAGE_TOO_LARGE);
    });

    it("refuses acks that Kafka does not have", async () => {
      const topic = await broker.createTopic();
      const answer = await produce(await broker.connect(), { topic }, await toBatch([{ value: "x" }]), 2);
      expect(answer.error).toBe(Code.INVALID_REQUIRED_ACKS);
    });

    it("refuses an unknown topic and an unknown partition", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const batch = await toBatch([{ value: "x" }]);
      for (const target of [{ topic: unique("missing") }, { topic, partition: 1 }]) {
        expect((await produce(connection, target, batch)).error).toBe(Code.UNKNOWN_TOPIC_OR_PARTITION);
      }
    });
  });

  describe("an idempotent producer", () => {
    it("of kafkajs is accepted and its records are in order", async () => {
      const topic = await broker.createTopic();
      const producer = await broker.producer({ idempotent: true });
      for (const value of ["a", "b", "c"]) await producer.send({ topic, messages: [{ value }] });
      const consumer = await broker.consumer(unique("group"));
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      const consumed = await consume(consumer, 3);
      expect(consumed.map(({ message }) => String(message.value))).toEqual(["a", "b", "c"]);
    });

    it("that sends a batch again is told its first offset, and nothing is appended", async () => {
      const topic = await broker.createTopic();
      const connection = await broker.connect();
      const { producerId, producerEpoch } = await initProducerId(connection);
      const send = async (value: string, baseSequence: number, epoch = producerEpoch) =>
        produce(
          connection,
          { topic },
          await toBatch([{ value }], { producerId, producerEpoch: epoch, baseSequence }),
        );
      expect(await send("a", 0)).toMatchObject({ error: Code.NONE, baseOffset: 0 });
      expect(await send("b", 1)).toMatchObject({ error: Code.NONE, baseOffset: 1 });
      expect(await send("a", 0)).toMatchObject({ error: Code.NONE, baseOffset: 0 });
      expect(await send("gap", 3)).toMatchObject({ error: Code.OUT_OF_ORDER_SEQUENCE_NUMBER });
      expect(await send("c", 0, producerEpoch + 1)).toMatchObject({ error: Code.NONE, baseOffset: 2 });
      expect(await send("zombie", 2)).toMatchObject({ error: Code.INVALID_PRODUCER_EPOCH });
      expect((await fetch(connection, { topic }, { offset: 0 })).highWatermark).toBe(3);
    });

    it("gets an id of its own", async () => {
      const connection = await broker.connect();
      const ids = [await initProducerId(connection), await initProducerId(connection)];
      expect(ids.map(({ error }) => error)).toEqual([Code.NONE, Code.NONE]);
      expect(new Set(ids.map(({ producerId }) => producerId)).size).toBe(2);
    });
  });
}

function changed(batch: Buffer, at: number): Buffer {
  const copy = Buffer.from(batch);
  const index = copy.length + at;
  copy[index] = copy[index]! ^ 1;
  return copy;
}

async function wrongCount(): Promise<Buffer> {
  const { crc32c } = await import("@node-rs/crc32");
  const batch = await toBatch([{ value: "a" }, { value: "b" }]);
  batch.writeInt32BE(3, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
