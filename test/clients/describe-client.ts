import { spawnSync } from "node:child_process";
import { describe, it } from "vitest";

/**
 * Tests that need a client which npm does not bring. Where it is missing they are skipped, and say what to install; in
 * CI (CI=true) that is a failure.
 *
 * @param probe a command that succeeds where the client is there
 */
export function describeClient(
  client: { name: string; probe: readonly string[]; install: string },
  tests: () => void,
) {
  const { name, probe, install } = client;
  const [tool, ...args] = probe;
  const missing = spawnSync(tool!, args, { stdio: "ignore" }).status !== 0;
  if (missing && process.env.CI === "true") throw new Error(`Expected ${name} to be installed: ${install}`);
  if (missing) it.skip(`${name} is not installed: ${install}`, () => {});
  else describe(name, tests);
}
