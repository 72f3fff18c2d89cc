import { describe, expect, it } from "vitest";
import { array, int32, string, struct } from "../wire/schema.ts";
import { Writer } from "../wire/writer.ts";
import { defineApiVersions } from "./apis/18-api-versions.ts";
import type { Broker } from "./broker.ts";
import { type Api, defineApi, type RequestContext } from "./define-api.ts";
import { dispatch } from "./dispatch.ts";
import { Traffic } from "./traffic.ts";

const seen: RequestContext[] = [];
const echo = defineApi({
  key: 500,
  name: "Echo",
  versions: [1, 3],
  advertised: [0, 3],
  flexibleFrom: 2,
  request: struct({ text: string }),
  response: struct({ texts: array(string), count: int32 }),
  handle({ text }, context) {
    seen.push(context);
    if (text === "nothing") return null;
    return { texts: [text], count: 1 };
  },
});
const apis = new Map<number, Api>([echo, defineApiVersions([echo])].map((api) => [api.key, api]));

function send(key: number, version: number, body: string, headerTags = ""): Promise<Buffer[] | null> {
  const header = new Writer();
  header.int16(key);
  header.int16(version);
  header.int32(77);
  header.int16(2);
  header.utf8("me", 2);
  const frame = Buffer.concat([...header.finish(), Buffer.from(headerTags + body, "hex")]);
  const { signal } = new AbortController();
  const broker = { traffic: new Traffic() } as Broker;
  return dispatch(frame, apis, { connectionId: 9, clientHost: "127.0.0.1", signal, broker });
}

async function answer(...request: Parameters<typeof send>): Promise<string> {
  const parts = await send(...request);
  return Buffer.concat(parts!).toString("hex");
}

describe("dispatch", () => {
  it("answers with length, correlation id and body", async () => {
    expect(await answer(500, 1, "00026869")).toBe(
      "00000010" + "0000004d" + "00000001" + "00026869" + "00000001",
    );
    expect(seen.at(-1)).toMatchObject({
      apiKey: 500,
      apiVersion: 1,
      correlationId: 77,
      clientId: "me",
      connectionId: 9,
    });
  });

  it("has tagged fields behind both headers in a flexible version, whose client id is not compact", async () => {
    expect(await answer(500, 2, "036869" + "00", "01" + "0501aa")).toBe(
      "0000000e" + "0000004d" + "00" + "02036869" + "00000001" + "00",
    );
  });

  it("sends nothing when the handler answers nothing", async () => {
    expect(await send(500, 1, "00076e6f7468696e67")).toBeNull();
  });

  it.each([0, 1, 2])("lists the advertised versions in ApiVersions v%i", async (version) => {
    const throttle = version === 0 ? "" : "00000000";
    const body = `00000000000200120000000401f400000003${throttle}`;
    expect(await answer(18, version, "")).toBe(
      `${(4 + body.length / 2).toString(16).padStart(8, "0")}0000004d${body}`,
    );
  });

  it("answers flexible ApiVersions under the header that all clients can read", async () => {
    const software = "03" + "6b6a" + "02" + "31" + "00";
    expect(await answer(18, 3, software, "00")).toBe(
      "0000001a" + "0000004d" + "0000" + "03" + "00120000000400" + "01f40000000300" + "00000000" + "00",
    );
  });

  it("answers an ApiVersions version that is too new as v0, with error 35 and its own range, unread", async () => {
    expect(await answer(18, 99, "ffffffffff")).toBe(
      "00000010" + "0000004d" + "0023" + "00000001" + "001200000004",
    );
  });

  it("refuses software names that are none", async () => {
    expect(await answer(18, 3, "02" + "0a" + "02" + "31" + "00", "00")).toContain("0000004d002a");
  });

  it.each([
    ["an unknown API", 501, 0, "", 'Expected a known API, got key 501 (version 0, client "me")'],
    ["a version that is not served", 500, 4, "", "Expected Echo version 1–3, got 4"],
    ["a version that is only advertised", 500, 0, "", "Expected Echo version 1–3, got 0"],
    ["a request cut short", 500, 1, "0005", "Expected a length of at most"],
    ["a request with something behind it", 500, 1, "0002686900", "Expected Echo v1 to end, got 1 more bytes"],
  ])("refuses %s", async (_what, key, version, body, message) => {
    await expect(send(key, version, body)).rejects.toThrow(message);
  });
});
