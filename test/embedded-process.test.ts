import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

const entry = fileURLToPath(new URL("../infra/embedded/main.ts", import.meta.url));

type Message =
  | { type: "ready"; host: string; port: number }
  | { type: "failed"; code: string; message: string };

interface Started {
  readonly child: ChildProcess;
  readonly message: Promise<Message>;
  readonly exited: Promise<{ code: number | null; stderr: string }>;
}

const releases: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "embedded-process-"));
  releases.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The broker as the platform starts it: with a channel to its parent. */
function startChild(...flags: string[]): Started {
  return watch(fork(entry, flags, { execArgv: ["--import", "tsx"], silent: true }));
}

/** The broker as a person starts it. */
function startAlone(...flags: string[]): Started {
  return watch(
    spawn(process.execPath, ["--import", "tsx", entry, ...flags], { stdio: ["ignore", "ignore", "pipe"] }),
  );
}

function watch(child: ChildProcess): Started {
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const message = new Promise<Message>((resolve) =>
    child.once("message", (sent) => resolve(sent as Message)),
  );
  // Not "close": that never comes for a child whose channel was closed from this side.
  const ended = new Promise((resolve) => child.stderr?.once("end", resolve));
  const exited = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once("exit", (code) => void ended.then(() => resolve({ code, stderr })));
  });
  releases.push(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  return { child, message, exited };
}

/** Resolves when the broker has logged that it is ready. */
function untilReady({ child }: Started): Promise<void> {
  return new Promise((resolve) => {
    child.stderr?.on("data", (chunk) => {
      if (String(chunk).includes("is ready")) resolve();
    });
  });
}

describe("the broker's process", () => {
  it("tells its parent where it is, and stops when asked to", async () => {
    const { child, message, exited } = startChild("--port", "0", "--data-dir", temporaryDir());
    expect(await message).toMatchObject({ type: "ready", host: "127.0.0.1", port: expect.any(Number) });
    child.send({ type: "stop" });
    expect((await exited).code).toBe(0);
  });

  it("leaves Ctrl-C and SIGTERM, which a terminal and a service manager send to all, to its parent", async () => {
    const { child, message, exited } = startChild("--port", "0", "--data-dir", temporaryDir());
    await message;
    child.kill("SIGINT");
    child.kill("SIGTERM");
    child.send({ type: "stop" });
    const { code, stderr } = await exited;
    expect(code).toBe(0);
    expect(stderr).toContain('"reason":"asked by the parent process"');
    expect(stderr).not.toContain("SIG");
  });

  it("stops when its parent is gone", async () => {
    const { child, message, exited } = startChild("--port", "0", "--data-dir", temporaryDir());
    await message;
    child.disconnect();
    expect((await exited).code).toBe(0);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("stops on %s when it has no parent", async (signal) => {
    const started = startAlone("--port", "0", "--data-dir", temporaryDir());
    await untilReady(started);
    started.child.kill(signal);
    expect((await started.exited).code).toBe(0);
  });

  it("says that its port is taken, and what to do", async () => {
    const blocker = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => blocker.once("listening", resolve));
    releases.push(() => void blocker.close());
    const { port } = blocker.address() as { port: number };
    const { message, exited } = startChild("--port", String(port), "--data-dir", temporaryDir());
    const told = await message;
    expect(told).toMatchObject({
      type: "failed",
      code: "PORT_IN_USE",
      message: expect.stringContaining(`Port ${port} `),
    });
    expect((await exited).code).toBe(1);
  });

  it("says who has its data folder", async () => {
    const dataDir = temporaryDir();
    const first = startChild("--port", "0", "--data-dir", dataDir);
    await first.message;
    const second = startChild("--port", "0", "--data-dir", dataDir);
    const owner = expect.stringContaining(`process ${first.child.pid}`);
    expect(await second.message).toMatchObject({ type: "failed", code: "DATA_DIR_LOCKED", message: owner });
    expect((await second.exited).code).toBe(1);
  });

  it("takes over the data folder of one that was killed", async () => {
    const dataDir = temporaryDir();
    const first = startChild("--port", "0", "--data-dir", dataDir);
    await first.message;
    first.child.kill("SIGKILL");
    await first.exited;
    const second = startChild("--port", "0", "--data-dir", dataDir);
    expect((await second.message).type).toBe("ready");
  });

  it.each([
    ["FORMAT_TOO_NEW", "format.json", '{"format":"ksp-embedded-log","version":99}'],
    ["DATA_DIR_UNUSABLE", "holiday.jpg", "not ours"],
  ])("refuses a folder as %s", async (code, file, content) => {
    const dataDir = temporaryDir();
    writeFileSync(join(dataDir, file), content);
    const { message } = startChild("--port", "0", "--data-dir", dataDir);
    expect(await message).toMatchObject({ type: "failed", code });
  });

  it("refuses metadata that it cannot read as damaged", async () => {
    const dataDir = temporaryDir();
    writeFileSync(join(dataDir, "format.json"), '{"format":"ksp-embedded-log","version":1}');
    writeFileSync(join(dataDir, "metadata.json"), "{");
    const { message } = startChild("--port", "0", "--data-dir", dataDir);
    expect(await message).toMatchObject({
      type: "failed",
      code: "DAMAGED",
      message: expect.stringContaining("metadata.json"),
    });
  });

  it.each([
    [["--port", "70000"], 'Expected --port 0–65535, got "70000"'],
    [["--host", "0.0.0.0"], "Expected a loopback host"],
    [["--log-level", "loud"], "Expected --log-level"],
    [["--prot", "1"], "--prot"],
  ])("refuses %j in one sentence on stderr", async (flags, expected) => {
    const { exited } = startAlone("--data-dir", temporaryDir(), ...flags);
    const { code, stderr } = await exited;
    expect(code).toBe(1);
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain("    at ");
  });
});
