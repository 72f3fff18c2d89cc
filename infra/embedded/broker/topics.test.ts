import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type LogFs, nodeFs } from "../log/log-fs.ts";
import { encodeBatch } from "../wire/record-batch.ts";
import { toBrokerConfig } from "./config.ts";
import { ErrorCode } from "./errors.ts";
import { silentLogger } from "./logger.ts";
import { MetadataFile } from "./metadata-file.ts";
import { ProducerIds } from "./producer-ids.ts";
import { Topics } from "./topics.ts";

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "topics-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function open(dataDir: string, fs: LogFs = nodeFs, config = toBrokerConfig({})): Topics {
  return Topics.open({
    dataDir,
    file: MetadataFile.open(dataDir),
    config,
    now: () => 0,
    logger: silentLogger,
    fs,
  });
}

function aBatch(): Buffer {
  return encodeBatch({
    baseOffset: 0,
    records: [{ timestamp: 0, key: null, value: Buffer.from("v"), headers: [] }],
  });
}

const wanted = { name: "orders", partitions: 2, configs: { "retention.ms": "1000" } };

describe("topics", () => {
  it("that cannot be made leave no folder and no open file behind", async () => {
    const dir = temporaryDir();
    const openFiles = new Set<number>();
    let failAt = "";
    const topics = open(dir, {
      ...nodeFs,
      openSync(path, flags) {
        if (failAt !== "" && path.includes(failAt))
          throw Object.assign(new Error("EMFILE"), { code: "EMFILE" });
        const fd = nodeFs.openSync(path, flags);
        openFiles.add(fd);
        return fd;
      },
      closeSync(fd) {
        openFiles.delete(fd);
        nodeFs.closeSync(fd);
      },
    });
    topics.create(wanted);
    const before = openFiles.size;
    failAt = "other-1";
    expect(() => topics.create({ ...wanted, name: "other" })).toThrow("EMFILE");
    failAt = "orders-3";
    expect(() => topics.addPartitions("orders", 4)).toThrow("EMFILE");
    await vi.waitFor(() =>
      expect(readdirSync(dir).filter((name) => /other|orders-[23]/.test(name))).toEqual([]),
    );
    expect(openFiles.size).toBe(before);
    await topics.close();
  });

  it("have no more partitions in all than the broker may have", async () => {
    const topics = open(temporaryDir(), nodeFs, toBrokerConfig({ maxPartitions: 3 }));
    topics.create(wanted);
    const refused = { code: ErrorCode.INVALID_PARTITIONS };
    expect(() => topics.create({ ...wanted, name: "other" })).toThrow(expect.objectContaining(refused));
    expect(() => topics.addPartitions("orders", 4)).toThrow(expect.objectContaining(refused));
    topics.addPartitions("orders", 3);
    await topics.close();
  });

  it("are there after a restart with id, partitions, configs and records", async () => {
    const dir = temporaryDir();
    const before = open(dir);
    const { id } = before.create(wanted);
    await before.partition("orders", 1)?.log.append(aBatch());
    before.addPartitions("orders", 3);
    before.setConfigs("orders", { "retention.ms": "2000" });
    await before.close();

    const after = open(dir);
    const topic = after.get("orders");
    expect(topic).toMatchObject({ id, overrides: { "retention.ms": "2000" }, internal: false });
    expect(topic?.config.log.retentionMs).toBe(2000);
    expect(topic?.partitions.map(({ log }) => log.endOffset)).toEqual([0, 1, 0]);
    expect(after.byId(id)).toBe(topic);
    await after.close();
  });

  it("made again under the name of a deleted one are empty and have another id", async () => {
    const dir = temporaryDir();
    const topics = open(dir);
    const { id } = topics.create(wanted);
    await topics.partition("orders", 0)?.log.append(aBatch());
    await topics.delete("orders");
    expect(existsSync(join(dir, "orders-0"))).toBe(false);
    const again = topics.create(wanted);
    expect(again.id).not.toBe(id);
    expect(again.partitions[0]?.log.endOffset).toBe(0);
    await topics.close();
  });

  it("cannot be made again while their files are being deleted", async () => {
    const topics = open(temporaryDir());
    topics.create(wanted);
    const deleted = topics.delete("orders");
    expect(() => topics.create(wanted)).toThrow("is being deleted");
    await deleted;
    topics.create(wanted);
    await topics.close();
  });

  it("wake those who wait for their records when they are deleted", async () => {
    const topics = open(temporaryDir());
    const woken: boolean[] = [];
    topics.create(wanted).partitions[1]?.watch(() => woken.push(topics.get("orders") === undefined));
    await topics.delete("orders");
    expect(woken).toEqual([true]);
  });

  it("leave nothing behind when a deletion was cut short, and other folders alone", async () => {
    const dir = temporaryDir();
    await open(dir).close();
    for (const name of ["old-0", "old-1.deleted", "notes"]) mkdirSync(join(dir, name));
    const topics = open(dir);
    expect(["old-0", "old-1.deleted", "notes"].map((name) => existsSync(join(dir, name)))).toEqual([
      false,
      false,
      true,
    ]);
    await topics.close();
  });

  it.each([
    [{ ...wanted, name: "" }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ ...wanted, name: ".." }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ ...wanted, name: "a/b" }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ ...wanted, name: "x".repeat(250) }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ ...wanted, name: "a\0b" }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    [{ ...wanted, partitions: 0 }, ErrorCode.INVALID_PARTITIONS],
    [{ ...wanted, partitions: 2_000_000_000 }, ErrorCode.INVALID_PARTITIONS],
    [{ ...wanted, configs: { "no.such.key": "1" } }, ErrorCode.INVALID_CONFIG],
  ])("are refused as %o", (topic, code) => {
    const topics = open(temporaryDir());
    expect(() => topics.create(topic)).toThrow(expect.objectContaining({ code }));
    expect(topics.list()).toEqual([]);
  });

  it("never lose partitions, and take no config that is not understood", async () => {
    const topics = open(temporaryDir());
    topics.create(wanted);
    expect(() => topics.addPartitions("orders", 2)).toThrow("Expected more than the 2 partitions");
    expect(() => topics.setConfigs("orders", { "retention.ms": "soon" })).toThrow("retention.ms");
    expect(topics.get("orders")?.overrides).toEqual(wanted.configs);
    expect(() => topics.setConfigs("nothing", {})).toThrow("There is no topic");
    await topics.close();
  });
});

describe("metadata that cannot be read", () => {
  it.each([
    ["cut in half", '{"version":1,"clusterId":"'],
    [
      "of another version",
      '{"version":2,"clusterId":"AAAAAAAAAAAAAAAAAAAAAA","nextProducerId":0,"topics":[]}',
    ],
  ])("refuses to start, names the file and keeps it: %s", (_what, text) => {
    const dir = temporaryDir();
    writeFileSync(join(dir, "metadata.json"), text);
    expect(() => MetadataFile.open(dir)).toThrow(
      expect.objectContaining({
        code: "DAMAGED",
        message: expect.stringContaining(join(dir, "metadata.json")),
      }),
    );
  });
});

describe("producer ids", () => {
  it("are never handed out twice, not even after a crash", () => {
    const dir = temporaryDir();
    const first = new ProducerIds(MetadataFile.open(dir));
    const ids = Array.from({ length: 1_500 }, () => first.allocate());
    const second = new ProducerIds(MetadataFile.open(dir));
    ids.push(...Array.from({ length: 10 }, () => second.allocate()));
    expect(new Set(ids).size).toBe(1_510);
  });
});
