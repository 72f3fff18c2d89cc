import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { captured, consumer, order, temporaryFolder } from "../capture/fixtures.ts";
import { createCaptureLines } from "../capture/format.ts";
import { runTest, stdinOf } from "./cli-harness.ts";

const tick = { kind: "tick", seq: 3, scheduledAt: 5, elapsedMs: 1, instanceId: "i", state: null };
const invokeWith = (name: string, input: unknown) =>
  runTest(["invoke", name, "--json", "--input", "-"], { stdin: stdinOf(JSON.stringify(input)) });

describe("invoke", () => {
  it("prints the recorded result of a bare tick, which brings its own time", async () => {
    const { code, stdout, stderr } = await invokeWith("order-producer", tick);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      function: "order-producer",
      trigger: "cli",
      input: tick,
      now: 5,
      outcome: { kind: "ok", output: { emit: [{ topic: "orders", key: "user_1" }] } },
    });
  });

  it("runs a capture's line as it was recorded, its secrets filled in and never printed", async () => {
    const recorded = captured(consumer, [order(7, "user_1", 1)]);
    const lines = createCaptureLines({ of: "function", name: "total-consumer", createdAt: "" });
    const line = lines.entry({ ...recorded, config: { bonus: 2, password: "x" } });
    const { stdout } = await invokeWith("total-consumer", JSON.parse(line));
    expect(JSON.parse(stdout)).toMatchObject({
      now: recorded.now,
      seed: recorded.seed,
      config: { bonus: 2, password: "[redacted]" },
      outcome: { output: { state: [{ value: { total: 3 } }] } },
    });
  });

  it("runs on the sample without an input, and says so", async () => {
    const { code, stdout, stderr } = await runTest(["invoke", "total-consumer"]);
    expect(code).toBe(0);
    expect(stderr).toContain('running on the sample that "ksp sample total-consumer" prints');
    expect(stdout).toMatch(
      /^total-consumer batch orders\/\d, offsets 0–4: ok in [\d.]+ ms\n {2}emit totals /,
    );
  });

  it("runs under the purity guards", async () => {
    const impure = {
      ...consumer,
      definition: { ...consumer.definition, handler: () => ({ emit: [], state: [Date.now()] }) as never },
    };
    const { stdout } = await runTest(["invoke", "total-consumer"], { loadFunctions: async () => [impure] });
    expect(stdout).toContain("ImpureError: Date.now() is not available inside a handler");
  });

  it("ends with 1 when the input is not valid, and says what was expected", async () => {
    const { code, stdout } = await invokeWith("order-producer", { ...tick, seq: "x" });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).outcome).toMatchObject({ kind: "invalid" });
  });

  it("names the input that is missing, empty, no JSON, or a whole capture: exit code 2", async () => {
    const path = join(await temporaryFolder(), "input");
    const attempt = async (text: string) => {
      await writeFile(path, text);
      return runTest(["invoke", "order-producer", "--input", path]);
    };
    expect(await runTest(["invoke", "order-producer", "--input", path])).toMatchObject({
      code: 2,
      stderr: `ksp: ${path}: no such file\n`,
    });
    expect((await attempt(" ")).stderr).toContain(`${path}: expected a JSON document, got nothing`);
    expect((await attempt("{")).stderr).toContain(`${path}: expected one JSON document`);
    const { header } = createCaptureLines({ of: "function", name: "f", createdAt: "" });
    expect(await attempt(`${header}\n`)).toMatchObject({ code: 2, stdout: "" });
    expect((await attempt(`${header}\n`)).stderr).toContain("whole capture");
  });

  it("lets no control character of a record through to the terminal", async () => {
    const { stdout } = await runTest(["invoke", "total-consumer", "--input", "-"], {
      stdin: stdinOf(JSON.stringify(captured(consumer, [order(1, "\x1b[2J\u009b2J\u202e", 1)]))),
    });
    expect(stdout).toContain("\\u001b[2J\\u009b2J\\u202e");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(stdout).not.toMatch(/[\x1b\u009b\u202e]/);
  });
});

describe("sample", () => {
  it.each(["order-producer", "total-consumer"])("prints an input that invoke takes: %s", async (name) => {
    const { stdout } = await runTest(["sample", name]);
    expect((await invokeWith(name, JSON.parse(stdout))).code).toBe(0);
    expect((await runTest(["sample", name, "--json"])).stdout).toBe(
      `${JSON.stringify(JSON.parse(stdout))}\n`,
    );
  });
});
