/** The labs work as printed: each page's commands are run in order, on free ports, and print what the page shows. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { start, temporaryFolder } from "../for-one-test.ts";
import type { Platform } from "../platform.ts";
import { until } from "../until.ts";
import { looksLike, readLab } from "./read-lab.ts";

const LABS = new URL("../../docs/labs/", import.meta.url);
const PROGRAM = fileURLToPath(new URL("../../bin/ksp.js", import.meta.url));

/** Runs a page's command as a shell would, on the platform under test; resolves with what it printed. */
function run(command: string, platform: Platform, cwd: string): Promise<string> {
  const { host, port } = new URL(platform.url);
  const script = command
    .replaceAll("localhost:8080", host)
    .replaceAll("npx ksp", `"${process.execPath}" "${PROGRAM}"`);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, HTTP_PORT: port };
  return new Promise((resolve) => {
    // What it prints tells how it went: grep answers 1 when there is nothing to see yet.
    execFile("bash", ["-c", script], { cwd, env }, (_, stdout) => resolve(stdout));
  });
}

describe("docs/labs", () => {
  it.each(readdirSync(LABS).filter((name) => name.endsWith(".md")))(
    "%s works as printed",
    async (name) => {
      const page = readFileSync(new URL(name, LABS), "utf8");
      expect(page.trimEnd().split("\n").length).toBeLessThanOrEqual(80);
      const cwd = await temporaryFolder();
      const terminals = new Map<number, Platform>();
      for (const step of readLab(page)) {
        if (step.kind === "start") {
          const brokers = terminals.get(1)?.brokers;
          const env = { ...step.env, ...(step.env.KAFKA_BROKERS && brokers && { KAFKA_BROKERS: brokers }) };
          const platform = await start({ env, args: step.args });
          terminals.set(step.terminal, platform);
          if (platform.url) await platform.untilHealthy();
        } else if (step.kind === "stop") {
          terminals.get(step.terminal)!.signal("SIGINT");
          expect(await terminals.get(step.terminal)!.ended).toMatchObject({ code: 0 });
        } else {
          let printed = "";
          await until(async () => {
            printed = await run(step.command, terminals.get(1)!, cwd);
            return step.expected === null || looksLike(printed, step.expected);
          }, `\n${step.command}\nto print\n${step.expected}`).catch((error: Error) => {
            throw new Error(`${error.message}, got\n${printed}`);
          });
        }
      }
    },
    120_000,
  );

  it("each show something that is checked", () => {
    for (const name of readdirSync(LABS)) {
      const steps = readLab(readFileSync(new URL(name, LABS), "utf8"));
      expect(steps.filter((step) => step.kind === "run" && step.expected !== null).length).toBeGreaterThan(2);
    }
  });
});
