import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { captured, consumer, createConsumer, order, temporaryFolder } from "../capture/fixtures.ts";
import { createRecorder } from "../capture/recorder.ts";
import { runTest } from "./cli-harness.ts";

async function recorded(): Promise<string> {
  const path = join(await temporaryFolder(), "a.ndjson");
  const recorder = await createRecorder(path, { of: "function", name: "total-consumer", createdAt: "" });
  for (const amount of [1, 60, 3])
    await recorder.write(captured(consumer, [order(amount, "user_1", amount)]));
  await recorder.finish();
  return path;
}

const edited = { loadFunctions: async () => [createConsumer({ limit: 50 }, "b".repeat(64))] };

describe("replay", () => {
  it("says same: exit code 0", async () => {
    const path = await recorded();
    expect(await runTest(["replay", path, path])).toEqual({
      code: 0,
      stdout: "same: 6 invocations\n",
      stderr: "",
    });
  });

  it("shows what an edit changed, by record: exit code 1", async () => {
    const path = await recorded();
    const { code, stdout, stderr } = await runTest(["replay", path], edited);
    expect(code).toBe(1);
    expect(stderr).toBe("total-consumer: code bbbbbbbbbbbb is replayed, aaaaaaaaaaaa was captured\n");
    expect(stdout).toContain(
      `${path}:3 total-consumer batch orders/0, offset 60\n  record 60\n    failure handled → expected at most 50, got 60\n`,
    );
    expect(stdout).toMatch(/\ndifferent: 1 of 3 invocations\n$/);
  });

  it("prints one JSON document, whether something differs or not", async () => {
    const path = await recorded();
    const different = JSON.parse((await runTest(["replay", path, "--json"], edited)).stdout);
    expect(different).toMatchObject({
      results: [{ file: path, line: 3, function: "total-consumer", diff: { causes: [{ cause: "60" }] } }],
      invocations: 3,
      different: 1,
      same: false,
      code_changed: ["total-consumer"],
    });
    const same = JSON.parse((await runTest(["replay", path, "--json"])).stdout);
    expect(same).toMatchObject({ results: [], invocations: 3, same: true });
  });

  it("runs another function when told, and refuses one that is not there: exit code 2", async () => {
    const path = await recorded();
    const renamed = { loadFunctions: async () => [{ ...consumer, name: "renamed" }] };
    expect(await runTest(["replay", path, "--function", "renamed"], renamed)).toMatchObject({ code: 0 });
    const { code, stderr } = await runTest(["replay", path], renamed);
    expect([code, stderr]).toEqual([2, 'ksp: unknown function "total-consumer". Known: renamed\n']);
  });

  it("says where a file that was cut in half ends, and not that it is the same: exit code 2", async () => {
    const path = await recorded();
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    const { code, stdout, stderr } = await runTest(["replay", path]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      `ksp: ${path}: truncated: it ends within line 3, at byte ${Math.floor(bytes.length / 2)}\n`,
    );
    expect(await runTest(["replay", `${path}.none`])).toMatchObject({
      code: 2,
      stderr: `ksp: ${path}.none: no such file\n`,
    });
  });

  it("stops when it is interrupted: exit code 130", async () => {
    const interrupted = () => AbortSignal.abort();
    expect(await runTest(["replay", await recorded()], { interrupted })).toMatchObject({
      code: 130,
      stdout: "",
    });
  });
});
