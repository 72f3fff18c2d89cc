import type { Command } from "commander";
import { addConfigFlags, givenConfig } from "./config-flags.ts";
import { CliError } from "./errors.ts";
import type { Cli } from "./program.ts";

const KEYS = ["EMBEDDED_REGISTRY_PORT", "KAFKA_BROKERS", "EMBEDDED_KAFKA_PORT", "LOG_LEVEL"];

export function registerRegistry(program: Command, { deps }: Cli): void {
  const flags = deps.configFlags.filter(({ key }) => KEYS.includes(key));
  const command = program.command("registry").description("run the embedded schema registry alone");
  addConfigFlags(command, flags).action(async () => {
    const code = await deps.startRegistry(givenConfig(command, flags));
    if (code !== 0) throw new CliError("", code);
  });
}
