import { ErrorCode } from "../errors.ts";
import type { StoredEvent, StoreReason, SyncEvent } from "./events.ts";
import { type Member, noBytes, toSnapshot } from "./group.ts";
import { rebalance } from "./rebalance.ts";
import {
  answerJoin,
  answerSync,
  checkMemberAndGeneration,
  enterState,
  joinError,
  joined,
  respond,
  syncError,
  type Transition,
} from "./transition.ts";

/** SyncGroup: parked until the leader's assignment is stored; in a stable group answered at once. */
export function sync(t: Transition, event: SyncEvent): void {
  const errorCode = checkSync(t, event);
  if (errorCode === ErrorCode.NONE) accept(t, event, t.group.members.get(event.memberId)!);
  else respond(t, event.token, syncError(errorCode));
}

function accept(t: Transition, event: SyncEvent, member: Member): void {
  const { group } = t;
  // A second request of the same member takes the place of the first, whose connection is probably gone.
  answerSync(t, member, ErrorCode.REBALANCE_IN_PROGRESS);
  member.awaitingSync = event.token;
  member.hasSynced = true;
  if ([...group.members.values()].every((each) => each.hasSynced)) group.syncDeadline = null;

  if (group.state === "Stable") {
    answerSync(t, member, ErrorCode.NONE);
  } else if (member.memberId === group.leaderId) {
    const { generationId, assignments } = event;
    t.effects.push({
      type: "store",
      snapshot: { ...toSnapshot(group, assignments), stateSinceMs: t.now },
      reason: { why: "assignment", generationId, assignments },
    });
  }
}

function checkSync({ group }: Transition, event: SyncEvent): number {
  const errorCode = checkMemberAndGeneration(group, event);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  const { protocolType, protocolName } = event;
  if (protocolType !== null && protocolType !== group.protocolType)
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  if (protocolName !== null && protocolName !== group.protocolName)
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  return group.state === "PreparingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

/** What was to be stored is in the log, or could not be written. */
export function stored(t: Transition, event: StoredEvent): void {
  const { reason, errorCode } = event;
  if (reason.why === "assignment") assignmentStored(t, reason, errorCode);
  if (reason.why === "static-rejoin") staticRejoinStored(t, reason, errorCode);
}

function assignmentStored(
  t: Transition,
  { generationId, assignments }: Extract<StoreReason, { why: "assignment" }>,
  errorCode: number,
): void {
  const { group } = t;
  // Meanwhile another rebalance may have begun: then this assignment is history.
  if (group.state !== "CompletingRebalance" || group.generationId !== generationId) return;
  const ok = errorCode === ErrorCode.NONE;
  if (ok) enterState(t, "Stable");
  for (const member of group.members.values()) {
    // A member that the leader gave nothing has an empty assignment.
    member.assignment = (ok && assignments.get(member.memberId)) || noBytes;
    answerSync(t, member, errorCode);
  }
  if (!ok) rebalance(t);
}

function staticRejoinStored(
  t: Transition,
  { memberId, leaderId, skipAssignment }: Extract<StoreReason, { why: "static-rejoin" }>,
  errorCode: number,
): void {
  const { group } = t;
  const member = group.members.get(memberId);
  // In a rebalance that began meanwhile, its JoinGroup counts as one for that.
  if (group.state !== "Stable" || !member || member.awaitingJoin === null) return;
  const current = joined(group, member);
  const members = skipAssignment ? current.members : [];
  const ok = errorCode === ErrorCode.NONE;
  answerJoin(t, member, ok ? { ...current, leaderId, skipAssignment, members } : joinError(errorCode, ""));
}
