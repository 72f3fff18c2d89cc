import { describe, expect, it } from "vitest";
import { createReleasers } from "./releasers.ts";

describe("releasers", () => {
  it("run last in, first out, one after the other, each once", async () => {
    const releasers = createReleasers();
    const order: string[] = [];
    for (const name of ["broker", "client", "server"]) {
      releasers.push(name, async () => {
        order.push(`${name} begins`);
        await Promise.resolve();
        order.push(`${name} ends`);
      });
    }
    const fail = (): never => expect.unreachable();
    await releasers.release(fail);
    await releasers.release(fail);
    expect(order).toEqual(
      ["server", "client", "broker"].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it("go on after one that fails, and tell which it was", async () => {
    const releasers = createReleasers();
    const released: string[] = [];
    const failed: unknown[] = [];
    releasers.push("first", () => void released.push("first"));
    releasers.push("throws", () => {
      throw new Error("sync");
    });
    releasers.push("rejects", () => Promise.reject(new Error("async")));
    await releasers.release((name, error) => failed.push([name, (error as Error).message]));
    expect(failed).toEqual([
      ["rejects", "async"],
      ["throws", "sync"],
    ]);
    expect(released).toEqual(["first"]);
  });
});
