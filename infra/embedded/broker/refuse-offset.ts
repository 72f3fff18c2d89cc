import type { Broker } from "./broker.ts";
import { ErrorCode } from "./errors.ts";

/** Why an offset with this metadata cannot be committed for the partition; NONE: it can. */
export function refuseOffset(broker: Broker, topic: string, partition: number, metadata: string): number {
  if (!broker.topics.partition(topic, partition)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  // Kafka counts characters too.
  if (metadata.length > broker.config.offsetMetadataMaxBytes) return ErrorCode.OFFSET_METADATA_TOO_LARGE;
  return ErrorCode.NONE;
}
