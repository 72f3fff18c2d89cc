/** Data goes to stdout, all else to stderr; colour and progress only where someone looks. */
import { coloured, type Paint, plain } from "../capture/render.ts";
import type { CliDeps } from "./deps.ts";
import { OutputClosedError } from "./errors.ts";

export interface Output {
  readonly paint: Paint;
  /** Data. Resolves when it is on its way, so that a slow reader slows the verb down. */
  write(text: string): Promise<void>;
  /** `value` as JSON: one line, or indented for people. */
  writeJson(value: unknown, style: "line" | "indented"): Promise<void>;
  /** Something about the data, for people. */
  note(text: string): void;
  /** A line that is overwritten in place; nothing where stderr is no terminal. */
  progress(text: string): void;
  /** Takes the progress line away. */
  clearProgress(): void;
}

const PROGRESS_EVERY_MS = 100;

/** FORCE_COLOR over NO_COLOR over whether a terminal looks; as Node itself has it. */
function colourAllowed(env: CliDeps["env"], isTTY: boolean | undefined): boolean {
  const force = env.FORCE_COLOR;
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if (env.NO_COLOR) return false;
  return isTTY === true && env.TERM !== "dumb";
}

export function createOutput(deps: Pick<CliDeps, "stdout" | "stderr" | "env" | "now">): Output {
  const { stdout, stderr } = deps;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = false;

  const clearProgress = (): void => {
    if (shown) stderr.write("\r\x1b[K");
    shown = false;
  };
  const write = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      clearProgress();
      stdout.write(text, (error) => {
        if (!error) resolve();
        else reject((error as NodeJS.ErrnoException).code === "EPIPE" ? new OutputClosedError() : error);
      });
    });
  return {
    paint: colourAllowed(deps.env, stdout.isTTY) ? coloured : plain,
    write,
    writeJson: (value, style) => write(`${JSON.stringify(value, null, style === "line" ? 0 : 2)}\n`),
    note(text) {
      clearProgress();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      const now = deps.now();
      if (!stderr.isTTY || now - shownAt < PROGRESS_EVERY_MS) return;
      stderr.write(`\r${text}\x1b[K`);
      shownAt = now;
      shown = true;
    },
    clearProgress,
  };
}
