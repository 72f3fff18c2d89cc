/** Runs recorded invocations again, in as many requests as it takes, and tells how far it is. */
import { useEffect, useRef, useState } from "preact/hooks";
import { apiPath, postText } from "../../data/api.ts";
import type { ReplayResult } from "./diff-summary.ts";
import { toParts } from "./replay-parts.ts";

export type Replayed =
  | { readonly kind: "result"; readonly result: ReplayResult; readonly text: string }
  /** It could not be replayed. */
  | { readonly kind: "problem"; readonly error: Error; readonly text: string };

/** Results in order, one for each of the invocations' texts, some at a time. Ends early when `signal` is aborted. */
export async function* replayAll(
  name: string,
  texts: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<readonly Replayed[], void> {
  const path = `${apiPath("functions", name)}/replay`;
  for (const part of toParts(texts)) {
    if (part.tooLarge) {
      const error = new Error("It is larger than the platform takes in one request: use ksp replay.");
      yield [{ kind: "problem", error, text: part.texts[0]! }];
      continue;
    }
    let results: readonly ReplayResult[];
    try {
      const answer = await postText(path, `{"invocations":[${part.texts.join()}]}`, signal);
      results = (JSON.parse(answer) as { results: ReplayResult[] }).results;
    } catch (error) {
      if (signal?.aborted) return;
      yield part.texts.map((text) => ({ kind: "problem", error: error as Error, text }));
      continue;
    }
    yield results.map((result, index) => ({ kind: "result", result, text: part.texts[index]! }));
  }
}

/** What differs or could not be replayed, of which more than this is not walked through. */
export const MOST_SHOWN = 1000;

export interface ReplayRun {
  /** What was replayed: "the last 20 invocations", a file's name. */
  readonly label: string;
  readonly total: number;
  readonly same: number;
  readonly different: number;
  readonly problems: number;
  readonly codeChanged: boolean;
  /** All but the same, the first `MOST_SHOWN`. */
  readonly shown: readonly Replayed[];
  readonly running: boolean;
}

export interface Replay {
  readonly run: ReplayRun | null;
  start(label: string, texts: readonly string[]): Promise<void>;
  stop(): void;
}

const begun = (label: string, total: number): ReplayRun => ({
  label,
  total,
  same: 0,
  different: 0,
  problems: 0,
  codeChanged: false,
  shown: [],
  running: true,
});

export function useReplay(name: string): Replay {
  const [run, setRun] = useState<ReplayRun | null>(null);
  const own = useRef<AbortController | null>(null);
  useEffect(() => () => own.current?.abort(), []);
  const start = async (label: string, texts: readonly string[]): Promise<void> => {
    own.current?.abort();
    const mine = new AbortController();
    own.current = mine;
    let now = begun(label, texts.length);
    setRun(now);
    for await (const some of replayAll(name, texts, mine.signal)) {
      now = some.reduce(withResult, now);
      setRun(now);
    }
    if (own.current === mine) setRun({ ...now, running: false });
  };
  return { run, start, stop: () => own.current?.abort() };
}

function withResult(run: ReplayRun, one: Replayed): ReplayRun {
  const isSame = one.kind === "result" && one.result.same;
  return {
    ...run,
    same: run.same + (isSame ? 1 : 0),
    different: run.different + (one.kind === "result" && !one.result.same ? 1 : 0),
    problems: run.problems + (one.kind === "problem" ? 1 : 0),
    codeChanged: run.codeChanged || (one.kind === "result" && one.result.code_changed),
    shown: isSame || run.shown.length >= MOST_SHOWN ? run.shown : [...run.shown, one],
  };
}
