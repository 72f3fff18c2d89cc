import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Reader } from "../wire/reader.ts";
import type { Type } from "../wire/schema.ts";
import { Writer } from "../wire/writer.ts";
import { apis } from "./api-registry.ts";
import type { Api } from "./define-api.ts";

/** Bytes made from Apache Kafka 4.4.0's own message definitions: infra/apache-kafka/make-golden-messages.ts. */
const lines = readFileSync(new URL("golden-messages.txt", import.meta.url), "utf8")
  .trim()
  .split("\n");
const golden = new Map(
  lines
    .map((line) => line.split("\t") as [name: string, request: string, response: string])
    .map(([name, request, response]) => [name, { request, response }]),
);

function* servedVersions(): Generator<[name: string, api: Api, version: number]> {
  for (const api of [...apis.values()].sort((a, b) => a.key - b.key)) {
    const [min, max] = api.versions;
    for (let version = min; version <= max; version++)
      yield [`${api.key} ${api.name} v${version}`, api, version];
  }
}

function reencode(type: Type<unknown>, hex: string, api: Api, version: number): string {
  const flexible = api.flexibleFrom !== null && version >= api.flexibleFrom;
  const reader = new Reader(Buffer.from(hex, "hex"));
  const value = type.read(reader, version, flexible);
  expect(reader.remaining).toBe(0);
  const writer = new Writer();
  type.write(writer, value, version, flexible);
  return Buffer.concat(writer.finish()).toString("hex");
}

describe("Apache Kafka's own bytes", () => {
  it("cover every version that is served", () => {
    expect([...golden.keys()]).toEqual([...servedVersions()].map(([name]) => name));
  });

  it.each([...servedVersions()])("%s is read to its end and written back the same", (name, api, version) => {
    const { request, response } = golden.get(name)!;
    expect(reencode(api.request, request, api, version)).toBe(request);
    expect(reencode(api.response, response, api, version)).toBe(response);
  });
});
