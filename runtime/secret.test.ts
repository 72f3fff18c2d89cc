import { inspect } from "node:util";
import { expect, it } from "vitest";
import { Secret } from "./secret.ts";
import { createTestLog } from "./testing.ts";

it("is given away by reveal, and by nothing that prints, logs, copies or serialises it", () => {
  const secret = new Secret("s3cr3t");
  expect(secret.reveal()).toBe("s3cr3t");
  const { log, lines } = createTestLog();
  log.info({ secret, deep: { list: [secret] } }, `${secret}`);
  const seen = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9, showHidden: true }),
    JSON.stringify({ ...secret }),
    JSON.stringify(structuredClone(secret)),
    JSON.stringify(lines),
  ].join("\n");
  expect(seen).not.toContain("s3cr3t");
  expect(seen).toContain("[secret]");
});
