/** Writes dead letters once more to the topics that they came from, one after the other. */
import { apiPath, postText } from "../../data/api.ts";
import type { RecordPlace } from "../../data/record-link.ts";
import { loadWholeRecord } from "../topic/use-whole-record.ts";
import { toProduceBody } from "../topic/whole-record.ts";
import { isOwnHeader, type Letter } from "./letter.ts";

export type Redriven =
  | { readonly letter: Letter; readonly written: RecordPlace }
  | { readonly letter: Letter; readonly problem: string };

export interface RedriveOptions {
  /** Whether the topic's schema must take the value. */
  readonly validate: boolean;
}

/** In the order in which they came. Ends early when `signal` aborts: what is under way then is written or not. */
export async function redrive(
  letters: readonly Letter[],
  options: RedriveOptions,
  onDone: (result: Redriven) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const letter of [...letters].reverse()) {
    if (signal.aborted) return;
    onDone(await redriveOne(letter, options));
  }
}

async function redriveOne(letter: Letter, { validate }: RedriveOptions): Promise<Redriven> {
  const { origin, originTimestamp } = letter;
  if (!origin) return { letter, problem: "Its headers do not say which topic it came from." };
  try {
    // With its own time: it is the same event, whenever it is handled.
    const options = { keepHeader: isOwnHeader, timestamp: originTimestamp, validate };
    const body = toProduceBody(await loadWholeRecord(letter.message), options);
    if ("problem" in body) return { letter, ...body };
    const answer = await postText(apiPath("topics", origin.topic, "records"), body.json);
    return { letter, written: JSON.parse(answer) as RecordPlace };
  } catch (error) {
    return { letter, problem: (error as Error).message };
  }
}
