import type { GroupSnapshot, Protocol, Token } from "./group.ts";

/** What can happen to a group. Every event with a token gets exactly one `respond` effect, now or later. */
export type GroupEvent =
  | JoinEvent
  | SyncEvent
  | HeartbeatEvent
  | LeaveEvent
  | CommitEvent
  | DeleteEvent
  | StoredEvent
  /** Time has come to the group's `nextDeadline`. */
  | { type: "tick" }
  /** The coordinator stops: everybody who waits is sent away. */
  | { type: "unload" };

export interface MemberIdentity {
  memberId: string;
  groupInstanceId: string | null;
}

export interface JoinEvent extends MemberIdentity {
  type: "join";
  token: Token;
  /** A fresh id, in case this member needs one. */
  newMemberId: string;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocolType: string;
  protocols: readonly Protocol[];
  /** JoinGroup v4+: a new dynamic member is told its id first, and joins with it. */
  requireKnownMemberId: boolean;
  /** JoinGroup v9+: a returning static leader can be told not to assign anew. */
  supportsSkippingAssignment: boolean;
}

export interface SyncEvent extends MemberIdentity {
  type: "sync";
  token: Token;
  generationId: number;
  /** SyncGroup v5+, null before: must be the group's. */
  protocolType: string | null;
  protocolName: string | null;
  /** Member id → assignment; only the leader's counts. */
  assignments: ReadonlyMap<string, Buffer>;
}

export interface HeartbeatEvent extends MemberIdentity {
  type: "heartbeat";
  token: Token;
  generationId: number;
}

export interface LeaveEvent {
  type: "leave";
  token: Token;
  members: readonly MemberIdentity[];
}

/** Asks whether this member may commit offsets now; the offsets themselves are not the group's business. */
export interface CommitEvent extends MemberIdentity {
  type: "commit";
  token: Token;
  generationId: number;
  /** As part of a transaction, which has a fence of its own: a producer need not say which member it works for. */
  transactional: boolean;
}

export interface DeleteEvent {
  type: "delete";
  token: Token;
}

/** The answer to a `store` effect, with its `reason`; `errorCode` is 0 once the snapshot is in the log. */
export interface StoredEvent {
  type: "stored";
  reason: StoreReason;
  errorCode: number;
}

export type StoreReason =
  /** The leader's assignment: Stable, and handed out, once stored. */
  | { why: "assignment"; generationId: number; assignments: ReadonlyMap<string, Buffer> }
  /** A static member came back to a Stable group: its JoinGroup is answered once stored. */
  | { why: "static-rejoin"; memberId: string; leaderId: string; skipAssignment: boolean }
  /** The last member is gone. */
  | { why: "empty" };

export interface JoinReply {
  to: "join";
  errorCode: number;
  generationId: number;
  protocolType: string | null;
  protocolName: string | null;
  leaderId: string;
  memberId: string;
  skipAssignment: boolean;
  /** For the leader only; with each member's metadata for the chosen protocol. */
  members: { memberId: string; groupInstanceId: string | null; metadata: Buffer }[];
}

export interface SyncReply {
  to: "sync";
  errorCode: number;
  protocolType: string | null;
  protocolName: string | null;
  assignment: Buffer;
}

export interface LeaveReply {
  to: "leave";
  members: (MemberIdentity & { errorCode: number })[];
}

/** To a heartbeat, a commit (0: go ahead and store the offsets) or a delete. */
interface PlainReply<To> {
  to: To;
  errorCode: number;
}

export type Reply =
  | JoinReply
  | SyncReply
  | LeaveReply
  | PlainReply<"heartbeat">
  | PlainReply<"commit">
  | PlainReply<"delete">;

/** What the group wants done. */
export type Effect =
  | { type: "respond"; token: Token; reply: Reply }
  /** Write the snapshot to the log and send `stored` with the same reason. */
  | { type: "store"; snapshot: GroupSnapshot; reason: StoreReason };
