import type { Effect, GroupEvent, JoinEvent, Reply } from "./events.ts";
import { emptyGroup, type Group, type Token } from "./group.ts";
import { step } from "./machine.ts";
import type { GroupLimits } from "./transition.ts";

/** For tests: one group, a clock that is moved by hand, and a log that takes everything at once unless told not to. */
export const limits: GroupLimits = { minSessionTimeoutMs: 6_000, maxSessionTimeoutMs: 1_800_000, maxSize: 5 };

type Untokened<E> = E extends { token: Token } ? Omit<E, "token"> : never;
type StoreEffect = Extract<Effect, { type: "store" }>;

export class GroupUnderTest {
  group: Group;
  now = 1_000_000;
  /** Effects to store that have not been answered yet. */
  readonly stores: StoreEffect[] = [];
  storesByItself = true;
  private readonly replies = new Map<Token, Reply>();
  private readonly asked = new Set<Token>();
  private lastToken = 0;

  constructor(group: Group = emptyGroup("g", 1_000_000)) {
    this.group = group;
  }

  send(event: GroupEvent): void {
    const [group, effects] = step(this.group, event, this.now, limits);
    this.group = group;
    for (const effect of effects) {
      if (effect.type === "store") {
        this.stores.push(effect);
      } else {
        if (!this.asked.has(effect.token))
          throw new Error(`Expected an answer to a request, got one to ${effect.token}`);
        if (this.replies.has(effect.token))
          throw new Error(`Expected one answer to ${effect.token}, got two`);
        this.replies.set(effect.token, effect.reply);
      }
    }
    if (this.storesByItself) this.finishStores();
  }

  finishStores(errorCode = 0): void {
    for (const { reason } of this.stores.splice(0)) this.send({ type: "stored", reason, errorCode });
  }

  /** Sends a request; returns how to look at its answer. */
  ask(event: Untokened<GroupEvent>): () => Reply | undefined {
    const token = ++this.lastToken;
    this.asked.add(token);
    this.send({ ...event, token } as GroupEvent);
    return () => this.replies.get(token);
  }

  unanswered(): number {
    return this.asked.size - this.replies.size;
  }

  wait(ms: number): void {
    this.now += ms;
    this.send({ type: "tick" });
  }
}

export function joinEvent(overrides: Partial<JoinEvent> = {}): Omit<JoinEvent, "token"> {
  return {
    type: "join",
    memberId: "",
    newMemberId: "m",
    groupInstanceId: null,
    clientId: "client",
    clientHost: "/127.0.0.1",
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: Buffer.from("topics") }],
    requireKnownMemberId: false,
    supportsSkippingAssignment: false,
    ...overrides,
  };
}
