import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseVector, Vector } from "./vector.ts";

describe("a vector of positions", () => {
  it("is written as topic/partition:offset, what moved last at the end", () => {
    const vector = new Vector();
    vector.set("user-events", 0, 42n);
    vector.set("user-events", 1, 17n);
    vector.set("user-events", 0, 43n);
    expect(String(vector)).toBe("user-events/1:17,user-events/0:43");
  });

  it("comes back as it was", () => {
    const topic = fc.stringMatching(/^[a-zA-Z0-9._-]{1,30}$/);
    const position = fc.record({
      topic,
      partition: fc.nat(),
      next: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    });
    fc.assert(
      fc.property(fc.array(position, { maxLength: 20 }), (positions) => {
        const vector = new Vector();
        for (const p of positions) vector.set(p.topic, p.partition % 1_000_000_000, p.next);
        const read = parseVector(String(vector));
        expect(read.positions).toEqual(vector.positions);
      }),
    );
  });

  it("stays short enough for a header by naming what moved last", () => {
    const vector = new Vector();
    for (let partition = 0; partition < 5_000; partition++) vector.set("user-events", partition, 2n ** 62n);
    const text = String(vector);
    expect(text.length).toBeLessThanOrEqual(6_000);
    expect(text.length).toBeGreaterThan(5_900);
    expect(text.endsWith(`user-events/4999:${2n ** 62n}`)).toBe(true);
    expect(parseVector(text).positions.length).toBeGreaterThan(100);
  });

  it("of nothing is empty", () => {
    expect(String(parseVector(""))).toBe("");
  });

  it.each(["42", "a/0", "a/0:-1", "a/x:1", "a b/0:1", "a/0:1,", ",", "a/0:1;b/0:1", `a/0:${"9".repeat(20)}`])(
    "refuses %j and says what it expected",
    (text) => {
      expect(() => parseVector(text)).toThrow(
        "expected positions such as user-events/0:42,user-events/1:17, got",
      );
    },
  );
});
