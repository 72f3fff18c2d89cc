/** Recording what a running platform does, and running it again elsewhere, later, and with changed code. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfFunctions, temporaryFolder } from "./for-one-test.ts";
import { type Ended, runKsp, startPlatform } from "./platform.ts";

/** Settings that differ from the defaults: a replay is to take the recorded ones. */
const ENV = { EVENT_PRODUCER_RATE_PER_SECOND: "50", ANALYTICS_CONSUMER_FAILED_LOGINS: "3" };
const COUNT = 10;

const replay = (file: string, options: Parameters<typeof runKsp>[1] = {}): Promise<Ended> =>
  runKsp(["replay", file], options).ended;

describe("a capture of analytics-consumer", () => {
  let folder: string;
  let file: string;
  let lines: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ksp-test-"));
    file = join(folder, "analytics.ndjson");
    const platform = await startPlatform({ env: ENV, args: ["--only", "event-producer,analytics-consumer"] });
    await platform.untilHealthy();
    const args = ["--count", String(COUNT), "--out", file, "--url", platform.url];
    const { code, stderr } = await runKsp(["capture", "analytics-consumer", ...args]).ended;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: [`${file} holds ${COUNT} invocations of analytics-consumer`],
    });
    lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    platform.signal("SIGTERM");
    await platform.ended;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("replays to the same, whatever the timezone", async () => {
    const same = { code: 0, stdout: `same: ${COUNT} invocations\n` };
    expect(await replay(file)).toMatchObject(same);
    expect(await replay(file, { timezone: "Asia/Kathmandu" })).toMatchObject(same);
  });

  it("shows record by record what an edit of the function changes", async () => {
    const functions = await copyOfFunctions();
    const options = { env: { FUNCTIONS_DIR: functions }, typescript: true };
    expect(await replay(file, options)).toMatchObject({ code: 0 });

    const path = join(functions, "consume", "analytics-consumer.ts");
    const code = await readFile(path, "utf8");
    const edited = code.replace("event_id: event.event_id,", "event_id: event.event_id.toUpperCase(),");
    expect(edited).not.toBe(code);
    await writeFile(path, edited);
    const { code: exitCode, stdout, stderr } = await replay(file, options);
    expect(exitCode).toBe(1);
    expect(stderr.join("\n")).toMatch(/analytics-consumer: code \w+ is replayed, \w+ was captured/);
    expect(stdout).toMatch(/different: \d+ of 10 invocations\n$/);
    const [record] = JSON.parse(lines[1]!).input.records as { offset: string; value: { event_id: string } }[];
    expect(stdout).toContain(`record ${record!.offset}\n`);
    expect(stdout).toContain(record!.value.event_id.toUpperCase());
  });

  it("names the line where a file is cut off", async () => {
    const whole = await readFile(file);
    const half = join(await temporaryFolder(), "half.ndjson");
    await writeFile(half, whole.subarray(0, whole.length / 2));
    const lineOfTheCut = whole
      .subarray(0, whole.length / 2)
      .toString("latin1")
      .split("\n").length;
    const { code, stderr } = await replay(half);
    expect(code).toBe(2);
    expect(stderr).toEqual([
      expect.stringMatching(`^ksp: .*half\\.ndjson: truncated: it ends within line ${lineOfTheCut}, `),
    ]);
  });

  it("names the line that was edited", async () => {
    const edited = join(await temporaryFolder(), "edited.ndjson");
    const changed = lines.map((line, i) => (i === 2 ? line.replace('"view"', '"cart"') : line));
    await writeFile(edited, `${changed.join("\n")}\n`);
    const { code, stderr } = await replay(edited);
    expect(code).toBe(2);
    expect(stderr).toEqual([expect.stringContaining("edited.ndjson: line 3")]);
  });
});
