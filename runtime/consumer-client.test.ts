import { describe, expect, it } from "vitest";
import { createConsumerClient } from "./consumer-client.ts";
import { createTestLog, rawRecord, settleAll } from "./testing.ts";
import { createTestMember } from "./testing-member.ts";

function start(onRecords: () => void = () => {}) {
  const member = createTestMember("numbers");
  const { log, lines } = createTestLog();
  const client = createConsumerClient({
    name: "f",
    group: "g",
    topic: "numbers",
    kafka: member.factory,
    log,
    onAssigned() {},
    onRecords,
    onRebalancing() {},
    onTrouble() {},
    stuck: () => null,
  });
  client.start();
  return { member, client, lines };
}

const never = (): AbortSignal => new AbortController().signal;

describe("a consumer client that is told to stop while its former self is taken out of the group", () => {
  it("makes no new member that nobody would stop", async () => {
    const { member, client, lines } = start();
    await member.join([0]);
    let leave = (): void => {};
    member.leaving = new Promise((resolve) => {
      leave = resolve;
    });
    member.crash("gone");
    await member.asked;
    const stopped = client.stop(never());
    leave();
    await stopped;
    await settleAll();
    expect([member.left, member.consumers]).toEqual([["member-1"], 1]);
    expect(lines.map(({ msg }) => msg)).toContain("consumer stopped: gone");
  });

  it("waits for that no longer than to its deadline", async () => {
    const { member, client } = start();
    await member.join([0]);
    member.leaving = new Promise(() => {});
    member.crash("gone");
    await member.asked;
    const deadline = new AbortController();
    const stopped = client.stop(deadline.signal);
    deadline.abort();
    await expect(stopped).resolves.toBeUndefined();
  });
});

describe("records that cannot be taken over", () => {
  it("are told once, and with a pause before they are fetched again", async () => {
    const { member, client, lines } = start(() => {
      throw new TypeError("a fault of the program");
    });
    await member.join([0]);
    const delivered = member.deliver(0, [rawRecord(0, { id: "k", n: 0 })]);
    const first = await Promise.race([delivered.then(() => "at once"), settleAll().then(() => "later")]);
    await client.stop(never()); // which ends the pause
    await delivered;
    expect(first).toBe("later");
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([
      { function: "f", topic: "numbers", partition: 0, tries: 1, msg: "a fault of the program" },
    ]);
  });
});
