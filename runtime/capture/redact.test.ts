import { describe, expect, it } from "vitest";
import { fillRedacted, REDACTED, redact } from "./redact.ts";

const config = {
  rate: 5,
  tokensPerSecond: 3,
  dbPassword: "hunter2",
  nested: [{ api_key: "k", name: "n" }],
  credentials: { user: "u", deep: { pin: "1" } },
  url: "https://user:pw@example.com/",
  plain: "https://example.com/@me",
};

describe("redact", () => {
  it("replaces texts under names of secrets, and URLs with a user, and nothing else", () => {
    expect(redact(config)).toEqual({
      rate: 5,
      tokensPerSecond: 3,
      dbPassword: REDACTED,
      nested: [{ api_key: REDACTED, name: "n" }],
      credentials: { user: REDACTED, deep: { pin: REDACTED } },
      url: REDACTED,
      plain: "https://example.com/@me",
    });
  });

  it("is undone by the present config, which changes nothing else", () => {
    expect(fillRedacted(redact(config), { ...config, rate: 9 })).toEqual(config);
    expect(fillRedacted({ password: REDACTED }, {})).toEqual({ password: REDACTED });
  });
});
