import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { violations } from "./architecture/violations.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["functions", "runtime", "ui", "infra"];

function readProject(): Map<string, string> {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path) && !path.includes("node_modules"))
      .map((path) => `${folder}/${path}`),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
}

/** What is wrong with one file of the given text, in a project that has a topic `orders`. */
const check = (path: string, text: string) =>
  violations(
    new Map([
      ["functions/topics/orders.ts", 'export const orders = defineTopic({ name: "orders", partitions: 1 });'],
      [path, text],
    ]),
  );

describe("the architecture", () => {
  it("is kept by every source file", () => {
    const files = readProject();
    expect(files.size).toBeGreaterThan(50);
    expect(violations(files)).toEqual([]);
  });

  it.each([
    ["functions/topics/a.ts", 'import { defineTopic } from "../../runtime/define.ts"'],
    ["functions/topics/a.ts", 'import { z } from "zod"'],
    ["functions/consume/a.ts", 'import { orders } from "../topics/orders.ts"'],
    ["functions/consume/a.ts", 'import { windowOf } from "../../runtime/windows.ts"'],
    ["runtime/a.ts", 'import { Kafka } from "kafkajs"; import fs from "node:fs"; import "./capture/b.ts"'],
    ["runtime/cli/a.ts", 'import { invoke } from "../invoke.ts"; import(computed)'],
    [
      "runtime/main.ts",
      'import "../functions/topics/orders.ts"; import "../ui/app.ts"; import "../infra/embedded/start.ts"',
    ],
    [
      "ui/api/a.ts",
      'import type { ReadView } from "../../runtime/view.ts"; import { html } from "hono/html"',
    ],
    ["infra/embedded/log/a.ts", 'import "../wire/b.ts"; import { crc32c } from "@node-rs/crc32"'],
    ["infra/embedded/a.test.ts", 'import "../../runtime/invoke.ts"'],
  ])("lets %s have %s", (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it.each([
    ["functions/topics/a.ts", 'import { x } from "../../runtime/windows.ts"', "../../runtime/windows.ts"],
    ["functions/topics/a.ts", 'import { x } from "../consume/b.ts"', "../consume/b.ts"],
    ["functions/consume/a.ts", 'import { invoke } from "../../runtime/invoke.ts"', "../../runtime/invoke.ts"],
    ["functions/consume/a.ts", 'import type { X } from "../../runtime/kafka.ts"', "../../runtime/kafka.ts"],
    ["functions/consume/a.ts", 'import { randomUUID } from "node:crypto"', "node:crypto"],
    ["functions/produce/a.ts", 'import { Kafka } from "kafkajs"', "kafkajs"],
    ["functions/produce/a.ts", 'const fs = await import("node:fs")', "node:fs"],
    ["functions/produce/a.ts", 'const fs = await import("node:" + "fs")', "a computed path"],
    ["functions/produce/a.ts", 'const fs = require("fs")', "fs"],
    ["functions/produce/a.ts", 'export { x } from "../../ui/app.ts"; export const y = 1', "../../ui/app.ts"],
    ["runtime/windows.ts", 'import { log } from "./log.ts"', "./log.ts"],
    ["runtime/a.ts", 'import { app } from "../ui/app.ts"', "../ui/app.ts"],
    ["runtime/a.ts", 'import type { App } from "../ui/app.ts"', "../ui/app.ts"],
    [
      "runtime/a.ts",
      'import { startBroker } from "../infra/embedded/start.ts"',
      "../infra/embedded/start.ts",
    ],
    ["runtime/a.ts", 'type B = import("../infra/embedded/start.ts").Broker', "../infra/embedded/start.ts"],
    [
      "runtime/a.ts",
      'import { orders } from "../functions/topics/orders.ts"',
      "../functions/topics/orders.ts",
    ],
    ["ui/api/a.ts", 'import { invoke } from "../../runtime/invoke.ts"', "../../runtime/invoke.ts"],
    ["ui/api/a.ts", 'import { type ReadView } from "../../runtime/view.ts"', "../../runtime/view.ts"],
    ["ui/api/a.ts", 'import { Kafka } from "kafkajs"', "kafkajs"],
    [
      "infra/embedded/log/a.ts",
      'import type { X } from "../../../runtime/define.ts"',
      "../../../runtime/define.ts",
    ],
  ])("keeps %s from %s", (path, text, imported) => {
    expect(check(path, text)).toEqual([`${path} may not import ${imported}`]);
  });

  it.each(['"orders"', '"orders.dlq"', "`orders`"])(
    "keeps the runtime from naming a topic as %s",
    (literal) => {
      expect(check("runtime/a.ts", `export const topic = ${literal};`)).toEqual([
        expect.stringMatching(/^runtime\/a\.ts names the topic orders/),
      ]);
      expect(check("functions/consume/a.ts", `export const topic = ${literal};`)).toEqual([]);
    },
  );

  it.each([
    'export * from "./b.ts";',
    'export { b } from "./b.ts";\nexport type { C } from "./c.ts";',
    'import { b } from "./b.ts";\nexport { b };',
  ])("has no barrels: %s", (text) => {
    expect(check("runtime/a.ts", text)).toEqual([
      "runtime/a.ts only hands on what others export: import from those",
    ]);
  });

  it("has a rule for every folder", () => {
    expect(check("infra/new/a.ts", "")).toEqual([
      "infra/new/a.ts is in no folder that a rule is for: add one",
    ]);
  });
});
