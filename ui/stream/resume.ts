/** What a client missed while it was away: read again and given before what is live, without a gap. */
import type { StreamView } from "../../runtime/stream-view.ts";
import type { RecordView } from "../../runtime/view.ts";
import { toMessageJson } from "../api/message.ts";
import { type Chunk, plain } from "./client-ring.ts";
import { count, type Tally, toIdOnly, toProblemEvent } from "./events.ts";
import { type MessageSelection, toMessageEvents } from "./message-feed.ts";
import type { Vector } from "./vector.ts";

/** Offsets that a client may be behind when it comes back. Of more, the newest are read and the others told. */
export const MOST_MISSED = 1_000;
const CHUNK_EVENTS = 50;

interface Gap {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** What lies between where the client was and where it goes on. Partitions that it did not know begin with now. */
export function planResume(was: Vector, now: Vector, most = MOST_MISSED): { gaps: Gap[]; lost: Tally } {
  const lost: Tally = new Map();
  const gaps = now.positions.flatMap(({ topic, partition, next }): Gap[] => {
    const at = was.get(topic, partition);
    if (at === null || at === next) return [];
    // Beyond the end: the topic was made anew, and none of it was seen.
    return [{ topic, partition, from: at < next ? at : 0n, to: next }];
  });
  const missed = gaps.reduce((sum, { from, to }) => sum + (to - from), 0n);
  if (missed <= BigInt(most)) return { gaps, lost };
  const share = BigInt(Math.max(1, Math.floor(most / gaps.length)));
  for (const [i, gap] of gaps.entries()) {
    const from = gap.to - gap.from > share ? gap.to - share : gap.from;
    if (from > gap.from) count(lost, "message", gap.topic, Number(from - gap.from));
    gaps[i] = { ...gap, from };
  }
  return { gaps, lost };
}

export interface Resumed {
  readonly chunks: Chunk[];
  readonly lost: Tally;
}

/** Reads the gaps between `was` and `now`. What cannot be read counts as lost and is told as a problem. */
export async function resume(
  stream: Pick<StreamView, "missed">,
  selection: MessageSelection,
  was: Vector,
  now: Vector,
): Promise<Resumed> {
  const { gaps, lost } = planResume(was, now);
  const vector = now.copy();
  const problems: Chunk[] = [];
  const read = gaps.map(async ({ topic, partition, from, to }): Promise<RecordView[]> => {
    try {
      const { records, gone } = await stream.missed(topic, partition, from, to);
      if (gone > 0) count(lost, "message", topic, gone);
      return [...records];
    } catch (error) {
      count(lost, "message", topic, Number(to - from));
      const detail = `Records of ${topic}/${partition} could not be read: ${String(error)}`;
      problems.push(plain(toProblemEvent(503, detail)));
      return [];
    }
  });
  const records = inOrderOfTime(await Promise.all(read));
  for (const { topic, partition, from } of gaps) vector.set(topic, partition, from);
  const chunks: Chunk[] = [];
  for (let i = 0; i < records.length; i += CHUNK_EVENTS) {
    const events: Tally = new Map();
    const texts = records.slice(i, i + CHUNK_EVENTS).map((record) => {
      vector.set(record.topic, record.partition, BigInt(record.offset) + 1n);
      count(events, "message", record.topic, 1);
      return toMessageEvents(selection, record.topic, toMessageJson(record), vector.toString());
    });
    chunks.push({ bytes: Buffer.from(texts.join("")), events, sampled: new Map() });
  }
  return { chunks: [...problems, ...chunks, plain(toIdOnly(String(now)))], lost };
}

/** Merged by timestamp, but never out of a partition's own order. */
function inOrderOfTime(partitions: readonly RecordView[][]): RecordView[] {
  const timed = partitions.flatMap((records) => {
    let latest = Number.NEGATIVE_INFINITY;
    return records.map((record) => {
      latest = Math.max(latest, record.timestamp);
      return { record, latest };
    });
  });
  return timed.sort((a, b) => a.latest - b.latest).map(({ record }) => record);
}
