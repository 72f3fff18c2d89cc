import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawKafkaRecord } from "./codec.ts";
import { SHOWN_BYTES, toRecordView } from "./record-view.ts";

const viewOf = (given: Partial<RawKafkaRecord>, shownBytes?: number) =>
  toRecordView("t", 2, { offset: "7", timestamp: "1000", key: null, value: null, ...given }, shownBytes);

describe("a record to look at", () => {
  it("has JSON as it stands on the topic, and the sizes in bytes", () => {
    const value = Buffer.from('{"id": 9007199254740993, "é": 1.50}');
    expect(viewOf({ key: Buffer.from("é"), value, headers: { a: Buffer.from("b") } })).toEqual({
      topic: "t",
      partition: 2,
      offset: "7",
      timestamp: 1000,
      key: "é",
      headers: { a: "b" },
      valueText: '{"id": 9007199254740993, "é": 1.50}',
      isJson: true,
      keySize: 2,
      valueSize: 36,
      isCut: false,
    });
  });

  it("tells a tombstone and a missing key from empty ones", () => {
    expect(viewOf({})).toMatchObject({ key: null, keySize: null, valueText: null, valueSize: null });
    const empty = Buffer.alloc(0);
    expect(viewOf({ key: empty, value: empty })).toMatchObject({
      key: "",
      keySize: 0,
      valueText: "",
      valueSize: 0,
      isJson: false,
    });
  });

  it("shows bytes that are not text as hex", () => {
    expect(viewOf({ value: Buffer.from([0xff, 0x00]) })).toMatchObject({ valueText: "ff00", isJson: false });
  });

  it("cuts what is longer, never through a character, and no longer calls it JSON", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 1 }),
        fc.integer({ min: 4, max: 40 }),
        (text, most) => {
          const bytes = Buffer.from(JSON.stringify(text));
          const view = viewOf({ value: bytes }, most);
          expect(view.isCut).toBe(bytes.length > most);
          expect(view.isJson).toBe(bytes.length <= most);
          expect(bytes.toString().startsWith(view.valueText!)).toBe(true);
          expect(Buffer.byteLength(view.valueText!)).toBeLessThanOrEqual(most);
          if (view.isCut) expect(Buffer.byteLength(view.valueText!)).toBeGreaterThan(most - 4);
        },
      ),
    );
  });

  it("cuts keys, headers and bytes that are not text as well", () => {
    const long = Buffer.alloc(SHOWN_BYTES + 1, "a");
    expect(viewOf({ key: long }).key).toHaveLength(SHOWN_BYTES);
    expect(viewOf({ headers: { h: long } })).toMatchObject({
      isCut: true,
      headers: { h: "a".repeat(SHOWN_BYTES) },
    });
    expect(viewOf({ value: Buffer.alloc(SHOWN_BYTES + 1, 0xff) })).toMatchObject({
      isCut: true,
      valueText: "ff".repeat(SHOWN_BYTES / 2),
    });
  });
});
