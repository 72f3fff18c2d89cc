/** Settings and flags that cannot work: one or two lines that say why, the right exit code, and nothing left behind. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { start, temporaryFolder } from "./for-one-test.ts";
import { runKsp } from "./platform.ts";

const START_FAILED = 1;
const USED_WRONGLY = 2;

interface Refusal {
  readonly code: number;
  /** Of stderr, without what the broker had to log before it was ended again. */
  readonly lines: readonly string[];
}

/** Runs `ksp <args>`, which is to end by itself, with all that it started. */
async function refusalOf(args: readonly string[], env: Record<string, string> = {}): Promise<Refusal> {
  const dataDir = await temporaryFolder();
  const run = runKsp(args, {
    env: { HTTP_PORT: "0", EMBEDDED_KAFKA_PORT: "0", DATA_DIR: join(dataDir, "data"), ...env },
  });
  onTestFinished(() => run.signalAll("SIGKILL"));
  const { code, stdout, stderr } = await run.ended;
  expect(() => process.kill(-run.pid, 0)).toThrow("ESRCH");
  expect(stdout).toBe("");
  return { code: code!, lines: stderr.filter((line) => !line.startsWith("{")) };
}

/** A port on which something else listens until the test is over. */
async function takenPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

describe("start refuses", () => {
  it("an HTTP port that is taken", async () => {
    const port = await takenPort();
    const { code, lines } = await refusalOf(["start"], { HTTP_PORT: port });
    expect(code).toBe(START_FAILED);
    expect(lines).toEqual([expect.stringMatching(`^ksp: HTTP port ${port} .* in use.*HTTP_PORT`)]);
  });

  it("a Kafka port that is taken", async () => {
    const port = await takenPort();
    const { code, lines } = await refusalOf(["start"], { EMBEDDED_KAFKA_PORT: port });
    expect(code).toBe(START_FAILED);
    expect(lines).toEqual([
      expect.stringMatching(`^ksp: EMBEDDED_KAFKA_PORT: Port ${port} .* in use.*choose another`),
    ]);
  });

  it("a data folder that is a file", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    const { code, lines } = await refusalOf(["start"], { DATA_DIR: file });
    expect(code).toBe(START_FAILED);
    expect(lines).toEqual([
      expect.stringMatching(`^ksp: DATA_DIR: Cannot use ${file}.*choose another folder`),
    ]);
  });

  it("a data folder that cannot be made", async () => {
    const { code, lines } = await refusalOf(["start"], { DATA_DIR: "/proc/none" });
    expect(code).toBe(START_FAILED);
    expect(lines).toEqual([expect.stringMatching(/^ksp: DATA_DIR: .*\/proc\/none/)]);
  });

  it("a data folder that another platform has, which runs on", async () => {
    const dataDir = await temporaryFolder();
    const first = await start({ dataDir });
    const { code, lines } = await refusalOf(["start"], { DATA_DIR: dataDir });
    expect(code).toBe(START_FAILED);
    expect(lines).toEqual([
      expect.stringMatching(
        /^ksp: DATA_DIR: .* in use by process \d+: stop it, .*KAFKA_BROKERS=<its host:port>$/,
      ),
    ]);
    // The process that is named is one of the first platform's: its group has its leader's id.
    const pid = Number(/process (\d+)/.exec(lines[0]!)![1]);
    expect(() => process.kill(pid, 0)).not.toThrow();
    await first.untilHealthy();
  });

  it.each<[string, readonly string[], Record<string, string>, RegExp]>([
    [
      "an address that is none",
      ["start"],
      { KAFKA_BROKERS: "nohost:99999" },
      /KAFKA_BROKERS: .*1–65535.*"nohost:99999"$/,
    ],
    [
      "to be open to everybody",
      ["start"],
      { HTTP_HOST: "0.0.0.0" },
      /HTTP_HOST: expected loopback .*HTTP_TOKEN/,
    ],
    [
      "a token that is short",
      ["start"],
      { HTTP_TOKEN: "hunter2" },
      /HTTP_TOKEN: expected at least 16 .*got 7; .*$/,
    ],
    ["a setting that is misspelt", ["start"], { KAFKA_BROKER: "a:1" }, /did you mean KAFKA_BROKERS\?$/],
    ["a setting with letters swapped", ["start"], { HTTP_PROT: "80" }, /did you mean HTTP_PORT\?$/],
    [
      "a function's setting of the wrong type",
      ["start"],
      { EVENT_PRODUCER_RATE_PER_SECOND: "lots" },
      /EVENT_PRODUCER_RATE_PER_SECOND: .*number.*"lots"$/,
    ],
    ["an unknown function", ["start", "--only", "event-producr"], {}, /did you mean event-producer\?/],
    ["an unknown function to invoke", ["invoke", "nobody"], {}, /unknown function "nobody".*event-producer/],
    [
      "a folder without functions",
      ["start"],
      { FUNCTIONS_DIR: "/nowhere" },
      /FUNCTIONS_DIR: expected a folder/,
    ],
  ])("%s", async (_, args, env, message) => {
    const { code, lines } = await refusalOf(args, env);
    expect(code).toBe(USED_WRONGLY);
    expect(lines).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ["an unknown flag", ["start", "--no-apy"], "error: unknown option '--no-apy'"],
    ["an unknown verb", ["strat"], "error: unknown command 'strat'"],
  ])("%s, and says how to see what there is", async (_, args, message) => {
    const { code, lines } = await refusalOf(args);
    expect(code).toBe(USED_WRONGLY);
    expect(lines[0]).toBe(message);
    expect(lines.at(-1)).toMatch(/--help/);
    expect(lines.length).toBeLessThanOrEqual(3);
  });
});
