import { describe, expect, it } from "vitest";
import { readCaptureFile } from "./capture-file.ts";

/** As `ksp capture` writes it, with less in it. */
const WHOLE: readonly string[] = [
  '{"format":"ksp-capture","version":1,"of":"function","name":"f","createdAt":"2026-01-01T00:00:00Z","check":"6ed381f98948ec50"}',
  '{"id":"a","note":"é","check":"c9d1e12bdcfa47d7"}',
  '{"id":"b","check":"7f3841bf73988dbe"}',
  '{"format":"ksp-capture-end","count":2,"sha256":"0286579a02c157fb1937b601892db77c35a50851798788f8d3a88cef3d0368bb"}',
];
const edited = (line: number, from: string, to: string) => WHOLE.with(line, WHOLE[line]!.replace(from, to));
const read = (lines: readonly string[], name = "f") => readCaptureFile(`${lines.join("\n")}\n`, name);

describe("an uploaded capture", () => {
  it("gives its invocations in order, verified", async () => {
    expect(await read(WHOLE)).toEqual({ invocations: WHOLE.slice(1, 3), verified: true });
  });

  it.each([
    ["no capture", ["{}"], /no capture/],
    ["an empty file", [""], /no capture/],
    ["a newer version", edited(0, '"version":1', '"version":2'), /version 1, got 2/],
    ["a topic's capture", edited(0, '"of":"function"', '"of":"topic"'), /one of the topic f/],
    ["a truncated file", WHOLE.slice(0, 3), /ends after line 3/],
    ["a header alone", WHOLE.slice(0, 1), /ends after line 1/],
    ["one with a line missing", WHOLE.toSpliced(1, 1), /Expected 2 invocations.*got 1/],
    ["an edited line", edited(2, '"b"', '"x"'), /Line 3 does not match/],
    ["lines in another order", WHOLE.with(1, WHOLE[2]!).with(2, WHOLE[1]!), /Line 2 does not match/],
  ])("refuses %s and says why", async (_what, lines, reason) => {
    await expect(read(lines)).rejects.toThrow(reason);
  });

  it("refuses one of another function", async () => {
    await expect(read(WHOLE, "g")).rejects.toThrow("Expected a capture of g, got one of f.");
  });
});
