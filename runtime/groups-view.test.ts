import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import type { AdminPort } from "./admin-client.ts";
import { describeGroup, listGroups } from "./groups-view.ts";
import { createObserver } from "./observer.ts";
import { createTestCluster } from "./testing-cluster.ts";

const assign = (assignment: Record<string, number[]>): Buffer =>
  kafkajs.AssignerProtocol.MemberAssignment.encode({ version: 0, assignment, userData: Buffer.alloc(0) });
const member = (id: string, memberAssignment: Buffer) => ({
  memberId: id,
  clientId: `client of ${id}`,
  clientHost: "/127.0.0.1",
  memberAssignment,
  memberMetadata: Buffer.alloc(0),
});

interface Group {
  readonly protocolType?: string;
  readonly members?: ReturnType<typeof member>[];
  readonly committed?: Record<string, [partition: number, offset: string][]>;
}

async function start(groups: Record<string, Group>) {
  const cluster = createTestCluster();
  cluster.createTopic("t", [1, 1, 1]);
  cluster.append("t", 0, ...new Array(10).fill(0));
  cluster.append("t", 1, ...new Array(5).fill(0));
  cluster.cut("t", 0, 2n);
  const observer = createObserver(cluster, () => 0);
  await observer.refresh();
  const client = {
    listGroups: async () => ({
      groups: Object.entries(groups).map(([groupId, g]) => ({
        groupId,
        protocolType: g.protocolType ?? "consumer",
      })),
    }),
    describeGroups: async (ids: string[]) => ({
      groups: ids.map((groupId) => ({
        groupId,
        state: "Stable",
        protocol: "RoundRobin",
        members: groups[groupId]!.members ?? [],
      })),
    }),
    fetchOffsets: async ({ groupId }: { groupId: string }) =>
      Object.entries(groups[groupId]!.committed ?? {}).map(([topic, partitions]) => ({
        topic,
        partitions: partitions.map(([partition, offset]) => ({ partition, offset })),
      })),
  };
  const admin = ((use: (c: typeof client) => unknown) => use(client)) as unknown as AdminPort;
  const secondsBehind = (_topic: string, partition: number): number | null =>
    partition === 2 ? null : partition + 1;
  return {
    list: () => listGroups(admin, observer, secondsBehind),
    describe: (id: string) => describeGroup(admin, observer, secondsBehind, id),
  };
}

describe("groups", () => {
  it("are listed by name with members, committed offsets and lag", async () => {
    const groups = await start({
      b: {},
      a: {
        members: [member("m1", assign({ t: [1, 0] })), member("m2", assign({}))],
        committed: {
          t: [
            [0, "4"],
            [1, "5"],
          ],
        },
      },
      connect: { protocolType: "connect" },
    });
    const [a, b, ...more] = await groups.list();
    expect(more).toEqual([]);
    expect(a).toMatchObject({
      id: "a",
      state: "Stable",
      protocol: "RoundRobin",
      members: [
        {
          id: "m1",
          clientId: "client of m1",
          host: "/127.0.0.1",
          assignment: [{ topic: "t", partitions: [0, 1] }],
        },
        { id: "m2", assignment: [] },
      ],
      partitions: [
        {
          topic: "t",
          partition: 0,
          committedOffset: "4",
          endOffset: "10",
          lag: 6,
          lagSeconds: 1,
          memberId: "m1",
        },
        {
          topic: "t",
          partition: 1,
          committedOffset: "5",
          endOffset: "5",
          lag: 0,
          lagSeconds: 0,
          memberId: "m1",
        },
      ],
      lag: 6,
      lagSeconds: 1,
    });
    expect(b).toMatchObject({ id: "b", members: [], partitions: [], lag: 0, lagSeconds: 0 });
  });

  it("lag by all that a partition holds where nothing is committed, or what was is cut away", async () => {
    const groups = await start({
      a: {
        members: [member("m", assign({ t: [1] }))],
        committed: {
          t: [
            [0, "0"],
            [1, "-1"],
          ],
        },
      },
    });
    expect((await groups.describe("a"))!.partitions).toMatchObject([
      { partition: 0, committedOffset: "0", lag: 8, memberId: null },
      { partition: 1, committedOffset: null, lag: 5, memberId: "m" },
    ]);
  });

  it("have no negative lag where a topic was made anew, and none where it is gone", async () => {
    const groups = await start({ a: { committed: { t: [[2, "50"]], gone: [[0, "7"]] } } });
    expect((await groups.describe("a"))!.partitions).toMatchObject([
      { topic: "gone", lag: 0 },
      { topic: "t", lag: 0 },
    ]);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["one byte", Buffer.from([0])],
    ["text", Buffer.from("not an assignment at all")],
    ["a list that is cut off", assign({ t: [0, 1, 2] }).subarray(0, 16)],
  ])("take an assignment that is %s for none", async (_, bytes) => {
    const groups = await start({ a: { members: [member("m", bytes)] } });
    expect(await groups.list()).toMatchObject([{ members: [{ id: "m", assignment: [] }], partitions: [] }]);
  });

  it("are null when they are not there", async () => {
    const groups = await start({ a: {} });
    expect(await groups.describe("b")).toBeNull();
  });
});
