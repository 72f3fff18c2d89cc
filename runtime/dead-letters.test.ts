import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DEAD_LETTER_HEADERS,
  type DeadLetter,
  deadLetterTopic,
  fingerprint,
  fromDeadLetterRecord,
  toDeadLetterRecord,
} from "./dead-letters.ts";
import { rawRecord } from "./testing.ts";

const letter = (more: Partial<DeadLetter> = {}): DeadLetter => ({
  function: "f",
  topic: "numbers",
  partition: 2,
  record: rawRecord(7, Buffer.from([0xff, 0x00])),
  kind: "threw",
  error: { name: "TypeError", message: "no" },
  ...more,
});
const printOf = (message: string, more: Partial<DeadLetter> = {}): string =>
  fingerprint(letter({ error: { name: "TypeError", message }, ...more }));

describe("toDeadLetterRecord", () => {
  it("keeps key, value and headers as they were and says where from and why", () => {
    const record = rawRecord(7, Buffer.from([0xff, 0x00]), {
      headers: { a: Buffer.from([0xfe]), b: ["1", "2"] },
    });
    const out = toDeadLetterRecord(letter({ record }), 99_000);
    expect(out).toEqual({
      topic: "numbers.dlq",
      key: Buffer.from("k"),
      value: Buffer.from([0xff, 0x00]),
      timestamp: 99_000,
      headers: {
        a: [Buffer.from([0xfe])],
        b: ["1", "2"],
        "ksp.dlq.topic": "numbers",
        "ksp.dlq.partition": "2",
        "ksp.dlq.offset": "7",
        "ksp.dlq.timestamp": "1007",
        "ksp.dlq.function": "f",
        "ksp.dlq.kind": "threw",
        "ksp.dlq.error": "TypeError",
        "ksp.dlq.reason": "no",
        "ksp.dlq.fingerprint": expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    });
    expect(Object.keys(out.headers)).toEqual(expect.arrayContaining([...DEAD_LETTER_HEADERS]));
  });

  it("keeps a null key and a null value", () => {
    const out = toDeadLetterRecord(letter({ record: rawRecord(7, null, { key: null }) }), 0);
    expect(out).toMatchObject({ key: null, value: null });
  });

  it("says why this time when a dead letter fails again", () => {
    const { headers } = toDeadLetterRecord(letter(), 0);
    const again = toDeadLetterRecord(
      letter({
        topic: "numbers.dlq",
        record: rawRecord(0, null, { headers: headers as never }),
        kind: "invalid",
      }),
      0,
    );
    expect(again.topic).toBe("numbers.dlq.dlq");
    expect(again.headers).toMatchObject({ "ksp.dlq.topic": "numbers.dlq", "ksp.dlq.kind": "invalid" });
  });

  it("keeps only header values that can be written", () => {
    const headers = { none: null, ["__proto__"]: [Object.prototype, Buffer.from("x")], empty: undefined };
    const out = toDeadLetterRecord(letter({ record: rawRecord(7, null, { headers: headers as never }) }), 0);
    expect(Object.entries(out.headers).slice(0, 3)).toEqual([
      ["none", [""]],
      ["__proto__", [Buffer.from("x")]],
      ["empty", []],
    ]);
  });

  it("keeps headers small whatever is thrown", () => {
    const { headers } = toDeadLetterRecord(
      letter({ error: { name: "N".repeat(1e6), message: "m".repeat(1e6) } }),
      0,
    );
    expect(JSON.stringify(headers).length).toBeLessThan(2_000);
  });
});

describe("deadLetterTopic", () => {
  it("is named after the topic", () => expect(deadLetterTopic("a.b")).toBe("a.b.dlq"));
});

describe("fingerprint", () => {
  // Letters of one fault are counted together over restarts and versions: a change here splits every one of them.
  it("stays what it has been", () => {
    expect(printOf('n: expected number, got "x" at 7')).toBe("2b1500e8e9b9c022");
  });

  it.each([
    ["user user_1 is unknown", "user user_23456 is unknown"],
    ['expected number, got "a"', 'expected number, got "b 5 c"'],
    ["took 5 ms", "took -1.5 ms"],
    ["no session deadbee1", "no session 0badcafe"],
    ["no event 3f2b8c1d-aaaa-4abc-8bbb-cccccccccccc", "no event 11111111-2222-4333-8444-555555555555"],
    ["late since 2026-01-01T00:00:00Z", "late since 2025-12-31T23:59:59.123Z"],
  ])("is the same for %j and %j", (a, b) => {
    expect(printOf(a)).toBe(printOf(b));
  });

  it("is another for another fault, kind, error or function", () => {
    const prints = [
      printOf("a is missing"),
      printOf("b is missing"),
      printOf("a is missing", { kind: "failed" }),
      printOf("a is missing", { function: "g" }),
      printOf("a is missing", { error: { name: "RangeError", message: "a is missing" } }),
    ];
    expect(new Set(prints).size).toBe(5);
  });

  it("depends on no number in a message", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
        (a, b) => {
          expect(printOf(`expected 0 to 9, got ${a}`)).toBe(printOf("expected 0 to 9, got 5"));
          fc.pre(!String(b).includes("e"));
          expect(printOf(`expected 0 to 9, got ${b}`)).toBe(printOf("expected 0 to 9, got 5"));
        },
      ),
    );
  });

  it("is made in time that grows with the message, and no faster", () => {
    // Looking for a digit from every letter anew would take hours here.
    expect(printOf(`unknown user ${"a".repeat(2e6)}`)).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("fromDeadLetterRecord", () => {
  it("gives back what toDeadLetterRecord was given", () => {
    const bytes = fc.uint8Array().map((some) => Buffer.from(some));
    const names = fc.string().filter((name) => !name.startsWith("ksp.dlq."));
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        fc.option(bytes),
        fc.dictionary(names, fc.array(bytes, { minLength: 1 })),
        (partition, offset, value, headers) => {
          const record = rawRecord(offset, value, { headers });
          const out = toDeadLetterRecord(letter({ partition, record }), 1);
          const back = fromDeadLetterRecord({
            ...record,
            ...out,
            offset: "0",
            timestamp: "1",
          } as typeof record);
          expect(back?.partition).toBe(partition);
          expect({ ...back?.record, headers: { ...back?.record.headers } }).toEqual({
            offset: record.offset,
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: { ...headers },
          });
        },
      ),
    );
  });

  it("is null for a record that says nothing of where it came from", () => {
    expect(fromDeadLetterRecord(rawRecord(7, null))).toBeNull();
  });
});
