/**
 * The state of one consumer group, as plain data, and the questions one can ask of it.
 *
 * Empty → PreparingRebalance (collecting JoinGroup) → CompletingRebalance (waiting for the leader's
 * assignment) → Stable; Dead once deleted. Deadlines are part of the state: whoever holds the clock asks
 * `nextDeadline` and sends a `tick` when it has come.
 */

export type GroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

/** Names one parked request; whoever sent the event knows which. */
export type Token = number;

/** One protocol (for consumers: an assignor) a member supports, with its opaque metadata. */
export interface Protocol {
  name: string;
  metadata: Buffer;
}

export interface Member {
  memberId: string;
  /** Set for a static member: it keeps its place when it comes back under a new member id. */
  groupInstanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  /** In the member's order of preference. */
  protocols: readonly Protocol[];
  /** What the leader gave it in this generation; empty bytes until then. */
  assignment: Buffer;
  /** Joined, but not yet part of a generation: it cannot send heartbeats yet. */
  isNew: boolean;
  /** The parked JoinGroup: the member has (re)joined the rebalance that is being prepared. */
  awaitingJoin: Token | null;
  /** The parked SyncGroup: the member waits for its assignment. */
  awaitingSync: Token | null;
  /** Has sent SyncGroup in this generation. */
  hasSynced: boolean;
  /** When it is removed unless heard of before (ms); see `isExpirable`. */
  sessionDeadline: number;
}

export interface Group {
  groupId: string;
  state: GroupState;
  /** When `state` was entered, ms. */
  stateSinceMs: number;
  generationId: number;
  /** `consumer` for consumers; null until a member joins. */
  protocolType: string | null;
  /** The protocol chosen for this generation. */
  protocolName: string | null;
  leaderId: string | null;
  members: Map<string, Member>;
  /** Member ids handed out with MEMBER_ID_REQUIRED, not yet used; each with the time it lapses (ms). */
  pendingMembers: Map<string, number>;
  /** While PreparingRebalance: when to go on without those who have not rejoined. */
  joinDeadline: number | null;
  /** While members of this generation have not sent SyncGroup: when to drop them. */
  syncDeadline: number | null;
}

/** What is persisted of a group: a generation with its members and their assignments. */
export interface GroupSnapshot {
  groupId: string;
  protocolType: string;
  generationId: number;
  protocolName: string | null;
  leaderId: string | null;
  stateSinceMs: number;
  members: {
    memberId: string;
    groupInstanceId: string | null;
    clientId: string;
    clientHost: string;
    rebalanceTimeoutMs: number;
    sessionTimeoutMs: number;
    subscription: Buffer;
    assignment: Buffer;
  }[];
}

export const noBytes = Buffer.alloc(0);

export function emptyGroup(groupId: string, now: number): Group {
  return {
    groupId,
    state: "Empty",
    stateSinceMs: now,
    generationId: 0,
    protocolType: null,
    protocolName: null,
    leaderId: null,
    members: new Map(),
    pendingMembers: new Map(),
    joinDeadline: null,
    syncDeadline: null,
  };
}

/** A copy that can be changed without touching the original (protocols and bytes are shared). */
export function copyGroup(group: Group): Group {
  const members = new Map<string, Member>();
  for (const [id, member] of group.members) members.set(id, { ...member });
  return { ...group, members, pendingMembers: new Map(group.pendingMembers) };
}

/** The group as it goes to the log; `assignments` overrides what the members hold. */
export function toSnapshot(group: Group, assignments?: ReadonlyMap<string, Buffer>): GroupSnapshot {
  return {
    groupId: group.groupId,
    protocolType: group.protocolType ?? "",
    generationId: group.generationId,
    protocolName: group.protocolName,
    leaderId: group.leaderId,
    stateSinceMs: group.stateSinceMs,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      sessionTimeoutMs: member.sessionTimeoutMs,
      subscription: metadataOf(group, member),
      assignment: assignments ? (assignments.get(member.memberId) ?? noBytes) : member.assignment,
    })),
  };
}

/**
 * The group as it continues after a restart: Stable with its members, who get a full session to be heard of
 * again, or Empty. A rebalance that was going on is forgotten; its members find out and rejoin.
 */
export function fromSnapshot(snapshot: GroupSnapshot, now: number): Group {
  const { groupId, stateSinceMs, generationId, protocolName, leaderId } = snapshot;
  const group = emptyGroup(groupId, stateSinceMs);
  Object.assign(group, { generationId, protocolName, leaderId });
  group.protocolType = snapshot.protocolType === "" ? null : snapshot.protocolType;
  group.state = snapshot.members.length > 0 ? "Stable" : "Empty";
  for (const { subscription, ...member } of snapshot.members) {
    group.members.set(member.memberId, {
      ...member,
      protocols: [{ name: protocolName ?? "", metadata: subscription }],
      isNew: false,
      awaitingJoin: null,
      awaitingSync: null,
      hasSynced: true,
      sessionDeadline: now + member.sessionTimeoutMs,
    });
  }
  return group;
}

/** Whether a member's session can run out now: one that waits for our answer is alive, unless it is new. */
export function isExpirable(member: Member): boolean {
  return member.isNew || (member.awaitingJoin === null && member.awaitingSync === null);
}

/** The next time (ms) at which the group wants a `tick`; Infinity when it wants none. */
export function nextDeadline(group: Group): number {
  let next = Math.min(group.joinDeadline ?? Infinity, group.syncDeadline ?? Infinity);
  for (const deadline of group.pendingMembers.values()) next = Math.min(next, deadline);
  for (const member of group.members.values()) {
    if (isExpirable(member)) next = Math.min(next, member.sessionDeadline);
  }
  return next;
}

/** The member behind a group.instance.id, if that static member is in the group. */
export function staticMember(group: Group, groupInstanceId: string): Member | undefined {
  for (const member of group.members.values()) {
    if (member.groupInstanceId === groupInstanceId) return member;
  }
  return undefined;
}

/** The longest time any member asked for to rejoin, ms. */
export function rebalanceTimeoutOf(group: Group): number {
  return Math.max(0, ...[...group.members.values()].map((member) => member.rebalanceTimeoutMs));
}

/** A member's metadata for the protocol of this generation. */
export function metadataOf(group: Group, member: Member): Buffer {
  return member.protocols.find((protocol) => protocol.name === group.protocolName)?.metadata ?? noBytes;
}

/** Protocol names that every member supports. */
function commonProtocols(group: Group): Set<string> {
  const [first, ...others] = [...group.members.values()];
  const common = new Set(first?.protocols.map((protocol) => protocol.name));
  for (const name of [...common]) {
    if (!others.every((member) => member.protocols.some((protocol) => protocol.name === name))) {
      common.delete(name);
    }
  }
  return common;
}

/** Whether a member with these protocols can be in the group beside those who are. */
export function supportsProtocols(
  group: Group,
  protocolType: string,
  protocols: readonly Protocol[],
): boolean {
  if (group.members.size === 0) return protocolType !== "" && protocols.length > 0;
  const common = commonProtocols(group);
  return protocolType === group.protocolType && protocols.some((protocol) => common.has(protocol.name));
}

/** The protocol most members like best among those all support; the first voted for wins a tie. */
export function selectProtocol(group: Group): string | null {
  const common = commonProtocols(group);
  const votes = new Map<string, number>();
  for (const member of group.members.values()) {
    const choice = member.protocols.find((protocol) => common.has(protocol.name));
    if (choice) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
  }
  let selected: string | null = null;
  for (const [name, count] of votes) {
    if (selected === null || count > (votes.get(selected) ?? 0)) selected = name;
  }
  return selected;
}
