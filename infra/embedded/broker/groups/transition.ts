import { ErrorCode } from "../errors.ts";
import type { Effect, JoinReply, MemberIdentity, Reply, SyncReply } from "./events.ts";
import {
  copyGroup,
  type Group,
  type Member,
  metadataOf,
  noBytes,
  staticMember,
  type Token,
} from "./group.ts";

export interface GroupLimits {
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly maxSize: number;
}

/** One step under way: a private copy of the group, and what it has led to so far. */
export interface Transition {
  readonly group: Group;
  readonly now: number;
  readonly limits: GroupLimits;
  readonly effects: Effect[];
}

export function begin(group: Group, now: number, limits: GroupLimits): Transition {
  return { group: copyGroup(group), now, limits, effects: [] };
}

export function respond(t: Transition, token: Token, reply: Reply): void {
  t.effects.push({ type: "respond", token, reply });
}

export function enterState(t: Transition, state: Group["state"]): void {
  t.group.state = state;
  t.group.stateSinceMs = t.now;
}

/** The member has been heard of, or answered: its session starts over. */
export function renewSession(t: Transition, member: Member): void {
  member.sessionDeadline = t.now + member.sessionTimeoutMs;
}

/**
 * Checks who is asking: NONE, UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID when the static member has come back since
 * under another member id.
 */
export function checkMember(group: Group, { memberId, groupInstanceId }: MemberIdentity): number {
  if (groupInstanceId !== null) {
    const current = staticMember(group, groupInstanceId);
    if (!current) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (current.memberId !== memberId) return ErrorCode.FENCED_INSTANCE_ID;
  }
  return group.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
}

/** As `checkMember`, and the generation must be the current one. */
export function checkMemberAndGeneration(
  group: Group,
  asking: MemberIdentity & { generationId: number },
): number {
  const errorCode = checkMember(group, asking);
  if (errorCode !== ErrorCode.NONE) return errorCode;
  return asking.generationId === group.generationId ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
}

export function joinError(errorCode: number, memberId: string): JoinReply {
  return {
    to: "join",
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leaderId: "",
    memberId,
    skipAssignment: false,
    members: [],
  };
}

export function syncError(errorCode: number): SyncReply {
  return { to: "sync", errorCode, protocolType: null, protocolName: null, assignment: noBytes };
}

/** The current generation as this member sees it: only the leader gets the list of members. */
export function joined(group: Group, member: Member): JoinReply {
  return {
    to: "join",
    errorCode: ErrorCode.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leaderId: group.leaderId ?? "",
    memberId: member.memberId,
    skipAssignment: false,
    members: member.memberId === group.leaderId ? membersOf(group) : [],
  };
}

export function membersOf(group: Group): JoinReply["members"] {
  return [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: metadataOf(group, member),
  }));
}

/** Answers a member's parked JoinGroup, if there is one. It may take a whole session from now to react. */
export function answerJoin(t: Transition, member: Member, reply: JoinReply): void {
  if (member.awaitingJoin === null) return;
  respond(t, member.awaitingJoin, reply);
  member.awaitingJoin = null;
  renewSession(t, member);
}

/** Answers a member's parked SyncGroup, if there is one: with its assignment, or with an error and no bytes. As with `answerJoin`. */
export function answerSync(t: Transition, member: Member, errorCode: number): void {
  if (member.awaitingSync === null) return;
  const { protocolType, protocolName } = t.group;
  const granted = {
    to: "sync" as const,
    errorCode,
    protocolType,
    protocolName,
    assignment: member.assignment,
  };
  respond(t, member.awaitingSync, errorCode === ErrorCode.NONE ? granted : syncError(errorCode));
  member.awaitingSync = null;
  renewSession(t, member);
}
