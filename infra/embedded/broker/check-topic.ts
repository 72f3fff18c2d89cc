import { ApiError } from "./api-error.ts";
import { ErrorCode } from "./errors.ts";

const MAX_PARTITIONS = 10_000;
const MAX_NAME_LENGTH = 249;

/** @throws ApiError INVALID_TOPIC_EXCEPTION unless 1–249 characters of a–z, A–Z, 0–9, `.`, `_`, `-`, not `.` or `..` */
export function checkTopicName(name: string): void {
  if (/^[a-zA-Z0-9._-]+$/.test(name) && name.length <= MAX_NAME_LENGTH && name !== "." && name !== "..")
    return;
  throw new ApiError(
    ErrorCode.INVALID_TOPIC_EXCEPTION,
    `Expected a topic name of 1–${MAX_NAME_LENGTH} characters of a–z, A–Z, 0–9, '.', '_' and '-', got ${JSON.stringify(name.slice(0, 300))}`,
  );
}

/** @throws ApiError INVALID_PARTITIONS */
export function checkPartitionCount(count: number): void {
  if (count >= 1 && count <= MAX_PARTITIONS) return;
  throw new ApiError(ErrorCode.INVALID_PARTITIONS, `Expected 1–${MAX_PARTITIONS} partitions, got ${count}`);
}

/**
 * Each partition has an open file and up to 1 MiB of its newest records in memory.
 * @throws ApiError INVALID_PARTITIONS
 */
export function checkRoom(
  topics: readonly { readonly partitions: readonly unknown[] }[],
  more: number,
  maxPartitions: number,
): void {
  const now = topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
  if (now + more <= maxPartitions) return;
  throw new ApiError(
    ErrorCode.INVALID_PARTITIONS,
    `Expected at most ${maxPartitions} partitions in all (maxPartitions), got ${more} more than the ${now} there are`,
  );
}
