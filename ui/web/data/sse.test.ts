import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSseParser } from "./sse.ts";

const parse = (...pieces: string[]) => pieces.flatMap(createSseParser());

describe("server-sent events", () => {
  it("are the same however the text is cut", () => {
    const text =
      ': ping\n\nevent: stats\ndata: {"a":1}\n\nid: t/0:4\nevent: message\ndata: "é"\ndata: second\n\ndata:no space\n\n';
    const whole = [
      { event: "stats", data: '{"a":1}', id: null },
      { event: "message", data: '"é"\nsecond', id: "t/0:4" },
      { event: "message", data: "no space", id: null },
    ];
    expect(parse(text)).toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(parse(...at.slice(1).map((end, i) => text.slice(at[i], end)))).toEqual(whole);
      }),
    );
  });

  it("may bring an id alone", () => {
    expect(parse("id: t/0:0\n\n: ping\n\n")).toEqual([{ event: "message", data: "", id: "t/0:0" }]);
  });

  it("are not told before the blank line that ends them", () => {
    expect(parse("data: half\n")).toEqual([]);
  });

  it("may end their lines with \\r\\n as well", () => {
    expect(parse("event: lag\r\ndata: 1\r\n\r\n")).toEqual([{ event: "lag", data: "1", id: null }]);
  });
});
