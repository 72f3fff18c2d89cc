import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memberText } from "./json-member.ts";

describe("memberText", () => {
  it("keeps numbers as they were written", () => {
    const json = '{ "key": null, "value" : {"id": 9007199254740993, "price": 1.50} , "headers": {} }';
    expect(memberText(json, "value")).toBe('{"id": 9007199254740993, "price": 1.50}');
  });

  it.each([
    ["a name inside the value does not count", '{"a":{"value":1},"value":2}', "2"],
    ["a name inside a text does not count", '{"a":"\\"value\\":1","value":2}', "2"],
    ["an escaped name is the name", '{"v\\u0061lue":3}', "3"],
    ["the last of several counts", '{"value":1,"value":2}', "2"],
    ["null is a value", '{"value":null}', "null"],
    ["none is null", '{"a":1}', null],
  ])("%s", (_, json, text) => {
    expect(memberText(json, "value")).toBe(text);
  });

  it("finds what JSON.parse finds, in any object and layout", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, indent) => {
        const json = JSON.stringify(object, null, indent);
        const parsed = JSON.parse(json) as Record<string, unknown>;
        for (const name of Object.keys(parsed)) {
          expect(JSON.parse(memberText(json, name)!)).toEqual(parsed[name]);
        }
      }),
    );
  });
});
