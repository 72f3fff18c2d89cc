import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { toPlain } from "../capture/diff-value.ts";
import { inputOf, toCapturedInvocation } from "../capture/format.ts";
import { redact } from "../capture/redact.ts";
import { renderInvocation } from "../capture/render.ts";
import { recordedConfig } from "../capture/replay.ts";
import { type Invocation, type InvokeRequest, invoke, type LoadedFunction } from "../invoke.ts";
import { sampleInput } from "../sample.ts";
import { CliError } from "./errors.ts";
import { findFunction } from "./find-function.ts";
import type { Cli } from "./program.ts";
import { readInput } from "./read-input.ts";

interface Options {
  readonly input?: string;
  readonly json?: boolean;
}

export function registerInvoke(program: Command, { deps, out }: Cli): void {
  program
    .command("invoke")
    .description("run a function once, here, under the purity guards, and print the recorded result")
    .argument("<function>", "its name")
    .option(
      "--input <file>",
      "a tick, a batch, an invocation or a capture's line; - for stdin (default: the function's sample)",
    )
    .option("--json", "print JSON")
    .action(async (name: string, { input: source, json }: Options) => {
      const functions = await deps.loadFunctions();
      const fn = findFunction(functions, name);
      if (source === undefined)
        out.note(`no --input: running on the sample that "ksp sample ${name}" prints`);
      const given = source === undefined ? sampleInput(fn, functions) : await readInput(deps, source);
      const result: Invocation = invoke(fn, {
        ...requestOf(fn, given, deps.now()),
        id: randomUUID(),
        trigger: "cli",
        guard: true,
      });
      // The result is a fixture as well: it may be kept, so it holds no secrets.
      if (json) await out.writeJson(toPlain({ ...result, config: redact(result.config) }), "line");
      else await out.write(renderInvocation(result, out.paint));
      if (result.outcome.kind !== "ok") throw new CliError("");
    });
}

/** A recorded invocation brings its own time, chance and config; a bare tick its own time. */
function requestOf(fn: LoadedFunction, given: unknown, now: number): Omit<InvokeRequest, "id" | "trigger"> {
  const input = inputOf(given);
  if (input !== given && typeof given === "object" && given !== null && "outcome" in given) {
    const recorded = toCapturedInvocation(given);
    const { seed } = recorded;
    return { input, now: recorded.now, seed, config: recordedConfig(fn, recorded) };
  }
  const { scheduledAt } = (input ?? {}) as { scheduledAt?: unknown };
  return { input, now: typeof scheduledAt === "number" ? scheduledAt : now };
}
