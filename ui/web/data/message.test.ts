import { describe, expect, it } from "vitest";
import { dataOf, parseMessage, parsePage } from "./message.ts";

const json = `{"topic":"t","partition":1,"offset":"9007199254740993","timestamp":"2026-11-22T10:00:00.005Z","key":"k",
"value":{"amount":9007199254740993,"price":1.50},"headers":{"__proto__":"a"},"key_size":1,"value_size":42,"truncated":false}`;

describe("a message", () => {
  it("keeps its value's text, and every other field as data", () => {
    const message = parseMessage(json);
    expect(message).toMatchObject({
      offset: "9007199254740993",
      valueJson: '{"amount":9007199254740993,"price":1.50}',
      valueSize: 42,
      truncated: false,
    });
    expect(Object.keys(message.headers)).toEqual(["__proto__"]);
    expect(dataOf(message)).toEqual({ amount: 9007199254740992, price: 1.5 });
  });

  it("is a tombstone where the value is null", () => {
    expect(parseMessage('{"topic":"t","partition":0,"offset":"1","value":null}')).toMatchObject({
      valueJson: "null",
      key: null,
      timestamp: null,
      headers: {},
      keySize: null,
    });
  });

  it("names the schema that it was written with, where it has one", () => {
    const written = `${json.slice(0, -1)},"schema_id":7,"schema_version":2}`;
    expect(parseMessage(written).schema).toEqual({ id: 7, version: 2 });
    expect(parseMessage(json).schema).toBeNull();
  });

  it("comes in pages that say where to go on", () => {
    const page = parsePage(
      `{"topic":"t","messages":[${json},${json}],"count":2,"next_page_token":"abc","scanned":9}`,
    );
    expect(page.messages).toHaveLength(2);
    expect(page).toMatchObject({ nextPageToken: "abc", scanned: 9 });
    expect(parsePage('{"messages":[]}')).toEqual({ messages: [], nextPageToken: null, scanned: null });
  });
});
