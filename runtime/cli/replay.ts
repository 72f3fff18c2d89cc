import { type Command, Option } from "commander";
import { type CapturedBatch, type CaptureEntry, isInvocation } from "../capture/format.ts";
import { type CaptureReader, openCapture } from "../capture/reader.ts";
import { type ConfigSource, createBatchRunner, replay } from "../capture/replay.ts";
import type { LoadedFunction } from "../invoke.ts";
import { CliError, UsageError } from "./errors.ts";
import { findFunction } from "./find-function.ts";
import type { Cli } from "./program.ts";
import { createReport, type Report } from "./replay-report.ts";

interface Options {
  readonly function?: string;
  readonly config: ConfigSource;
  readonly json?: boolean;
}

export function registerReplay(program: Command, { deps, out }: Cli): void {
  program
    .command("replay")
    .description("run captured invocations again and compare; exit 0: same, 1: different")
    .argument("<capture...>", "files that capture wrote")
    .option("--function <name>", "run this one instead of the recorded; a topic's capture needs it")
    .addOption(
      new Option("--config <source>", "which config to run with")
        .choices(["recorded", "current"])
        .default("recorded"),
    )
    .option("--json", "print JSON")
    .action(async (paths: readonly string[], options: Options) => {
      const functions = await deps.loadFunctions();
      const chosen = options.function === undefined ? null : findFunction(functions, options.function);
      const signal = deps.interrupted();
      const report = createReport(out, options.json ?? false);
      for (const path of paths) {
        const reader = await openCapture(path);
        const run = runnerOf(reader, path, functions, chosen, options.config, report);
        for await (const { line, entry } of reader.entries) {
          await run(line, entry);
          out.progress(`${path}: ${line - 1} replayed`);
          if (signal.aborted) throw new CliError(`interrupted in ${path} after ${line - 1}`, 130);
        }
      }
      if (!(await report.finish())) throw new CliError("");
    });
}

type Runner = (line: number, entry: CaptureEntry) => Promise<void>;

function runnerOf(
  { header }: CaptureReader,
  path: string,
  functions: readonly LoadedFunction[],
  chosen: LoadedFunction | null,
  config: ConfigSource,
  report: Report,
): Runner {
  if (header.of === "function") {
    return async (line, entry) => {
      if (!isInvocation(entry)) throw new CliError(`${path}: line ${line}: expected an invocation`);
      const fn = chosen ?? findFunction(functions, entry.function);
      await report.compared({ path, line, fn, recorded: entry, replayed: replay(fn, entry, config) });
    };
  }
  if (!chosen) {
    throw new UsageError(
      `${path}: a capture of the topic ${header.name}: expected --function, to run on its batches`,
    );
  }
  const runBatch = createBatchRunner(chosen);
  return async (line, entry) => {
    await report.ran({
      path,
      line,
      fn: chosen,
      batch: entry as CapturedBatch,
      run: runBatch(entry as CapturedBatch),
    });
  };
}
