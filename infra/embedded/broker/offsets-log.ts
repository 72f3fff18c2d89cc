import { decodeBatch, encodeBatch, parseBatchHeader } from "../wire/record-batch.ts";
import type { OffsetsLog } from "./groups/group-store.ts";
import { isCommitMarker } from "./producer-state.ts";
import { readBatches } from "./read-batches.ts";
import { OFFSETS_TOPIC, type Topics } from "./topics.ts";

/** The group coordinator's log: the one partition of the compacted topic `__consumer_offsets`, made when missing. */
export function openOffsetsLog(topics: Topics, now: () => number): OffsetsLog {
  const configs = { "cleanup.policy": "compact" };
  const topic = topics.get(OFFSETS_TOPIC) ?? topics.create({ name: OFFSETS_TOPIC, partitions: 1, configs });
  const { log, producers } = topic.partitions[0]!;
  return {
    async append(records, producer) {
      const timestamp = now();
      const withTime = records.map(({ key, value }) => ({ timestamp, key, value, headers: [] }));
      const batch = encodeBatch({
        baseOffset: 0,
        records: withTime,
        transactional: producer !== null,
        ...producer,
      });
      const appended = log.append(batch);
      if (producer) producers.begin(parseBatchHeader(batch), appended);
      return (await appended).baseOffset;
    },
    replay(to) {
      for (const { header, batch } of readBatches(log)) {
        const producerId = header.transactional ? header.producerId : null;
        if (header.control) {
          if (producerId !== null) to.onEnd(producerId, isCommitMarker(batch));
          continue;
        }
        for (const { key, value, offset } of decodeBatch(batch).records) {
          if (key) to.onRecord({ key, value, offset, producerId });
        }
      }
    },
  };
}
