import type { Command } from "commander";
import { addConfigFlags, givenConfig } from "./config-flags.ts";
import { CliError } from "./errors.ts";
import type { Cli } from "./program.ts";

const KEYS = [
  "EMBEDDED_KAFKA_PORT",
  "EMBEDDED_KAFKA_METRICS_PORT",
  "EMBEDDED_KAFKA_FLUSH",
  "EMBEDDED_KAFKA_FLUSH_INTERVAL_MS",
  "DATA_DIR",
  "LOG_LEVEL",
];

export function registerBroker(program: Command, { deps }: Cli): void {
  const flags = deps.configFlags.filter(({ key }) => KEYS.includes(key));
  const command = program.command("broker").description("run the embedded broker alone");
  addConfigFlags(command, flags).action(async () => {
    const code = await deps.startBroker(givenConfig(command, flags));
    if (code !== 0) throw new CliError("", code);
  });
}
