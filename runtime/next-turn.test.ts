import { describe, expect, it } from "vitest";
import { nextTurn } from "./next-turn.ts";

describe("nextTurn", () => {
  it("lets the event loop turn between any two who wait", async () => {
    const seen: string[] = [];
    const work = async (name: string): Promise<void> => {
      await nextTurn();
      seen.push(name);
      setImmediate(() => seen.push(`the loop after ${name}`));
    };
    await Promise.all([work("a"), work("b")]);
    await nextTurn();
    expect(seen).toEqual(["a", "the loop after a", "b", "the loop after b"]);
  });
});
