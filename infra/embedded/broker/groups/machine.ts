import { ErrorCode } from "../errors.ts";
import type {
  CommitEvent,
  Effect,
  GroupEvent,
  HeartbeatEvent,
  LeaveEvent,
  MemberIdentity,
} from "./events.ts";
import { type Group, isExpirable, nextDeadline, staticMember } from "./group.ts";
import { join } from "./join.ts";
import { completeJoin, removeMember, removeMembers, removePendingMember } from "./rebalance.ts";
import { stored, sync } from "./sync.ts";
import {
  answerJoin,
  answerSync,
  begin,
  checkMember,
  checkMemberAndGeneration,
  enterState,
  type GroupLimits,
  joinError,
  renewSession,
  respond,
  type Transition,
} from "./transition.ts";

/**
 * Kafka's classic group protocol as a function: what happens to a group, and what is to be done about it.
 * `group` is not changed. `now` is in ms, on the clock of the group's deadlines.
 */
export function step(
  group: Group,
  event: GroupEvent,
  now: number,
  limits: GroupLimits,
): [group: Group, effects: Effect[]] {
  const t = begin(group, now, limits);
  switch (event.type) {
    case "join":
      join(t, event);
      break;
    case "sync":
      sync(t, event);
      break;
    case "stored":
      stored(t, event);
      break;
    case "heartbeat":
      respond(t, event.token, { to: "heartbeat", errorCode: heartbeat(t, event) });
      break;
    case "commit":
      respond(t, event.token, { to: "commit", errorCode: commit(t, event) });
      break;
    case "leave":
      leave(t, event);
      break;
    case "delete":
      respond(t, event.token, { to: "delete", errorCode: remove(t) });
      break;
    case "tick":
      tick(t);
      break;
    case "unload":
      unload(t);
      break;
  }
  return [t.group, t.effects];
}

function heartbeat(t: Transition, event: HeartbeatEvent): number {
  const errorCode = checkMemberAndGeneration(t.group, event);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  renewSession(t, t.group.members.get(event.memberId)!);
  return t.group.state === "PreparingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
}

function commit(t: Transition, event: CommitEvent): number {
  const { group } = t;
  const isMember = event.generationId >= 0 || event.memberId !== "" || event.groupInstanceId !== null;
  if (!isMember) {
    // A consumer that manages its partitions itself, or an admin: only while nobody else consumes.
    return group.state === "Empty" || event.transactional ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
  }
  const errorCode = checkMemberAndGeneration(group, event);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  if (group.state === "CompletingRebalance" && !event.transactional) return ErrorCode.REBALANCE_IN_PROGRESS;
  // While a rebalance is being prepared members still commit what they have done; a heartbeat tells them to rejoin.
  renewSession(t, group.members.get(event.memberId)!);
  return ErrorCode.NONE;
}

function leave(t: Transition, event: LeaveEvent): void {
  const members = event.members.map(({ memberId, groupInstanceId }) => ({
    memberId,
    groupInstanceId,
    errorCode: leaveOne(t, { memberId, groupInstanceId }),
  }));
  respond(t, event.token, { to: "leave", members });
}

function leaveOne(t: Transition, leaving: MemberIdentity): number {
  const { group } = t;
  if (leaving.memberId === "") {
    // An admin removes a static member by its instance id.
    const member =
      leaving.groupInstanceId === null ? undefined : staticMember(group, leaving.groupInstanceId);
    if (!member) return ErrorCode.UNKNOWN_MEMBER_ID;
    removeMember(t, member);
    return ErrorCode.NONE;
  }
  if (group.pendingMembers.has(leaving.memberId)) {
    removePendingMember(t, leaving.memberId);
    return ErrorCode.NONE;
  }
  const errorCode = checkMember(group, leaving);
  if (errorCode === ErrorCode.NONE) removeMember(t, group.members.get(leaving.memberId)!);
  return errorCode;
}

function remove(t: Transition): number {
  if (t.group.state === "Dead") return ErrorCode.GROUP_ID_NOT_FOUND;
  if (t.group.state !== "Empty") return ErrorCode.NON_EMPTY_GROUP;
  enterState(t, "Dead");
  return ErrorCode.NONE;
}

/** Does what is due, earliest first: each of these either ends its deadline or moves it into the future. */
function tick(t: Transition): void {
  const { group, now } = t;
  for (let due = nextDeadline(group); due <= now; due = nextDeadline(group)) {
    const pending = [...group.pendingMembers].find(([, deadline]) => deadline === due);
    const member = [...group.members.values()].find(
      (each) => isExpirable(each) && each.sessionDeadline === due,
    );
    if (pending) removePendingMember(t, pending[0]);
    else if (member) removeMember(t, member);
    else if (group.joinDeadline === due) completeJoin(t);
    else dropUnsynced(t);
  }
}

/** Members that never fetched their assignment are out, and the others get another one. */
function dropUnsynced(t: Transition): void {
  const { group } = t;
  group.syncDeadline = null;
  removeMembers(
    t,
    [...group.members.values()].filter((member) => !member.hasSynced),
  );
}

function unload(t: Transition): void {
  for (const member of t.group.members.values()) {
    answerJoin(t, member, joinError(ErrorCode.COORDINATOR_NOT_AVAILABLE, member.memberId));
    answerSync(t, member, ErrorCode.COORDINATOR_NOT_AVAILABLE);
  }
}
