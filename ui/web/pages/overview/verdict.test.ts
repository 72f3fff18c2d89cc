import { describe, expect, it } from "vitest";
import type { FunctionStatus, StatsEvent } from "../../data/types.ts";
import { verdict } from "./verdict.ts";

const fn = (name: string, status: FunctionStatus, reason: string | null = null) => ({ name, status, reason });
const live = (health: "healthy" | "unhealthy", ...functions: ReturnType<typeof fn>[]) =>
  ({ health, functions }) as unknown as StatsEvent;

describe("the verdict on the platform", () => {
  it("names what fails before what waits, and why, and leads there", () => {
    const now = live("unhealthy", fn("a", "waiting", "topic missing"), fn("b c", "failing", "boom"));
    expect(verdict(now, [])).toEqual({
      word: "Failing",
      tone: "bad",
      text: "b c: boom",
      href: "/functions/b%20c",
    });
    expect(verdict(live("healthy", fn("a", "waiting"), fn("b", "waiting", "no broker")), [])).toMatchObject({
      word: "Waiting",
      text: "2 functions: no broker",
      href: "/functions",
    });
  });

  it("is unhealthy where a dependency is, and healthy where all is well", () => {
    expect(verdict(live("unhealthy", fn("a", "running")), [])).toMatchObject({
      word: "Unhealthy",
      href: "/broker",
    });
    expect(verdict(live("healthy", fn("a", "running"), fn("b", "stopped")), [])).toMatchObject({
      word: "Healthy",
      text: "1 of 2 functions running",
    });
  });

  it("is unknown once the platform is out of reach, whatever it was before", () => {
    expect(verdict(live("healthy", fn("a", "failing")), [], true)).toMatchObject({
      word: "Unknown",
      tone: "neutral",
    });
  });

  it("goes by what was loaded until the stream tells", () => {
    expect(verdict(null, [fn("a", "running")])).toMatchObject({
      word: "Healthy",
      text: "1 function running",
    });
    expect(verdict(null, []).word).toBe("–");
  });
});
