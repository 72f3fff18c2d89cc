import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { batchOf, captured, consumer, order, temporaryFolder } from "../capture/fixtures.ts";
import { readCapture } from "../capture/reader.ts";
import { collect, platformOf, runTest } from "./cli-harness.ts";
import type { ReadTopicOptions } from "./deps.ts";

const FOLLOW = "/api/functions/total-consumer/invocations?follow=true";
const invocations = [1, 2, 3, 4].map((i) => captured(consumer, [order(i, "user_1", i)], `${i}`));
const lines = invocations.map((one) => `${JSON.stringify(one)}\n`);

/** Streams the pieces, then ends, or breaks off with an error. */
function streamOf(pieces: readonly string[], error?: Error): () => Response {
  return () => {
    const rest = [...pieces];
    const body = new ReadableStream({
      pull(controller) {
        const next = rest.shift();
        if (next !== undefined) controller.enqueue(new TextEncoder().encode(next));
        else if (error) controller.error(error);
        else controller.close();
      },
    });
    return new Response(body);
  };
}

async function capture(body: () => Response, ...more: string[]) {
  const folder = await temporaryFolder();
  const path = join(folder, "a.ndjson");
  const args = ["capture", "total-consumer", "--count", "3", "--out", path, ...more];
  const ran = await runTest(args, { fetch: platformOf({ [FOLLOW]: body }) });
  return { ...ran, path, files: await readdir(folder) };
}

describe("capture of a function", () => {
  it("writes the next invocations, however the stream cuts them, and no more", async () => {
    const text = `\n${lines.join("\n")}`;
    const pieces = text.match(/.{1,100}/gs)!;
    const { code, stdout, stderr, path, files } = await capture(streamOf(pieces));
    expect([code, stdout, stderr]).toEqual([0, "", `${path} holds 3 invocations of total-consumer\n`]);
    expect(files).toEqual(["a.ndjson"]);
    const read = await readCapture(path);
    expect(read.map(({ id }) => id)).toEqual(["1", "2", "3"]);
    expect((await runTest(["replay", path])).stdout).toBe("same: 3 invocations\n");
  });

  it("prints what it wrote as JSON when asked", async () => {
    const { stdout, path } = await capture(streamOf(lines), "--json");
    expect(JSON.parse(stdout)).toEqual({ file: path, of: "function", name: "total-consumer", count: 3 });
  });

  it("keeps what has come when the platform ends, or breaks off: exit code 1", async () => {
    const ended = await capture(streamOf([lines[0]!, lines[1]!.slice(0, 50)]));
    expect([ended.code, ended.stderr]).toEqual([
      1,
      `ksp: the platform ended the stream: ${ended.path} holds 1 of 3 invocations\n`,
    ]);
    const broken = await capture(streamOf([lines[0]!], new Error("terminated")));
    expect([broken.code, broken.stderr]).toEqual([
      1,
      `ksp: terminated: ${broken.path} holds 1 of 3 invocations\n`,
    ]);
    expect(await readCapture(broken.path)).toHaveLength(1);
  });

  it("leaves no file when nothing came, or something else than invocations", async () => {
    expect(await capture(streamOf([]))).toMatchObject({ code: 1, files: [] });
    const wrong = await capture(streamOf([lines[0]!, '{"id":1}\n']));
    expect(wrong).toMatchObject({ code: 2, files: [] });
    expect(wrong.stderr).toContain("expected a captured invocation: id:");
  });

  it("tells of invocations that the platform left out", async () => {
    const { code, stderr } = await capture(streamOf([lines[0]!, '{"dropped":7}\n', ...lines.slice(1)]));
    expect(code).toBe(0);
    expect(stderr).toContain("7 invocations came faster than they could be written");
  });

  it("keeps what has come when it is interrupted: exit code 130", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.ndjson");
    const interrupt = new AbortController();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(lines[0]!)),
      pull(controller) {
        interrupt.abort();
        controller.error(interrupt.signal.reason);
      },
    });
    const { code, stderr } = await runTest(["capture", "total-consumer", "--count", "3", "--out", path], {
      fetch: platformOf({ [FOLLOW]: () => new Response(body) }),
      interrupted: () => interrupt.signal,
    });
    expect([code, stderr]).toEqual([130, `ksp: interrupted: ${path} holds 1 of 3 invocations\n`]);
    expect(await readCapture(path)).toHaveLength(1);
  });

  it("names the platform's functions when it does not know this one: exit code 2", async () => {
    const fetch = platformOf({
      "/api/functions": () => Response.json({ functions: [{ name: "total-consumer" }] }),
    });
    const out = join(await temporaryFolder(), "a.ndjson");
    const { code, stderr } = await runTest(["capture", "total", "--count", "1", "--out", out], { fetch });
    expect([code, stderr]).toEqual([2, 'ksp: unknown function "total". Known: total-consumer\n']);
  });

  it("shows its progress where stderr is a terminal, and takes it away", async () => {
    const stderr = collect();
    const path = join(await temporaryFolder(), "a.ndjson");
    let now = 0;
    await runTest(["capture", "total-consumer", "--count", "3", "--out", path], {
      stderr: Object.assign(stderr.stream, { isTTY: true }),
      fetch: platformOf({ [FOLLOW]: streamOf(lines) }),
      now: () => (now += 1_000),
    });
    expect(stderr.text()).toMatch(/^\rwaiting for .*\r2 of 3 invocations/s);
    expect(stderr.text()).toContain(`\r\x1b[K${path} holds 3 invocations`);
  });

  it.each([
    [["capture", "--out", "x"], /expected either a function or --topic/],
    [["capture", "f", "--topic", "t", "--out", "x"], /expected either a function or --topic/],
    [["capture", "f", "--out", "x"], /expected --count/],
    [["capture", "f", "--count", "0", "--out", "x"], /--count: expected a whole number from 1 on, got "0"/],
    [["capture", "f", "--count", "1", "--from", "1", "--out", "x"], /--from and --to go with --topic/],
    [["capture", "--topic", "t", "--count", "1", "--out", "x"], /--count goes with a function/],
    [["capture", "--topic", "t", "--from", "soon", "--out", "x"], /--from: expected an offset .* got "soon"/],
    [["capture", "--topic", "t", "--to", "9223372036854775808", "--out", "x"], /--to: expected an offset/],
    [["capture", "--topic", "t", "--from", "5", "--to", "5", "--out", "x"], /expected --from before --to/],
  ])("takes %j for a wrong use", async (args, message) => {
    const { code, stderr } = await runTest(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("capture of a topic", () => {
  it("writes its batches between the bounds, which replay then runs a function on", async () => {
    const path = join(await temporaryFolder(), "t.ndjson");
    const asked: ReadTopicOptions[] = [];
    const args = ["--from", "2026-01-01T00:00:00", "--to", "99", "--kafka-brokers", "h:1", "--out", path];
    const captureTopic = await runTest(["capture", "--topic", "orders", ...args], {
      async *readTopic(options) {
        asked.push(options);
        yield { input: { ...batchOf([order(1, "a", 1)]), state: {} }, raw: [] };
        yield { input: { ...batchOf([order(2, "a", 2), order(3, "b", "x")]), state: {} }, raw: [] };
      },
    });
    expect(captureTopic).toMatchObject({ code: 0, stderr: `${path} holds 2 batches of orders\n` });
    expect(asked).toMatchObject([
      {
        topic: "orders",
        from: { kind: "time", timestampMs: Date.UTC(2026, 0, 1) },
        to: { kind: "offset", offset: "99" },
        config: { KAFKA_BROKERS: "h:1" },
      },
    ]);

    const { code, stdout } = await runTest(["replay", path, "--function", "total-consumer", "--json"]);
    expect(code).toBe(0);
    const { results, batches } = JSON.parse(stdout);
    expect(batches).toBe(2);
    expect(results[1].invocation.outcome.output.state).toEqual([{ key: "a", value: { total: 3 } }]);
    expect(results[1].aside).toMatchObject([{ kind: "invalid", record: { offset: "3" } }]);
    expect(await runTest(["replay", path])).toMatchObject({ code: 2 });
  });

  it("leaves no file where there is nothing", async () => {
    const folder = await temporaryFolder();
    const { code, stderr } = await runTest(["capture", "--topic", "orders", "--out", join(folder, "t")]);
    expect([code, stderr]).toEqual([1, "ksp: there are no batches of orders: nothing was captured\n"]);
    expect(await readdir(folder)).toEqual([]);
  });
});
