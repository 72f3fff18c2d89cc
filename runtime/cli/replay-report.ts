/** Tells what a replay found, as it goes on: text for people, or one JSON document. */
import { toPlain } from "../capture/diff-value.ts";
import type { CapturedBatch } from "../capture/format.ts";
import { describeInput, renderAside, renderDiff, renderInvocation } from "../capture/render.ts";
import type { BatchRun, Replayed } from "../capture/replay.ts";
import type { LoadedFunction } from "../invoke.ts";
import type { CapturedInvocation } from "../view.ts";
import type { Output } from "./output.ts";

interface Place {
  readonly path: string;
  readonly line: number;
  readonly fn: LoadedFunction;
}

export interface Report {
  compared(
    one: Place & { readonly recorded: CapturedInvocation; readonly replayed: Replayed },
  ): Promise<void>;
  ran(one: Place & { readonly batch: CapturedBatch; readonly run: BatchRun }): Promise<void>;
  /** Ends it with the sums; true when nothing differed. */
  finish(): Promise<boolean>;
}

/** JSON: `{ results: […], invocations, different, same, code_changed: [function names] }`; results are those that differ. */
export function createReport(out: Output, json: boolean): Report {
  const codeChanged = new Set<string>();
  let compared = 0;
  let different = 0;
  let batches = 0;
  let results = 0;

  const writeResult = async (result: object): Promise<void> => {
    results += 1;
    await out.write(`${results === 1 ? '{"results":[\n' : ",\n"}${JSON.stringify(toPlain(result))}`);
  };
  const tellCode = (fn: LoadedFunction, recorded: CapturedInvocation): void => {
    if (codeChanged.has(fn.name)) return;
    codeChanged.add(fn.name);
    out.note(
      `${fn.name}: code ${fn.codeHash.slice(0, 12)} is replayed, ${recorded.codeHash.slice(0, 12)} was captured`,
    );
  };
  return {
    async compared({ path, line, fn, recorded, replayed }) {
      compared += 1;
      if (replayed.codeChanged) tellCode(fn, recorded);
      const { diff } = replayed;
      if (diff.same) return;
      different += 1;
      if (json) return writeResult({ file: path, line, id: recorded.id, function: fn.name, diff });
      const heading = out.paint("bold", `${path}:${line} ${fn.name}`);
      await out.write(`${heading} ${describeInput(recorded.input)}\n${renderDiff(diff, out.paint)}`);
    },
    async ran({ path, line, fn, batch, run }) {
      batches += 1;
      const { invocation, aside } = run;
      if (json) return writeResult({ file: path, line, function: fn.name, invocation, aside });
      const text = invocation
        ? renderInvocation(invocation, out.paint)
        : `${fn.name} ${describeInput(batch.input)}: no record was left\n`;
      await out.write(text + renderAside(aside, out.paint));
    },
    async finish() {
      const same = different === 0;
      if (json) {
        const sums = { invocations: compared, different, same, batches, code_changed: [...codeChanged] };
        const start = results === 0 ? '{"results":[' : "\n";
        await out.write(`${start}],${JSON.stringify(sums).slice(1)}\n`);
      } else if (compared > 0) {
        const verdict = same ? out.paint("green", "same") : out.paint("red", "different");
        await out.write(`${verdict}: ${same ? "" : `${different} of `}${countOf(compared, "invocation")}\n`);
      }
      if (batches > 0)
        out.note(`${batches} ${batches === 1 ? "batch" : "batches"} run, nothing to compare with`);
      return same;
    },
  };
}

const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
