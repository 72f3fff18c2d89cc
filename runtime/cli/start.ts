import type { Command } from "commander";
import { addConfigFlags, givenConfig } from "./config-flags.ts";
import type { GivenConfig } from "./deps.ts";
import { CliError, UsageError } from "./errors.ts";
import { findFunction } from "./find-function.ts";
import type { Cli } from "./program.ts";

interface Options {
  readonly only?: string;
  readonly functions: boolean;
  readonly api: boolean;
  readonly dev?: boolean;
}

export function registerStart(program: Command, { deps }: Cli): void {
  const command = program
    .command("start")
    .description("run the platform: broker (unless KAFKA_BROKERS names one), topics, functions, API")
    .option("--only <functions>", "run these functions alone: names with commas between")
    .option("--no-functions", "without functions: the HTTP API and web UI alone")
    .option("--no-api", "without the HTTP API and web UI")
    .option("--dev", "for development: the purity guards are on for every invocation");
  addConfigFlags(command, deps.configFlags).action(async (options: Options) => {
    const config = givenConfig(command, deps.configFlags);
    const code = await deps.startPlatform({
      config,
      only: await functionsToRun(deps, options, config),
      api: options.api,
      dev: options.dev ?? false,
    });
    if (code !== 0) throw new CliError("", code);
  });
}

async function functionsToRun(
  deps: Cli["deps"],
  { only, functions, api }: Options,
  config: GivenConfig,
): Promise<readonly string[] | null> {
  if (functions) return only === undefined ? null : checkedNames(deps, only, config);
  if (only !== undefined) throw new UsageError("expected --only or --no-functions, got both");
  if (!api) throw new UsageError("expected functions or the API to run, got --no-functions and --no-api");
  return [];
}

async function checkedNames(
  deps: Cli["deps"],
  text: string,
  config: GivenConfig,
): Promise<readonly string[]> {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new UsageError(`--only: expected names with commas between, got "${text}"`);
  const functions = await deps.loadFunctions(config);
  return [...new Set(names)].map((name) => findFunction(functions, name).name);
}
