import { describe, expect, it } from "vitest";
import { byService, celOf, type LogLine } from "./logs.ts";

const line = (service: string, level: string, at = 0, message = ""): LogLine => ({
  at,
  level,
  service,
  message,
});

describe("services by their log", () => {
  it("have the most errors first, fatal ones among them, and equal ones by name", () => {
    const services = byService([
      line("b", "INFO"),
      line("a", "INFO"),
      line("c", "ERROR"),
      line("c", "FATAL"),
      line("d", "ERROR"),
      line("d", "WARN"),
    ]);
    expect(services.map(({ service }) => service)).toEqual(["c", "d", "a", "b"]);
    expect(services[1]).toMatchObject({ lines: 2, warnings: 1, errors: 1, fatals: 0, errorShare: 0.5 });
  });

  it("tell their last error by its time", () => {
    const services = byService([
      line("a", "ERROR", 2, "second"),
      line("a", "FATAL", 1, "first"),
      line("a", "INFO", 3),
    ]);
    expect(services[0]?.lastError?.message).toBe("second");
    expect(byService([line("a", "WARN")])[0]?.lastError).toBeNull();
  });
});

describe("a condition for a service's lines", () => {
  it("keeps a name with quotes a name", () => {
    expect(celOf('a" || true || "', ["ERROR"])).toBe(
      'value.service == "a\\" || true || \\"" && value.level in ["ERROR"]',
    );
  });
});
