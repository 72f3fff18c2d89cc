import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RecordView } from "../../runtime/view.ts";
import { createApp } from "../app.ts";
import { aRecord, FakeView, fakeDeps, jsonOf } from "../fake-view.ts";
import { toCsvLine } from "./csv.ts";

function download(query: string, records: readonly RecordView[] = [], view = new FakeView()) {
  view.browse.records = records;
  return createApp(fakeDeps({ view })).request(`/api/messages/user-events/download${query}`);
}

describe("a download", () => {
  it("is a file of one message a line, numbers exact, whatever line breaks the values have", async () => {
    const broken = { ...aRecord, valueText: '{\r\n"a":\n9007199254740993}' };
    const response = await download("", [aRecord, broken]);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="user-events.ndjson"');
    const lines = (await response.text()).split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain(aRecord.valueText);
    expect(lines[1]).toContain("9007199254740993}");
    expect(lines.slice(0, 2).map((line) => JSON.parse(line).offset)).toEqual([
      aRecord.offset,
      aRecord.offset,
    ]);
    expect(lines[2]).toBe("");
  });

  it("is CSV on request, a tombstone empty and text quoted where it must be", async () => {
    const tombstone = { ...aRecord, key: "", valueText: null, headers: {} };
    const response = await download("?format=csv", [aRecord, tombstone]);
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="user-events.csv"');
    expect((await response.text()).split("\r\n")).toEqual([
      "topic,partition,offset,timestamp,key,value,headers",
      'user-events,1,9007199254740993,2026-11-22T10:00:00.005Z,user_1000,"{""user_id"":""user_1000"",""amount"":9007199254740993,""price"":1.50}","{""source"":""test""}"',
      'user-events,1,9007199254740993,2026-11-22T10:00:00.005Z,"",,{}',
      "",
    ]);
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1+2", "'-1+2"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ['=HYPERLINK("http://evil.com")', `"'=HYPERLINK(""http://evil.com"")"`],
    ["-12.5", "-12.5"],
    ["-1e-7", "-1e-7"],
    ["a=1", "a=1"],
  ])("as CSV is no formula to a spreadsheet: %s", async (key, cell) => {
    const text = await (await download("?format=csv", [{ ...aRecord, key }])).text();
    expect(text).toContain(`Z,${cell},`);
  });

  it("has all from the oldest on when nothing else is said, and takes the filters of pages", async () => {
    const view = new FakeView();
    await (await download("", [], view)).text();
    await (await download("?mode=newest&limit=2&q=x", [], view)).text();
    expect(view.browse.requests).toMatchObject([
      { mode: "oldest", limit: 1_000_000, q: null },
      { mode: "newest", limit: 2, q: "x" },
    ]);
  });

  it("comes in chunks, every record once", async () => {
    const many = Array.from({ length: 3_000 }, (_, i) => ({ ...aRecord, offset: String(i) }));
    const response = await download("", many);
    const chunks: string[] = [];
    for await (const chunk of response.body!) chunks.push(new TextDecoder().decode(chunk));
    expect(chunks.length).toBeGreaterThan(5);
    const offsets = chunks
      .join("")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).offset);
    expect(offsets).toEqual(many.map(({ offset }) => offset));
  });

  it("breaks off where reading fails: half a file must not look like a whole one", async () => {
    const view = new FakeView();
    view.browse.download = async () =>
      (async function* () {
        yield aRecord;
        throw new Error("gone");
      })();
    const response = await createApp(fakeDeps({ view })).request("/api/messages/user-events/download");
    await expect(response.text()).rejects.toThrow("gone");
  });

  it.each(["format=xml", "limit=1000001", "limit=0"])("refuses ?%s", async (query) => {
    const response = await download(`?${query}`);
    expect(response.status).toBe(400);
    expect((await jsonOf(response)).errors).toHaveLength(1);
  });
});

describe("a line of CSV", () => {
  it("can be read back, whatever texts it has, but for the apostrophe before formulas", () => {
    const field = fc.option(fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", "a", "=", "é") }));
    fc.assert(
      fc.property(fc.array(field, { minLength: 2 }), (fields) => {
        const line = toCsvLine(fields);
        expect(line.endsWith("\r\n")).toBe(true);
        const read = [...`,${line.slice(0, -2)}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
          ([, quoted, plain]) =>
            quoted !== undefined ? quoted.replaceAll('""', '"') : plain === "" ? null : plain,
        );
        expect(read).toEqual(fields.map((text) => (text && /^[=\r]/.test(text) ? `'${text}` : text)));
      }),
    );
  });
});
