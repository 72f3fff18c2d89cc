import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { type StartBrokerOptions, startBroker } from "../infra/embedded/start.ts";
import { decodeBatch, parseBatchHeader } from "../infra/embedded/wire/record-batch.ts";
import { createBrokerUnderTest } from "./broker/broker-under-test.ts";
import { consume } from "./broker/consume.ts";
import { committed } from "./broker/group-requests.ts";
import { Code, fetch } from "./broker/log-requests.ts";
import { connectRaw, type RawConnection } from "./broker/raw-connection.ts";
import { RawProducer } from "./broker/transaction-requests.ts";
import { Writer } from "./broker/wire.ts";

/*
 * Transactions of the embedded broker through crashes: what Apache Kafka does too is in broker-suite.ts; this needs the
 * broker's own life in hand.
 */
const OUT = { topic: "out", partition: 0 };
const COPY = { topic: "copy", partition: 0 };
const GROUP = "g";
const AN_HOUR_MS = 3_600_000;

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "embedded-transactions-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A broker in this process, and a connection to it. */
async function start(options: Partial<StartBrokerOptions> = {}) {
  const broker = await startBroker({ port: 0, dataDir: temporaryDir(), ...options });
  onTestFinished(() => broker.stop());
  return { broker, connection: await connect(broker.port) };
}

async function connect(port: number): Promise<RawConnection> {
  const connection = await connectRaw(`127.0.0.1:${port}`);
  onTestFinished(() => connection.close());
  return connection;
}

async function createTopics(port: number): Promise<void> {
  const admin = await createBrokerUnderTest(() => `127.0.0.1:${port}`).admin();
  await admin.createTopics({ topics: [OUT, COPY].map(({ topic }) => ({ topic })) });
}

/** What a read_committed consumer hands on: Kafka's rules, written apart from the broker. */
async function readCommitted(connection: RawConnection, target: typeof OUT, from = 0) {
  const values: string[] = [];
  for (let offset = from; ; ) {
    const fetched = await fetch(connection, target, { offset, readCommitted: true });
    expect(fetched.error).toBe(Code.NONE);
    const stable = fetched.lastStableOffset === fetched.highWatermark;
    if (fetched.records.length === 0) return { values, stable };
    const [aborting, upcoming] = [new Set<number>(), [...fetched.aborted]];
    for (let at = 0; at < fetched.records.length; ) {
      const { sizeBytes } = parseBatchHeader(fetched.records, at);
      const { header, records } = decodeBatch(fetched.records.subarray(at, at + sizeBytes));
      at += sizeBytes;
      offset = header.baseOffset + header.lastOffsetDelta + 1;
      while (upcoming[0] && upcoming[0].firstOffset < offset) aborting.add(upcoming.shift()!.producerId);
      if (header.control) aborting.delete(header.producerId);
      else if (!header.transactional || !aborting.has(header.producerId)) {
        values.push(...records.map(({ value }) => String(value)));
      }
    }
  }
}

/** All that the transactions of these tests touch, as others see it. */
async function observe(connection: RawConnection) {
  const [out, copy] = [await readCommitted(connection, OUT), await readCommitted(connection, COPY)];
  const { offset } = await committed(connection, GROUP, OUT.topic);
  return { out: out.values, copy: copy.values, offset, stable: out.stable && copy.stable };
}

/** Writes `value` to both topics and moves the group's offset behind it. */
async function transact(producer: RawProducer, value: number, commit: boolean): Promise<void> {
  const codes = [
    await producer.add(OUT),
    (await producer.send(OUT, String(value))).error,
    await producer.add(COPY),
    (await producer.send(COPY, String(value))).error,
    await producer.addOffsets(GROUP),
    await producer.commitOffset(GROUP, OUT, value + 1),
    await producer.end(commit),
  ];
  expect(codes).toEqual(codes.map(() => Code.NONE));
}

/** Every place between two steps of a transaction, as the failpoint is told them. */
const COMMIT_STEPS = [
  "before storing Ongoing",
  "after storing Ongoing",
  "before storing PrepareCommit",
  "after storing PrepareCommit",
  ...["out-0", "copy-0", "__consumer_offsets-0"].flatMap((p) => [
    `before marking ${p}`,
    `after marking ${p}`,
  ]),
  "before storing CompleteCommit",
  "after storing CompleteCommit",
];
const OTHER_STEPS = [
  "before storing Empty",
  "after storing Empty",
  "before storing PrepareAbort",
  "after storing PrepareAbort",
  "before storing CompleteAbort",
  "after storing CompleteAbort",
];

describe("a transaction on the embedded broker", () => {
  it("is there as a whole or not at all, wherever the broker dies: on disk after every step", async () => {
    const dataDir = temporaryDir();
    const deaths: { step: string; dir: string }[] = [];
    const failpoint = (step: string) => {
      const dir = temporaryDir();
      cpSync(dataDir, dir, { recursive: true, filter: (from) => basename(from) !== "lock" });
      deaths.push({ step, dir });
    };
    const { broker, connection } = await start({ dataDir, failpoint });
    await createTopics(broker.port);
    const producer = await RawProducer.start(connection, "id");
    await transact(producer, 0, true);
    await transact(producer, 1, false);
    await transact(producer, 2, true);
    expect(new Set(deaths.map(({ step }) => step))).toEqual(new Set([...COMMIT_STEPS, ...OTHER_STEPS]));

    const decided = ["0", "2"];
    let promised: string[] = [];
    for (const { step, dir } of deaths) {
      if (step === "after storing PrepareCommit") promised = decided.slice(0, promised.length + 1);
      const after = await startBroker({ port: 0, dataDir: dir });
      const reader = await connect(after.port);
      const found = await observe(reader);
      const offset = promised.length === 0 ? -1 : Number(promised.at(-1)) + 1;
      expect(found, step).toMatchObject({ out: promised, copy: promised, offset });
      // Whoever comes next ends what was open, and goes on.
      const heir = await RawProducer.start(reader, "id");
      const settled = await observe(reader);
      expect(settled, step).toEqual({ ...found, stable: true });
      await transact(heir, 9, true);
      expect(await observe(reader)).toEqual({
        out: [...promised, "9"],
        copy: [...promised, "9"],
        offset: 10,
        stable: true,
      });
      await after.stop();
    }
  });

  it("copies records exactly once through kill -9 after each step", async () => {
    const dataDir = temporaryDir();
    const steps = [...COMMIT_STEPS, ...OTHER_STEPS].filter((step) => step.startsWith("after"));
    for (const [life, killAt] of steps.entries()) {
      const { port, exited } = await forkBroker(dataDir, killAt);
      if (life === 0) await createTopics(port);
      const connection = await connect(port);
      await copyUntilCutOff(connection);
      expect(await exited).toBe("SIGKILL");
    }
    const { connection } = await start({ dataDir });
    await RawProducer.start(connection, "copier");
    const { out, copy, offset, stable } = await observe(connection);
    expect(offset).toBeGreaterThan(3);
    expect(out).toEqual(Array.from({ length: offset }, (_, i) => String(i)));
    expect(copy).toEqual(out);
    expect(stable).toBe(true);
  }, 120_000);

  it("that stays open for longer than its producer asked for is aborted, and the producer fenced", async () => {
    const { broker, connection } = await start();
    await createTopics(broker.port);
    const producer = await RawProducer.start(connection, "slow", 50);
    await producer.add(OUT);
    await producer.send(OUT, "x");
    const reader = await connect(broker.port);
    const woken = await fetch(reader, OUT, { offset: 0, readCommitted: true, maxWaitMs: AN_HOUR_MS });
    expect(woken.aborted).toEqual([{ producerId: producer.producerId, firstOffset: 0 }]);
    expect((await readCommitted(reader, OUT)).values).toEqual([]);
    expect(await producer.end(true)).toBe(Code.INVALID_PRODUCER_EPOCH);
    expect((await producer.send(OUT, "y")).error).toBe(Code.INVALID_PRODUCER_EPOCH);
  });

  it("that only its partitions know of is aborted at the start: no reader waits for ever", async () => {
    const dataDir = temporaryDir();
    const first = await startBroker({ port: 0, dataDir });
    await createTopics(first.port);
    const connection = await connect(first.port);
    const producer = await RawProducer.start(connection, "lost");
    await producer.add(OUT);
    await producer.send(OUT, "x");
    await producer.addOffsets(GROUP);
    await producer.commitOffset(GROUP, OUT, 5);
    connection.close();
    await first.stop();
    // As by a power failure.
    truncateSync(join(dataDir, "__transaction_state-0", `${"0".repeat(20)}.log`));
    rmSync(join(dataDir, "__transaction_state-0", `${"0".repeat(20)}.index`));

    const again = await start({ dataDir });
    expect(await observe(again.connection)).toEqual({ out: [], copy: [], offset: -1, stable: true });
  });

  it("tells a fenced producer so by the code that its version knows", async () => {
    const { connection } = await start();
    const zombie = await RawProducer.start(connection, "id");
    await RawProducer.start(connection, "id");
    const request = () =>
      new Writer().string("id").int64(zombie.producerId).int16(zombie.producerEpoch).boolean(true);
    const codes = [];
    for (const version of [1, 2]) {
      const response = await connection.request(26, version, request());
      response.int32(); // throttle time
      codes.push(response.int16());
    }
    expect(codes).toEqual([47, 90]);
  });

  it("is hidden from kafkajs when it was aborted, also when another was open at the same time", async () => {
    const { broker, connection } = await start();
    await createTopics(broker.port);
    const [one, two] = [
      await RawProducer.start(connection, "one"),
      await RawProducer.start(connection, "two"),
    ];
    // The one that begins last ends first.
    for (const producer of [one, two, one, two]) {
      await producer.add(OUT);
      await producer.send(OUT, "aborted");
    }
    await two.end(false);
    await one.end(false);
    await one.add(OUT);
    await one.send(OUT, "committed");
    await one.end(true);
    const consumer = await createBrokerUnderTest(() => `127.0.0.1:${broker.port}`).consumer("kafkajs");
    await consumer.subscribe({ topic: OUT.topic, fromBeginning: true });
    const [first] = await consume(consumer, 1);
    expect(String(first?.message.value)).toBe("committed");
  });

  it("is as it was when records before it, or of it, are deleted, and the broker starts again", async () => {
    const dataDir = temporaryDir();
    const config = { logSegmentBytes: 300 };
    const first = await startBroker({ port: 0, dataDir, config });
    await createTopics(first.port);
    const connection = await connect(first.port);
    const producer = await RawProducer.start(connection, "id");
    for (let value = 0; value < 12; value++) await transact(producer, value, value % 3 === 0);
    // Offset 15 is the marker of the transaction of value 7, which was aborted: its record is gone, its end is not.
    const deletion = new Writer();
    deletion.array([OUT], ({ topic, partition }) =>
      deletion.string(topic).array([partition], (p) => deletion.int32(p).int64(15)),
    );
    await connection.request(21, 1, deletion.int32(1_000));
    connection.close();
    await first.stop();

    const again = await start({ dataDir, config });
    const { aborted } = await fetch(again.connection, OUT, { offset: 15, readCommitted: true });
    expect(aborted[0]).toEqual({ producerId: producer.producerId, firstOffset: 14 });
    expect((await readCommitted(again.connection, OUT, 15)).values).toEqual(["9"]);
    expect((await readCommitted(again.connection, COPY)).values).toEqual(["0", "3", "6", "9"]);
  });
});

/** Numbers are copied from where the group is, every third one in vain at first, until the connection is gone. */
async function copyUntilCutOff(connection: RawConnection): Promise<void> {
  let lost = false;
  void connection.closed.then(() => {
    lost = true;
  });
  try {
    const producer = await RawProducer.start(connection, "copier");
    let next = Math.max(0, (await committed(connection, GROUP, OUT.topic)).offset);
    for (;;) {
      if (next % 3 === 0) await transact(producer, next, false);
      await transact(producer, next++, true);
    }
  } catch (error) {
    await connection.closed;
    if (!lost) throw error;
  }
}

const START = new URL("../infra/embedded/start.ts", import.meta.url).href;
/** A broker that kills itself when it comes to a step, the second time if it can, and prints its port. */
const SUICIDAL = `
  const [, dataDir, killAt] = process.argv;
  const { startBroker } = await import(${JSON.stringify(START)});
  let left = killAt.endsWith("Empty") ? 1 : 2; // a producer begins but once in its life
  const failpoint = (step) => {
    if (step === killAt && --left === 0) process.kill(process.pid, "SIGKILL");
  };
  const { port } = await startBroker({ port: 0, dataDir, failpoint });
  process.stdout.write(port + "\\n");`;

async function forkBroker(dataDir: string, killAt: string) {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", SUICIDAL, dataDir, killAt],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const exited = once(child, "exit").then(([, signal]) => signal as string);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { port: Number(line), exited };
}
