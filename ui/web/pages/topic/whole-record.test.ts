import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWholeRecord, shownText, toProduceBody } from "./whole-record.ts";

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const text64 = (text: string) => base64(new TextEncoder().encode(text));

const whole = (more: {
  key?: string | null;
  value?: string | null;
  headers?: readonly (readonly [string, string])[];
}) => {
  const { key = text64("k"), value = text64("{}"), headers = [] } = more;
  const bytes = JSON.stringify({ key_base64: key, value_base64: value, headers_base64: headers });
  return parseWholeRecord(`{"topic":"t","partition":0,"offset":"1","value":null,${bytes.slice(1)}`);
};

const NOT_TEXT = base64(new Uint8Array([0x61, 0xff]));

describe("a whole record", () => {
  it("has the bytes that base64 says, and their text where they are UTF-8", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(whole({ key: base64(bytes) }).key!.bytes).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(whole({ value: text64(text) }).value!.text).toBe(text);
      }),
    );
    expect(whole({ value: text64("\ufeffa") }).value!.text).toBe("\ufeffa");
  });

  it("tells JSON, text and bytes apart", () => {
    expect(whole({ value: text64('{"a":1}') }).value).toMatchObject({ isJson: true });
    expect(whole({ value: text64("{a:1}") }).value).toMatchObject({ isJson: false, text: "{a:1}" });
    expect(whole({ value: NOT_TEXT }).value).toMatchObject({ isJson: false, text: null });
    expect(whole({ value: null, key: null })).toMatchObject({ value: null, key: null });
    expect(shownText(whole({ value: NOT_TEXT }).value!)).toBe("0x61ff");
  });

  it("has the JSON that Avro was decoded to beside its bytes, where it could be decoded", () => {
    const record = (value: string) =>
      parseWholeRecord(
        `{"topic":"t","partition":0,"offset":"1","value":${value},"schema_id":4,"value_base64":"${NOT_TEXT}"}`,
      );
    expect(record('{"a":1}').value).toEqual({
      bytes: new Uint8Array([0x61, 0xff]),
      text: '{"a":1}',
      isJson: true,
    });
    expect(toProduceBody(record('{"a":1}'), { validate: true })).toMatchObject({
      json: expect.stringContaining('"value":{"a":1}'),
    });
    expect(record('"a\ufffd"').value).toMatchObject({ text: null, isJson: false });
  });

  it("keeps headers of the same name", () => {
    const { headers } = whole({
      headers: [
        ["a", text64("1")],
        ["a", text64("2")],
      ],
    });
    expect(headers.map(({ name, text }) => [name, text])).toEqual([
      ["a", "1"],
      ["a", "2"],
    ]);
  });
});

describe("writing a record anew", () => {
  it("keeps the value's text, the key and the headers that are wanted", () => {
    const record = whole({
      value: text64('{"amount": 9007199254740993, "price": 1.50}'),
      headers: [
        ["trace", text64("x")],
        ["ksp.dlq.kind", text64("threw")],
      ],
    });
    const body = toProduceBody(record, {
      keepHeader: (name) => name === "trace",
      timestamp: "2026-11-22T10:00:00.000Z",
      validate: true,
    });
    expect(body).toEqual({
      json:
        '{"key":"k","headers":{"trace":"x"},"validate":true,"timestamp":"2026-11-22T10:00:00.000Z",' +
        '"value":{"amount": 9007199254740993, "price": 1.50}}',
    });
  });

  it("keeps a tombstone and no key as they are", () => {
    const body = toProduceBody(whole({ key: null, value: null }), { validate: false });
    expect(body).toEqual({ json: '{"key":null,"headers":{},"validate":false,"value":null}' });
  });

  it("says why not, where bytes would be lost", () => {
    const problem = (more: Parameters<typeof whole>[0]) => toProduceBody(whole(more), { validate: true });
    expect(problem({ key: NOT_TEXT })).toEqual({ problem: "Its key is not text." });
    expect(problem({ value: text64("{a") })).toEqual({ problem: "Its value is not JSON." });
    expect(problem({ headers: [["h", NOT_TEXT]] })).toEqual({ problem: "Its header h is not text." });
    expect(
      problem({
        headers: [
          ["h", text64("1")],
          ["h", text64("2")],
        ],
      }),
    ).toEqual({
      problem: "It has the header h more than once.",
    });
  });
});
