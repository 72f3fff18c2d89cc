import type { Command } from "commander";
import type { ConfigFlag, GivenConfig } from "./deps.ts";

/** Offers settings as flags of a verb. */
export function addConfigFlags(command: Command, flags: readonly ConfigFlag[]): Command {
  for (const { flag, description } of flags) command.option(`${flag} <value>`, description);
  return command;
}

/** Those that were given, by key. */
export function givenConfig(command: Command, flags: readonly ConfigFlag[]): GivenConfig {
  const given: Record<string, string> = {};
  for (const { key, flag } of flags) {
    const value: unknown = command.getOptionValue(attributeOf(flag));
    if (typeof value === "string") given[key] = value;
  }
  return given;
}

/** Commander keeps `--http-port` under `httpPort`. */
const attributeOf = (flag: string): string =>
  flag.replace(/^--/, "").replace(/-([a-z0-9])/g, (_, char: string) => char.toUpperCase());
