import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CapturedInvocation } from "../view.ts";
import { captured, consumer, order, temporaryFolder } from "./fixtures.ts";
import { type CaptureEntry, type CaptureHeader, inputOf } from "./format.ts";
import { openCapture, readCapture } from "./reader.ts";
import { createRecorder } from "./recorder.ts";

const header: CaptureHeader = {
  of: "function",
  name: "total-consumer",
  createdAt: "2026-01-01T00:00:00.000Z",
};
const entries = [1, 2, 3].map((i) =>
  captured(consumer, [order(i, "user_1", i), order(i + 9, "ü\n", 2)], `${i}`),
);

async function record(list: readonly CaptureEntry[]): Promise<string> {
  const path = join(await temporaryFolder(), "a.ndjson");
  const recorder = await createRecorder(path, header);
  for (const entry of list) await recorder.write(entry);
  await recorder.finish();
  return path;
}

async function problemOf(path: string): Promise<string> {
  return readCapture(path).then(
    () => "none",
    (error: Error) => `${error.name}: ${error.message.replace(`${path}: `, "")}`,
  );
}

describe("a capture file", () => {
  it("gives back what was written", async () => {
    const path = await record(entries);
    expect((await openCapture(path)).header).toEqual(header);
    const redacted = entries.map((e) => ({ ...e, config: { bonus: 0, password: "[redacted]" } }));
    expect(await readCapture(path)).toEqual(redacted);
  });

  it("gives back any plain data, __proto__ as a key included", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), async (values) => {
        const list = values.map((value) => ({ ...entries[0]!, now: 1, config: { value } }));
        const read = await readCapture(await record(list as never));
        expect(JSON.stringify(read.map((e) => e.config))).toBe(JSON.stringify(list.map((e) => e.config)));
      }),
      { numRuns: 30 },
    );
    const state = JSON.parse('{"__proto__":{"total":1}}');
    const hostile = { ...entries[0]!, input: { ...entries[0]!.input, state } } as CapturedInvocation;
    const [read] = await readCapture(await record([hostile]));
    expect(Object.keys(read!.input.state as object)).toEqual(["__proto__"]);
  });

  it("has lines that are each an input of their own", async () => {
    const lines = (await readFile(await record(entries), "utf8")).split("\n");
    expect(inputOf(JSON.parse(lines[1]!))).toEqual(entries[0]!.input);
  });

  it("ends with the SHA-256 of all before its last line", async () => {
    const text = await readFile(await record(entries), "utf8");
    const trailerAt = text.lastIndexOf("\n", text.length - 2) + 1;
    const sha256 = createHash("sha256").update(text.slice(0, trailerAt)).digest("hex");
    expect(JSON.parse(text.slice(trailerAt))).toEqual({ format: "ksp-capture-end", count: 3, sha256 });
  });

  it("is refused wherever it is cut, and the error says where", async () => {
    const path = await record(entries);
    const bytes = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 2 }), async (length) => {
        await writeFile(path, bytes.subarray(0, length));
        const problem = await problemOf(path);
        const line = bytes.subarray(0, length).toString().split("\n").length;
        const firstLine = length < bytes.indexOf(10);
        if (firstLine) expect(problem).toMatch(/^CaptureError: not a capture file/);
        else
          expect(problem).toMatch(
            new RegExp(
              `^CaptureError: truncated: it ends (within|after) line ${line}\\b|after line ${line - 1},`,
            ),
          );
      }),
    );
  });

  it("is refused when any byte of it is another", async () => {
    const path = await record(entries);
    const bytes = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const edited = Buffer.from(bytes);
        edited[at]! ^= mask;
        await writeFile(path, edited);
        expect(await problemOf(path)).toMatch(/^CaptureError: /);
      }),
      { numRuns: 300 },
    );
  });

  it("names the line that was edited, lost or put elsewhere", async () => {
    const path = await record(entries);
    const lines = (await readFile(path, "utf8")).split("\n");
    const edited = lines.with(2, lines[2]!.replace('"total":2', '"total":3'));
    await writeFile(path, edited.join("\n"));
    expect(await problemOf(path)).toMatch(/^CaptureError: line 3 \(byte \d+\) does not match its checksum/);
    await writeFile(path, lines.toSpliced(1, 1).join("\n"));
    expect(await problemOf(path)).toMatch(/^CaptureError: line 2 /);
    await writeFile(path, lines.with(2, lines[3]!).with(3, lines[2]!).join("\n"));
    expect(await problemOf(path)).toMatch(/^CaptureError: line 3 /);
    await writeFile(path, `${lines.join("\n")}more\n`);
    expect(await problemOf(path)).toMatch(/^CaptureError: line 6: expected the end/);
  });

  it("of a later version is named as such", async () => {
    const path = join(await temporaryFolder(), "a.ndjson");
    await writeFile(path, '{"format":"ksp-capture","version":2}\n');
    expect(await problemOf(path)).toBe(
      "CaptureError: a capture of version 2, and this program reads version 1: use a newer one",
    );
  });

  it.each([
    ["empty", ""],
    ["other JSON", '{"a":1}\n'],
    ["no JSON", "hello\n"],
  ])("is told from a file that is none: %s", async (_name, text) => {
    const path = join(await temporaryFolder(), "a.ndjson");
    await writeFile(path, text);
    expect(await problemOf(path)).toMatch(/^CaptureError: not a capture file/);
  });

  it("that is missing, or a folder, is named", async () => {
    const folder = await temporaryFolder();
    await expect(readCapture(join(folder, "none"))).rejects.toThrow(`${join(folder, "none")}: no such file`);
    await expect(readCapture(folder)).rejects.toThrow(`${folder}: expected a file, got a folder`);
  });
});

describe("recording", () => {
  it("shows no file before it is whole, then one that others cannot read", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.ndjson");
    const recorder = await createRecorder(path, header);
    await recorder.write(entries[0]!);
    expect(await readdir(folder)).not.toContain("a.ndjson");
    await recorder.finish();
    expect(await readdir(folder)).toEqual(["a.ndjson"]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("leaves nothing when it is abandoned, and the earlier file as it was", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.ndjson");
    await writeFile(path, "earlier");
    const recorder = await createRecorder(path, header);
    await recorder.write(entries[0]!);
    await recorder.abandon();
    expect(await readdir(folder)).toEqual(["a.ndjson"]);
    expect(await readFile(path, "utf8")).toBe("earlier");
  });

  it("refuses a symbolic link, a folder, and a folder that does not exist", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "target"), "kept");
    await symlink(join(folder, "target"), join(folder, "link"));
    await mkdir(join(folder, "dir"));
    const attempt = (name: string) => createRecorder(join(folder, name), header);
    await expect(attempt("link")).rejects.toThrow(
      /link: expected a path of a plain file, got a symbolic link/,
    );
    await expect(attempt("dir")).rejects.toThrow(/dir: expected a path of a plain file/);
    await expect(attempt("none/a.ndjson")).rejects.toThrow(/the folder .*none does not exist/);
    expect((await readdir(folder)).toSorted()).toEqual(["dir", "link", "target"]);
  });

  it("takes no part of a path from what is captured", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "a.ndjson");
    const recorder = await createRecorder(path, { ...header, name: "../../x" });
    await recorder.write({ ...entries[0]!, function: "../../x", id: "../y" });
    await recorder.finish();
    expect(await readdir(folder)).toEqual(["a.ndjson"]);
  });
});
