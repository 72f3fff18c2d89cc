import { ErrorCode } from "../errors.ts";
import type { JoinEvent, MemberIdentity } from "./events.ts";
import {
  type Group,
  type Member,
  noBytes,
  type Protocol,
  selectProtocol,
  staticMember,
  supportsProtocols,
  toSnapshot,
} from "./group.ts";
import { rebalance } from "./rebalance.ts";
import {
  answerJoin,
  answerSync,
  checkMember,
  joinError,
  joined,
  renewSession,
  respond,
  type Transition,
} from "./transition.ts";

/** A new member cannot send heartbeats; should its client be gone, it is dropped after this time. */
const NEW_MEMBER_TIMEOUT_MS = 300_000;

/** JoinGroup: parked until the next generation is made, unless it is refused or already has its answer. */
export function join(t: Transition, event: JoinEvent): void {
  const { members, pendingMembers } = t.group;
  const errorCode = checkJoin(t, event);
  if (errorCode !== ErrorCode.NONE) respond(t, event.token, joinError(errorCode, event.memberId));
  else if (event.memberId === "") joinWithoutId(t, event);
  else if (pendingMembers.delete(event.memberId)) addMember(t, event, event.memberId);
  else rejoin(t, event, members.get(event.memberId)!);
}

function checkJoin({ group, limits }: Transition, event: JoinEvent): number {
  const { memberId, groupInstanceId, sessionTimeoutMs } = event;
  if (sessionTimeoutMs < limits.minSessionTimeoutMs || sessionTimeoutMs > limits.maxSessionTimeoutMs) {
    return ErrorCode.INVALID_SESSION_TIMEOUT;
  }
  if (!supportsProtocols(group, event.protocolType, event.protocols)) {
    return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  }
  const isPending = group.pendingMembers.has(memberId) && groupInstanceId === null;
  const isReturning = memberId === "" && returningMember(group, event) !== undefined;
  if (memberId !== "" && !isPending) return checkMember(group, event);
  const size = group.members.size + group.pendingMembers.size - (isPending ? 1 : 0);
  if (!isReturning && size >= limits.maxSize) return ErrorCode.GROUP_MAX_SIZE_REACHED;
  return ErrorCode.NONE;
}

/** The static member whose place this one takes. */
function returningMember(group: Group, { groupInstanceId }: MemberIdentity): Member | undefined {
  return groupInstanceId === null ? undefined : staticMember(group, groupInstanceId);
}

function joinWithoutId(t: Transition, event: JoinEvent): void {
  const { group, now } = t;
  const returning = returningMember(group, event);
  if (returning) {
    replaceStaticMember(t, event, returning);
  } else if (event.requireKnownMemberId && event.groupInstanceId === null) {
    group.pendingMembers.set(event.newMemberId, now + event.sessionTimeoutMs);
    respond(t, event.token, joinError(ErrorCode.MEMBER_ID_REQUIRED, event.newMemberId));
  } else {
    addMember(t, event, event.newMemberId);
  }
}

function addMember(t: Transition, event: JoinEvent, memberId: string): void {
  const { group, now } = t;
  if (group.members.size === 0) group.protocolType = event.protocolType;
  group.leaderId ??= memberId;
  group.members.set(memberId, {
    memberId,
    groupInstanceId: event.groupInstanceId,
    clientId: event.clientId,
    clientHost: event.clientHost,
    sessionTimeoutMs: event.sessionTimeoutMs,
    rebalanceTimeoutMs: event.rebalanceTimeoutMs,
    protocols: event.protocols,
    assignment: noBytes,
    isNew: true,
    awaitingJoin: event.token,
    awaitingSync: null,
    hasSynced: false,
    sessionDeadline: now + NEW_MEMBER_TIMEOUT_MS,
  });
  rebalance(t);
}

/** A member that is known joins again. */
function rejoin(t: Transition, event: JoinEvent, member: Member): void {
  if (isAnswered(t.group, member, event.protocols)) {
    respond(t, event.token, joined(t.group, member));
  } else {
    park(t, event, member);
    rebalance(t);
  }
}

/**
 * Whether the current generation is all there is to say to a member. In a group that waits for its assignment: yes,
 * the first response must have been lost. In a stable one: to followers; a leader that joins again wants a rebalance,
 * for it may have seen new partitions. A member that changed what it says gets a rebalance always.
 */
function isAnswered(group: Group, member: Member, protocols: readonly Protocol[]): boolean {
  if (!sameProtocols(member.protocols, protocols)) return false;
  if (group.state === "CompletingRebalance") return true;
  return group.state === "Stable" && group.leaderId !== member.memberId;
}

/**
 * A static member is back under a new id, which takes over the place of the old one. A stable group stays so, unless
 * another protocol would be chosen now.
 */
function replaceStaticMember(t: Transition, event: JoinEvent, old: Member): void {
  const { group } = t;
  const formerLeaderId = group.leaderId ?? "";
  answerJoin(t, old, joinError(ErrorCode.FENCED_INSTANCE_ID, old.memberId));
  answerSync(t, old, ErrorCode.FENCED_INSTANCE_ID);
  const member = {
    ...old,
    memberId: event.newMemberId,
    clientId: event.clientId,
    clientHost: event.clientHost,
  };
  group.members.delete(old.memberId);
  group.members.set(member.memberId, member);
  if (group.leaderId === old.memberId) group.leaderId = member.memberId;
  renewSession(t, member);
  park(t, event, member);

  if (group.state !== "Stable" || selectProtocol(group) !== group.protocolName) rebalance(t);
  else storeStaticRejoin(t, event, member, formerLeaderId);
}

/**
 * Before v9 a returning leader is told of its former id, so that it does not take itself for the leader and assign
 * anew: a stable group would not listen. From v9 on it is the leader, and told not to assign.
 */
function storeStaticRejoin(t: Transition, event: JoinEvent, member: Member, formerLeaderId: string): void {
  const { group } = t;
  const leads = group.leaderId === member.memberId;
  const skipAssignment = leads && event.supportsSkippingAssignment;
  const leaderId = leads && !skipAssignment ? formerLeaderId : (group.leaderId ?? "");
  const reason = { why: "static-rejoin" as const, memberId: member.memberId, leaderId, skipAssignment };
  t.effects.push({ type: "store", snapshot: toSnapshot(group), reason });
}

/** Takes over what the member says now, and keeps its request for later; an earlier one is told to come again. */
function park(t: Transition, event: JoinEvent, member: Member): void {
  answerJoin(t, member, joinError(ErrorCode.REBALANCE_IN_PROGRESS, member.memberId));
  member.protocols = event.protocols;
  member.sessionTimeoutMs = event.sessionTimeoutMs;
  member.rebalanceTimeoutMs = event.rebalanceTimeoutMs;
  member.awaitingJoin = event.token;
}

function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  return (
    a.length === b.length &&
    a.every((protocol, i) => protocol.name === b[i]!.name && protocol.metadata.equals(b[i]!.metadata))
  );
}
