import { decodeBatch, encodeBatch, parseBatchHeader } from "../wire/record-batch.ts";
import type { OffsetsLog } from "./groups/group-store.ts";
import { OFFSETS_TOPIC, type Topics } from "./topics.ts";

const REPLAY_READ_BYTES = 1024 * 1024;

/** The group coordinator's log: the one partition of the compacted topic `__consumer_offsets`, made when missing. */
export function openOffsetsLog(topics: Topics, now: () => number): OffsetsLog {
  const configs = { "cleanup.policy": "compact" };
  const topic = topics.get(OFFSETS_TOPIC) ?? topics.create({ name: OFFSETS_TOPIC, partitions: 1, configs });
  const { log } = topic.partitions[0]!;
  return {
    async append(records) {
      const timestamp = now();
      const withTime = records.map(({ key, value }) => ({ timestamp, key, value, headers: [] }));
      await log.append(encodeBatch({ baseOffset: 0, records: withTime }));
    },
    replay(each) {
      for (let offset = log.startOffset; offset < log.endOffset; ) {
        for (const slice of log.read(offset, REPLAY_READ_BYTES, true)) {
          for (let at = 0; at < slice.length; ) {
            const { sizeBytes, baseOffset, lastOffsetDelta } = parseBatchHeader(slice, at);
            for (const { key, value, timestamp } of decodeBatch(slice.subarray(at, at + sizeBytes)).records) {
              if (key) each(key, value, timestamp);
            }
            offset = baseOffset + lastOffsetDelta + 1;
            at += sizeBytes;
          }
        }
      }
    },
  };
}
