/** Whatever ends the program that started Apache Kafka, no broker outlives it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../for-one-test.ts";
import { until } from "../until.ts";

const MAIN = fileURLToPath(new URL("../../infra/apache-kafka/main.ts", import.meta.url));

/** The processes that run a broker whose files are in this folder. */
const brokersIn = (folder: string): readonly string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      const command = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
      return command.includes("\0kafka.Kafka\0") && command.includes(folder);
    } catch {
      return false; // it has ended
    }
  });

async function startProgram() {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, "start"], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = text(child.stderr);
  const ended = once(child, "exit");
  await until(() => brokersIn(folder).length === 1, "a broker to be on its way");
  return { folder, child, ended, said };
}

describe("the program that starts Apache Kafka", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("cleans up on %s during the start, and says so", async (signal) => {
    const { folder, child, ended, said } = await startProgram();
    child.kill(signal);
    expect(await ended).toEqual([1, null]);
    expect(await said).toBe("Stopped before Apache Kafka answered\n");
    expect(brokersIn(folder)).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith("apache-kafka-"))).toEqual([]);
  });

  it("takes its broker along when it is killed", async () => {
    const { folder, child, ended } = await startProgram();
    child.kill("SIGKILL");
    await ended;
    await until(() => brokersIn(folder).length === 0, "the broker to end");
  });
});
