import type { Command } from "commander";
import { type CaptureEntry, CaptureError, type CaptureHeader } from "../capture/format.ts";
import { createRecorder } from "../capture/recorder.ts";
import { checkRange, parseBound } from "./bound.ts";
import { addConfigFlags, givenConfig } from "./config-flags.ts";
import { CliError, UsageError } from "./errors.ts";
import { unknownFunction } from "./find-function.ts";
import { createPlatform, isNotFound, type Platform } from "./platform.ts";
import type { Cli } from "./program.ts";

interface Options {
  readonly count?: string;
  readonly topic?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out: string;
  readonly url?: string;
  readonly json?: boolean;
}

export function registerCapture(program: Command, cli: Cli): void {
  const flags = cli.deps.configFlags.filter(({ key }) => /^(EMBEDDED_)?KAFKA_/.test(key));
  const command = program
    .command("capture")
    .description("record the next invocations of a function of a running platform, or a topic's batches")
    .argument("[function]", "whose invocations to record")
    .option("--count <n>", "how many invocations")
    .option("--topic <topic>", "record this topic's batches, read from the broker, instead")
    .option("--from <bound>", "first offset (of each partition) or ISO 8601 time (default: the earliest)")
    .option("--to <bound>", "offset or time to stop before (default: the end as it is now)")
    .requiredOption("--out <file>", "file to write; one of that name is replaced")
    .option("--url <url>", "where the platform runs (default: on this machine)")
    .option("--json", "print JSON");
  addConfigFlags(command, flags).action(async (name: string | undefined, options: Options) => {
    if ((name === undefined) === (options.topic === undefined)) {
      throw new UsageError("expected either a function or --topic");
    }
    const given = givenConfig(command, flags);
    await (name === undefined
      ? captureTopic(cli, options.topic!, options, given)
      : captureFunction(cli, name, options));
  });
}

async function captureFunction(cli: Cli, name: string, options: Options): Promise<void> {
  if (options.from !== undefined || options.to !== undefined) {
    throw new UsageError("--from and --to go with --topic: a function's invocations are those to come");
  }
  const count = parseCount(options.count);
  const platform = createPlatform(cli, options.url ?? null);
  const signal = cli.deps.interrupted();
  const invocations = platform.follow(name, signal, (dropped) => {
    cli.out.note(`${dropped} invocations came faster than they could be written and are left out`);
  });
  const plan = { of: "function", name, unit: "invocations", limit: count } as const;
  try {
    await record(cli, plan, invocations, signal, options);
  } catch (error) {
    throw isNotFound(error) ? await unknownThere(platform, name) : error;
  }
}

async function captureTopic(
  cli: Cli,
  topic: string,
  options: Options,
  config: Record<string, string>,
): Promise<void> {
  if (options.count !== undefined)
    throw new UsageError("--count goes with a function; a topic has --from and --to");
  const from = options.from === undefined ? null : parseBound("--from", options.from);
  const to = options.to === undefined ? null : parseBound("--to", options.to);
  checkRange(from, to);
  const signal = cli.deps.interrupted();
  const batches = cli.deps.readTopic({ topic, from, to, config, signal });
  await record(cli, { of: "topic", name: topic, unit: "batches", limit: null }, batches, signal, options);
}

interface Plan extends Pick<CaptureHeader, "of" | "name"> {
  readonly unit: "invocations" | "batches";
  /** Null: all that there is. */
  readonly limit: number | null;
}

/** Writes entries to the file. What has come when the source breaks off is kept, and the user is told. */
async function record(
  { deps, out }: Cli,
  { of, name, unit, limit }: Plan,
  entries: AsyncIterable<CaptureEntry>,
  signal: AbortSignal,
  { out: path, json }: Options,
): Promise<void> {
  const recorder = await createRecorder(path, { of, name, createdAt: new Date(deps.now()).toISOString() });
  const target = limit === null ? "" : ` of ${limit}`;
  let broken: unknown = null;
  try {
    out.progress(`waiting for ${unit} of ${name}`);
    for await (const entry of entries) {
      await recorder.write(entry);
      out.progress(`${recorder.count}${target} ${unit}`);
      if (recorder.count === limit || signal.aborted) break;
    }
  } catch (error) {
    broken = error;
  }
  // A file that cannot be written, or that would hold nothing, is none.
  if (broken instanceof CaptureError || recorder.count === 0) {
    await recorder.abandon();
    if (signal.aborted) throw new CliError("interrupted: nothing was captured", 130);
    throw broken ?? new CliError(`there are no ${unit} of ${name}: nothing was captured`);
  }
  await recorder.finish();
  const holds = `${path} holds ${recorder.count}${target} ${unit}`;
  if (json) await out.writeJson({ file: path, of, name, count: recorder.count }, "line");
  if (signal.aborted) throw new CliError(`interrupted: ${holds}`, 130);
  if (broken) throw new CliError(`${(broken as Error).message}: ${holds}`);
  if (limit !== null && recorder.count < limit) throw new CliError(`the platform ended the stream: ${holds}`);
  if (!json) out.note(`${holds.replace(target, "")} of ${name}`);
}

function parseCount(text: string | undefined): number {
  if (text === undefined) throw new UsageError("expected --count: how many invocations to record");
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new UsageError(`--count: expected a whole number from 1 on, got "${text}"`);
}

async function unknownThere(platform: Platform, name: string): Promise<CliError> {
  const { functions } = (await platform.get("/api/functions")) as { functions: readonly { name: string }[] };
  return unknownFunction(
    name,
    functions.map((fn) => fn.name),
  );
}
