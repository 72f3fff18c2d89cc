import { ErrorCode } from "./errors.ts";

/** Leadership never moves on a single node: every batch and every answer carries this epoch. */
export const LEADER_EPOCH = 0;

/** NONE when the epoch that a client has in mind is ours, or when it names none (−1). */
export function toLeaderEpochError(currentLeaderEpoch: number): number {
  if (currentLeaderEpoch === -1 || currentLeaderEpoch === LEADER_EPOCH) return ErrorCode.NONE;
  return currentLeaderEpoch > LEADER_EPOCH ? ErrorCode.UNKNOWN_LEADER_EPOCH : ErrorCode.FENCED_LEADER_EPOCH;
}
