import { ApiError } from "./api-error.ts";
import { ErrorCode } from "./errors.ts";

/** @throws ApiError INVALID_REPLICA_ASSIGNMENT unless each partition is assigned to this broker alone */
export function checkAssignments(
  assignments: readonly { brokerIds: readonly number[] }[],
  nodeId: number,
): void {
  for (const { brokerIds } of assignments) {
    if (brokerIds.length === 1 && brokerIds[0] === nodeId) continue;
    throw new ApiError(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `Expected each partition on broker ${nodeId} alone, got [${brokerIds.join(", ")}]`,
    );
  }
}
