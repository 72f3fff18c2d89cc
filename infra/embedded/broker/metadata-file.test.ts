import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MetadataFile } from "./metadata-file.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "metadata-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const ID = "a".repeat(22);
const TOPIC = { name: "t", id: ID, partitions: 1, configs: {} };
const METADATA = { version: 1, clusterId: ID, nextProducerId: 0, topics: [TOPIC] };

describe("the metadata file", () => {
  it("is read back as it was written", () => {
    writeIt({});
    const file = MetadataFile.open(dir);
    file.update({ nextProducerId: 1_000 });
    expect(MetadataFile.open(dir).current).toEqual({ ...METADATA, nextProducerId: 1_000 });
  });

  it.each([
    [{ version: 2 }, "version: expected 1, got 2"],
    [{ clusterId: "x" }, 'clusterId: expected 22 characters, got "x"'],
    [{ nextProducerId: -1 }, "nextProducerId: expected a whole number, got -1"],
    [{ topics: {} }, "topics: expected a list, got {}"],
    [{ topics: [null] }, "topics[0]: expected an object, got null"],
    [{ topics: [{ ...TOPIC, name: 7 }] }, "topics[0].name: expected text, got 7"],
    [
      { topics: [{ ...TOPIC, partitions: 0 }] },
      "topics[0].partitions: expected a whole number from 1, got 0",
    ],
    [{ topics: [{ ...TOPIC, configs: { a: 1 } }] }, "topics[0].configs.a: expected text, got 1"],
  ])("is refused as damaged with %j in it", (change, reason) => {
    writeIt(change);
    expect(() => MetadataFile.open(dir)).toThrow(reason);
    expect(() => MetadataFile.open(dir)).toThrow(expect.objectContaining({ code: "DAMAGED" }));
  });
});

function writeIt(change: object): void {
  writeFileSync(join(dir, "metadata.json"), JSON.stringify({ ...METADATA, ...change }));
}
