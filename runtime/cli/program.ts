/** The command line as a value: what it needs is handed in, and it answers with an exit code. */
import { Command, CommanderError } from "commander";
import { CaptureError } from "../capture/format.ts";
import { ConfigError } from "../config.ts";
import { registerAcls } from "./acls.ts";
import { registerBroker } from "./broker.ts";
import { registerCapture } from "./capture.ts";
import type { CliDeps } from "./deps.ts";
import { CliError, OutputClosedError } from "./errors.ts";
import { registerFunctions } from "./functions.ts";
import { registerInvoke } from "./invoke.ts";
import { createOutput, type Output } from "./output.ts";
import { registerRegistry } from "./registry.ts";
import { registerReplay } from "./replay.ts";
import { registerSample } from "./sample.ts";
import { registerSchemas } from "./schemas.ts";
import { registerStart } from "./start.ts";
import { registerTopics } from "./topics.ts";

/** What each verb gets. */
export interface Cli {
  readonly deps: CliDeps;
  readonly out: Output;
}

function createProgram(deps: CliDeps, out: Output): Command {
  const program = new Command("ksp")
    .description("A Kafka streaming platform whose every behaviour is a pure function")
    .version(deps.version)
    .showHelpAfterError("Say --help after a verb to see how it is used.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
    });
  const cli: Cli = { deps, out };
  for (const register of [
    registerStart,
    registerFunctions,
    registerTopics,
    registerAcls,
    registerInvoke,
    registerSample,
    registerCapture,
    registerReplay,
    registerBroker,
    registerRegistry,
    registerSchemas,
  ]) {
    register(program, cli);
  }
  return program;
}

/**
 * Runs one command, `args` being what follows the program's name. Resolves to the exit code: 0 well, 1 failed or
 * different, 2 used wrongly, 130 interrupted. Errors are told on stderr, without a stack.
 */
export async function runCli(deps: CliDeps, args: readonly string[]): Promise<number> {
  const out = createOutput(deps);
  // A failed write is told to the one who wrote; without a listener it would end the process as well.
  deps.stdout.on("error", () => {});
  deps.stderr.on("error", () => {});
  try {
    await createProgram(deps, out).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    out.clearProgress();
    return exitCodeOf(error, (message) => out.note(`ksp: ${message}`));
  }
}

function exitCodeOf(error: unknown, tell: (message: string) => void): number {
  if (error instanceof OutputClosedError) return 0;
  // Commander has told its own already. Help that was asked for is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CliError) {
    if (error.message !== "") tell(error.message);
    return error.exitCode;
  }
  tell(error instanceof Error ? error.message || error.name : String(error));
  return error instanceof CaptureError || error instanceof ConfigError ? 2 : 1;
}
