import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "./config.ts";
import { hashCode, loadFunctions, loadTopics } from "./load-functions.ts";

const define = join(import.meta.dirname, "define.ts");
const producer = (more = "") => `
  import { defineProducer } from ${JSON.stringify(define)};
  import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
  ${more}
  export default defineProducer({
    description: "", emits: [], config: z.object({ rate: z.number().default(1) }), handler: () => ({}),
  });`;
const consumer = `
  import { defineConsumer, defineTopic } from ${JSON.stringify(define)};
  import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
  const topic = defineTopic({ name: "t", description: "", partitions: 1, key: null, schema: z.unknown() });
  export default defineConsumer({
    description: "", topic, group: "g", emits: [], config: z.object({}), handler: () => ({}),
  });`;
const topic = (name: string) => `
  import { defineTopic } from ${JSON.stringify(define)};
  import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
  export default defineTopic({ name: "${name}", description: "", partitions: 1, key: null, schema: z.unknown() });`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "functions-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (files: Record<string, string>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
};
const functions = (env: Record<string, string> = {}) => loadFunctions({ root, sources: root }, env);
const topics = () => loadTopics({ root, sources: root });
const problem = (loading: Promise<unknown>): Promise<string> =>
  loading.then(
    () => "none",
    (error: unknown) => {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as Error).message.replaceAll(root, "");
    },
  );

describe("loadFunctions", () => {
  it("finds each file of both folders under its name, and nothing else that is there", async () => {
    write({
      "produce/b-producer.ts": producer(),
      "produce/b-producer.test.ts": "throw new Error('a test was loaded')",
      "produce/simulation/helper.ts": "throw new Error('a folder was loaded')",
      "produce/notes.md": "",
      "produce/types.d.ts": "",
      "consume/a-consumer.ts": consumer,
    });
    const found = await functions({ B_PRODUCER_RATE: "5" });
    expect(found).toMatchObject([
      { name: "a-consumer", definition: { kind: "consumer" }, config: {} },
      { name: "b-producer", definition: { kind: "producer" }, config: { rate: 5 } },
    ]);
    for (const { codeHash } of found) expect(codeHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("finds none where there is no folder", async () => {
    expect(await functions()).toEqual([]);
    expect(await topics()).toEqual([]);
  });

  it("gives each function its own settings where one name begins like another", async () => {
    write({ "produce/alert.ts": producer(), "produce/alert-rate.ts": producer() });
    expect(await functions({ ALERT_RATE: "2", ALERT_RATE_RATE: "3" })).toMatchObject([
      { name: "alert", config: { rate: 2 } },
      { name: "alert-rate", config: { rate: 3 } },
    ]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      "has no default export",
      { "produce/a.ts": "export const a = 1;" },
      /^\/produce\/a\.ts: expected `export default defineProducer\(\{ … \}\)`$/,
    ],
    [
      "is in the wrong folder",
      { "produce/a.ts": consumer },
      /^\/produce\/a\.ts: expected `export default defineProducer/,
    ],
    [
      "is no function",
      { "consume/a.ts": "export default 5;" },
      /^\/consume\/a\.ts: expected `export default defineConsumer/,
    ],
    [
      "has a name that is taken",
      { "produce/a.ts": producer(), "consume/a.ts": consumer },
      /^\/consume\/a\.ts: a function called a is there already/,
    ],
    [
      "throws when it is loaded",
      { "produce/a.ts": "throw new Error('at import');" },
      /^\/produce\/a\.ts: cannot be loaded: at import$/,
    ],
    ["is no code", { "produce/a.ts": "export default {" }, /^\/produce\/a\.ts: cannot be loaded: /],
  ])("names a file that %s", async (_, files, message) => {
    write(files);
    expect(await problem(functions())).toMatch(message);
  });

  it("names a setting that is not valid", async () => {
    write({ "produce/a.ts": producer() });
    expect(await problem(functions({ A_RATE: "x" }))).toMatch(/^A_RATE: .*got "x"$/);
  });
});

describe("loadTopics", () => {
  it("finds each file under its topic's name", async () => {
    write({ "topics/user-events.ts": topic("user-events"), "topics/fields/one.ts": "throw new Error()" });
    expect(await topics()).toMatchObject([{ kind: "topic", name: "user-events" }]);
  });

  it("names a file that declares another topic, or none", async () => {
    write({ "topics/a.ts": topic("b") });
    expect(await problem(topics())).toBe(`/topics/a.ts: expected the topic's name to be "a", got "b"`);
    write({ "topics/a.ts": "export default {};" });
    rmSync(join(root, "topics/a.ts"));
    write({ "topics/c.ts": "export default {};" });
    expect(await problem(topics())).toMatch(/^\/topics\/c\.ts: expected `export default defineTopic/);
  });
});

describe("hashCode", () => {
  const hash = (): string => hashCode(join(root, "a.ts"));

  it("changes with the file and with all that it imports from the project, however deep", () => {
    write({
      "a.ts":
        'import { b } from "./lib/b.ts";\nimport type { C } from\n  "./lib/c.ts";\nimport { z } from "zod";',
      "lib/b.ts": 'export * from "../d.ts";\nconst lazy = import("./e.ts");',
      "lib/c.ts": 'import "../a.ts";', // a cycle
      "lib/e.ts": "",
      "d.ts": "",
      "unrelated.ts": "",
    });
    const hashes = new Set([hash()]);
    for (const file of ["a.ts", "lib/b.ts", "lib/c.ts", "d.ts", "lib/e.ts"]) {
      writeFileSync(join(root, file), "// changed\n", { flag: "a" });
      hashes.add(hash());
    }
    expect(hashes.size).toBe(6);
    write({ "unrelated.ts": "// changed" });
    expect(hashes).toContain(hash());
  });

  it("does not depend on where the project is", () => {
    const files = { "x/a.ts": 'import "./b.ts"; import "../c.ts";', "x/b.ts": "1", "c.ts": "2" };
    write(files);
    const here = hashCode(join(root, "x/a.ts"));
    write(Object.fromEntries(Object.entries(files).map(([name, text]) => [`elsewhere/deep/${name}`, text])));
    expect(hashCode(join(root, "elsewhere/deep/x/a.ts"))).toBe(here);
  });

  it("is of the source where code was built from one", async () => {
    write({
      "src/produce/a.ts": producer("// source"),
      "dist/produce/a.js": producer().replaceAll("  ", " "),
    });
    const fromSource = await loadFunctions({ root: join(root, "src"), sources: join(root, "src") }, {});
    const built = await loadFunctions({ root: join(root, "dist"), sources: join(root, "src") }, {});
    const alone = await loadFunctions({ root: join(root, "dist"), sources: join(root, "gone") }, {});
    expect(built[0]!.codeHash).toBe(fromSource[0]!.codeHash);
    expect(alone[0]!.codeHash).not.toBe(fromSource[0]!.codeHash);
  });
});
