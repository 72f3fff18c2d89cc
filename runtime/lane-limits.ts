/** How outputs are gathered on their way to Kafka: producers for little delay, consumers for large batches. */
import type { LaneLimits } from "./lane.ts";

const backoff = { firstMs: 100, mostMs: 5_000 };

export const LANE_LIMITS: Readonly<Record<"producer" | "consumer", LaneLimits>> = {
  producer: { lingerMs: 10, batchBytes: 16 * 1024, batchRecords: 1_000, backoff },
  consumer: { lingerMs: 5, batchBytes: 256 * 1024, batchRecords: 1_000, backoff },
};
