import { ErrorCode } from "../errors.ts";
import { type Member, noBytes, rebalanceTimeoutOf, selectProtocol, toSnapshot } from "./group.ts";
import {
  answerJoin,
  answerSync,
  enterState,
  joinError,
  joined,
  renewSession,
  type Transition,
} from "./transition.ts";

/**
 * How long the first join of an empty group waits at most for members that have been given an id and not used it
 * yet: Kafka's group.initial.rebalance.delay.ms. With none of those, it does not wait at all.
 */
const INITIAL_DELAY_MS = 3_000;

/** Sees to a new generation: starts preparing it, or goes on with that. */
export function rebalance(t: Transition): void {
  if (t.group.state !== "PreparingRebalance") prepare(t);
  completeJoinIfAllHere(t);
}

function prepare(t: Transition): void {
  const { group, now } = t;
  if (group.state === "CompletingRebalance") {
    for (const member of group.members.values()) answerSync(t, member, ErrorCode.REBALANCE_IN_PROGRESS);
  }
  const timeoutMs = rebalanceTimeoutOf(group);
  group.joinDeadline = now + (group.state === "Empty" ? Math.min(timeoutMs, INITIAL_DELAY_MS) : timeoutMs);
  group.syncDeadline = null;
  enterState(t, "PreparingRebalance");
}

/** Ends the preparation early once every known member has joined and every id handed out was used. */
function completeJoinIfAllHere(t: Transition): void {
  const { group } = t;
  if (group.state !== "PreparingRebalance" || group.pendingMembers.size > 0) return;
  for (const member of group.members.values()) if (member.awaitingJoin === null) return;
  completeJoin(t);
}

/**
 * Makes the next generation of those who have joined. Dynamic members that have not are out; static ones keep
 * their place until their session ends.
 */
export function completeJoin(t: Transition): void {
  const { group, now } = t;
  for (const member of [...group.members.values()]) {
    if (member.awaitingJoin === null && member.groupInstanceId === null) forget(t, member);
  }
  if (group.members.size > 0 && !electLeader(t)) {
    // Only static members that are away: wait for one, or for the ends of their sessions.
    group.joinDeadline = now + rebalanceTimeoutOf(group);
    return;
  }
  group.joinDeadline = null;
  group.generationId += 1;
  if (group.members.size === 0) becomeEmpty(t);
  else beginGeneration(t);
}

/** The members of the new generation learn of it; the leader is to assign. */
function beginGeneration(t: Transition): void {
  const { group, now } = t;
  group.protocolName = selectProtocol(group);
  group.syncDeadline = now + rebalanceTimeoutOf(group);
  enterState(t, "CompletingRebalance");
  for (const member of group.members.values()) {
    answerJoin(t, member, joined(group, member));
    member.assignment = noBytes;
    member.hasSynced = false;
    member.isNew = false;
    renewSession(t, member);
  }
}

function becomeEmpty(t: Transition): void {
  t.group.protocolName = null;
  t.group.leaderId = null;
  enterState(t, "Empty");
  t.effects.push({ type: "store", snapshot: toSnapshot(t.group), reason: { why: "empty" } });
}

/** Keeps the leader if it has joined, else takes the first who has; false when nobody has. */
function electLeader({ group }: Transition): boolean {
  const leader = group.members.get(group.leaderId ?? "");
  if (leader && leader.awaitingJoin !== null) return true;
  for (const member of group.members.values()) {
    if (member.awaitingJoin === null) continue;
    group.leaderId = member.memberId;
    return true;
  }
  return false;
}

/** Takes a member out (it left, or its session ended) and rebalances those who stay. */
export function removeMember(t: Transition, member: Member): void {
  forget(t, member);
  rebalance(t);
}

/** Takes several members out, with one rebalance for those who stay. */
export function removeMembers(t: Transition, members: readonly Member[]): void {
  for (const member of members) forget(t, member);
  if (members.length > 0) rebalance(t);
}

export function removePendingMember(t: Transition, memberId: string): void {
  t.group.pendingMembers.delete(memberId);
  completeJoinIfAllHere(t);
}

/** Takes a member out, telling whatever it still waits for that it is no longer known. */
function forget(t: Transition, member: Member): void {
  const { group } = t;
  answerJoin(t, member, joinError(ErrorCode.UNKNOWN_MEMBER_ID, ""));
  answerSync(t, member, ErrorCode.UNKNOWN_MEMBER_ID);
  group.members.delete(member.memberId);
  if (group.leaderId === member.memberId) group.leaderId = group.members.keys().next().value ?? null;
}
