import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ErrorCode } from "../errors.ts";
import type { JoinReply, Reply, SyncReply } from "./events.ts";
import { type Group, nextDeadline } from "./group.ts";
import { GroupUnderTest, joinEvent } from "./testing.ts";

/** What may happen, with a number to pick a member by. Ids are drawn from those ever given out, so stale ones too. */
const command = fc.oneof(
  fc.record({
    do: fc.constant("join" as const),
    requireKnownMemberId: fc.boolean(),
    instance: fc.option(fc.constantFrom("one", "two"), { freq: 3 }),
    protocols: fc.constantFrom(["range"], ["range", "sticky"], ["sticky", "range"]),
  }),
  fc.record({ do: fc.constant("rejoin" as const), pick: fc.nat(), changed: fc.boolean() }),
  fc.record({ do: fc.constant("sync" as const), pick: fc.nat(), leaveOut: fc.nat(3) }),
  fc.record({
    do: fc.constantFrom("heartbeat" as const, "commit" as const, "leave" as const),
    pick: fc.nat(),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 1_000, 5_000, 12_000, 61_000) }),
  fc.record({ do: fc.constant("stored" as const), fails: fc.boolean() }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

class Chaos {
  readonly g = new GroupUnderTest();
  private readonly ids: string[] = [];
  readonly joins: (() => Reply | undefined)[] = [];

  constructor() {
    this.g.storesByItself = false;
  }

  run(c: Command): void {
    const { g } = this;
    if (c.do === "join") {
      const newMemberId = `m${this.ids.length}`;
      this.ids.push(newMemberId);
      const protocols = c.protocols.map((name) => ({ name, metadata: Buffer.from("topics") }));
      const { requireKnownMemberId, instance: groupInstanceId } = c;
      this.joins.push(g.ask(joinEvent({ newMemberId, requireKnownMemberId, groupInstanceId, protocols })));
    } else if (c.do === "rejoin") {
      const memberId = this.id(c.pick);
      const protocols = g.group.members.get(memberId)?.protocols ?? joinEvent().protocols;
      const changed = protocols.map(({ name }) => ({ name, metadata: Buffer.from("others") }));
      const groupInstanceId = g.group.members.get(memberId)?.groupInstanceId ?? null;
      const event = joinEvent({ memberId, groupInstanceId, protocols: c.changed ? changed : protocols });
      this.joins.push(g.ask(event));
    } else if (c.do === "sync") {
      const assigned = [...g.group.members.keys()].slice(c.leaveOut);
      const assignments = new Map(assigned.map((id) => [id, Buffer.from(id)]));
      g.ask({ type: "sync", ...this.member(c.pick), protocolType: null, protocolName: null, assignments });
    } else if (c.do === "leave") {
      g.ask({ type: "leave", members: [{ memberId: this.id(c.pick), groupInstanceId: null }] });
    } else if (c.do === "wait") {
      g.wait(c.ms);
    } else if (c.do === "stored") {
      g.finishStores(c.fails ? ErrorCode.COORDINATOR_NOT_AVAILABLE : 0);
    } else if (c.do === "commit") {
      g.ask({ type: c.do, ...this.member(c.pick), transactional: c.pick % 2 === 0 });
    } else {
      g.ask({ type: c.do, ...this.member(c.pick) });
    }
  }

  private id(pick: number): string {
    return this.ids[pick % Math.max(this.ids.length, 1)] ?? "nobody";
  }

  private member(pick: number) {
    return { memberId: this.id(pick), groupInstanceId: null, generationId: this.g.group.generationId };
  }
}

function checkState(group: Group): void {
  const members = [...group.members.values()];
  expect(group.leaderId === null || group.members.has(group.leaderId)).toBe(true);
  if (group.state === "Empty") {
    expect(members).toEqual([]);
    expect([group.joinDeadline, group.syncDeadline]).toEqual([null, null]);
  } else if (group.state === "PreparingRebalance") {
    expect(group.joinDeadline).not.toBeNull();
    expect(members.every((member) => member.awaitingSync === null)).toBe(true);
  } else {
    expect(members.length).toBeGreaterThan(0);
    expect(group.leaderId).not.toBeNull();
    expect(group.protocolName).not.toBeNull();
    expect(members.every((m) => m.protocols.some((p) => p.name === group.protocolName))).toBe(true);
    expect(members.some((member) => member.isNew)).toBe(false);
  }
  if (group.state === "Stable") expect(members.every((member) => member.awaitingSync === null)).toBe(true);
  if (group.state === "CompletingRebalance") {
    expect(members.every((member) => member.awaitingJoin === null)).toBe(true);
  }
  const instances = members.map((member) => member.groupInstanceId).filter((id) => id !== null);
  expect(new Set(instances).size).toBe(instances.length);
}

const commands = fc.array(command, { maxLength: 60 });

describe("whatever happens to a group", () => {
  it("its state holds together, and generations only grow", () => {
    fc.assert(
      fc.property(commands, (all) => {
        const chaos = new Chaos();
        for (const each of all) {
          const before = chaos.g.group;
          const copy = structuredClone(before);
          chaos.run(each);
          checkState(chaos.g.group);
          expect(structuredClone(before), "a step must not change the state it was given").toEqual(copy);
          expect(chaos.g.group.generationId).toBeGreaterThanOrEqual(before.generationId);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("a generation has one leader and one protocol, and only the leader learns of the members", () => {
    fc.assert(
      fc.property(commands, (all) => {
        const chaos = new Chaos();
        // A returning static leader of before v9 is told of its former id on purpose.
        for (const each of all) chaos.run(each.do === "join" ? { ...each, instance: null } : each);
        const seen = new Map<number, { leaderId: string; protocolName: string | null }>();
        for (const look of chaos.joins) {
          const reply = look() as JoinReply | undefined;
          if (reply?.errorCode !== 0) continue;
          const { generationId, leaderId, protocolName, memberId, members } = reply;
          expect(seen.get(generationId) ?? { leaderId, protocolName }).toEqual({ leaderId, protocolName });
          seen.set(generationId, { leaderId, protocolName });
          expect(members.some((member) => member.memberId === memberId)).toBe(memberId === leaderId);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("once nobody is heard of, it ends up empty, with every request answered", () => {
    fc.assert(
      fc.property(commands, (all) => {
        const chaos = new Chaos();
        for (const each of all) chaos.run(each);
        const { g } = chaos;
        for (
          let i = 0;
          i < 200 && (nextDeadline(g.group) < Number.POSITIVE_INFINITY || g.stores.length > 0);
          i++
        ) {
          g.finishStores();
          g.now = Math.max(g.now, Math.min(nextDeadline(g.group), g.now + 3_600_000));
          g.send({ type: "tick" });
        }
        expect(g.group).toMatchObject({ state: "Empty", members: new Map(), pendingMembers: new Map() });
        expect(g.unanswered()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("members that follow the protocol get to a stable generation together", () => {
    fc.assert(
      fc.property(commands, fc.integer({ min: 1, max: 3 }), (all, count) => {
        const chaos = new Chaos();
        for (const each of all) chaos.run(each);
        const { g } = chaos;
        // Room for them: nobody else is heard of any more.
        g.finishStores();
        const clients = Array.from({ length: count }, (_, i) => new Client(g, `good${i}`));
        const settled = () =>
          g.group.state === "Stable" &&
          g.group.members.size === count &&
          clients.every(
            (client) => client.generationId === g.group.generationId && client.assignment !== null,
          );
        for (let round = 0; round < 400 && !settled(); round++) {
          for (const client of clients) client.act();
          g.finishStores();
          g.wait(1_000);
        }
        expect(settled()).toBe(true);
        for (const { memberId, assignment } of clients)
          expect(assignment?.toString()).toBe(`for ${memberId}`);
      }),
      { numRuns: 300 },
    );
  });
});

/** A consumer as it should be: joins, syncs, sends heartbeats, and starts over when told to. */
class Client {
  memberId = "";
  generationId = -1;
  assignment: Buffer | null = null;
  private waiting: (() => Reply | undefined) | null = null;
  private readonly g: GroupUnderTest;
  private readonly name: string;
  private attempts = 0;

  constructor(g: GroupUnderTest, name: string) {
    this.g = g;
    this.name = name;
  }

  act(): void {
    const reply = this.waiting?.();
    if (this.waiting && !reply) return;
    this.waiting = null;
    if (reply?.to === "join") this.joined(reply);
    else if (reply?.to === "sync") this.synced(reply);
    else if (this.assignment === null) this.join();
    else this.heartbeat();
  }

  private join(): void {
    this.assignment = null;
    this.waiting = this.g.ask(
      joinEvent({
        memberId: this.memberId,
        newMemberId: `${this.name}-${this.attempts++}`,
        requireKnownMemberId: true,
        protocols: ["range", "sticky"].map((name) => ({ name, metadata: Buffer.from("topics") })),
      }),
    );
  }

  private joined(reply: JoinReply): void {
    if (reply.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.memberId = reply.memberId;
    if (reply.errorCode === 0) this.sync(reply);
    else this.startOver(reply.errorCode);
  }

  private sync(reply: JoinReply): void {
    const { generationId, memberId, members } = reply;
    this.generationId = generationId;
    const assignments = new Map(
      members.map((member) => [member.memberId, Buffer.from(`for ${member.memberId}`)]),
    );
    const protocol = { protocolType: "consumer", protocolName: reply.protocolName };
    this.waiting = this.g.ask({
      type: "sync",
      memberId,
      groupInstanceId: null,
      generationId,
      ...protocol,
      assignments,
    });
  }

  private synced({ errorCode, assignment }: SyncReply): void {
    if (errorCode === 0) this.assignment = assignment;
    else this.startOver(errorCode);
  }

  private heartbeat(): void {
    const { memberId, generationId } = this;
    const reply = this.g.ask({ type: "heartbeat", memberId, groupInstanceId: null, generationId })();
    const { errorCode } = reply as { errorCode: number };
    if (errorCode !== 0) this.startOver(errorCode);
  }

  private startOver(errorCode: number): void {
    if (errorCode === ErrorCode.UNKNOWN_MEMBER_ID) this.memberId = "";
    this.join();
  }
}
