/** Consumer groups as Kafka knows them: members, assignment, committed offsets, lag. */
import kafkajs, { type GroupDescription } from "kafkajs";
import type { AdminPort } from "./admin-client.ts";
import type { Observer } from "./observer.ts";
import type { GroupPartitionView, GroupView } from "./view.ts";

/** The age in seconds of the record that a reader at `offset` would read next; null where it is not known. */
export type SecondsBehind = (topic: string, partition: number, offset: bigint) => number | null;

/** All consumer groups; those of other protocols (Connect's, say) are left out. */
export function listGroups(
  admin: AdminPort,
  observer: Observer,
  secondsBehind: SecondsBehind,
): Promise<GroupView[]> {
  return admin(async (client) => {
    const { groups } = await client.listGroups();
    const ids = groups.filter((group) => group.protocolType === "consumer").map((group) => group.groupId);
    const described = ids.length > 0 ? (await client.describeGroups(ids)).groups : [];
    const views = described.map(async (group) =>
      toView(group, await client.fetchOffsets({ groupId: group.groupId }), observer, secondsBehind),
    );
    return (await Promise.all(views)).sort((a, b) => (a.id < b.id ? -1 : 1));
  });
}

/** Null for a group that is not there. */
export function describeGroup(
  admin: AdminPort,
  observer: Observer,
  secondsBehind: SecondsBehind,
  id: string,
): Promise<GroupView | null> {
  return admin(async (client) => {
    const { groups } = await client.listGroups();
    if (!groups.some((group) => group.groupId === id)) return null;
    const [group] = (await client.describeGroups([id])).groups;
    if (!group) return null;
    return toView(group, await client.fetchOffsets({ groupId: id }), observer, secondsBehind);
  });
}

type FetchedOffsets = { topic: string; partitions: { partition: number; offset: string }[] }[];

function toView(
  group: GroupDescription,
  committed: FetchedOffsets,
  observer: Observer,
  secondsBehind: SecondsBehind,
): GroupView {
  const members = group.members.map((member) => ({
    id: member.memberId,
    clientId: member.clientId,
    host: member.clientHost,
    assignment: toAssignment(member.memberAssignment),
  }));
  const partitions = new Map<string, GroupPartitionView>();
  const add = (topic: string, partition: number, offset: string | null): void => {
    const end = observer.endOffset(topic, partition) ?? 0n;
    const start = observer.picture()?.starts.get(topic)?.get(partition) ?? 0n;
    const from = offset === null || BigInt(offset) < start ? start : BigInt(offset);
    const owner = members.find((m) =>
      m.assignment.some((a) => a.topic === topic && a.partitions.includes(partition)),
    );
    partitions.set(`${topic}/${partition}`, {
      topic,
      partition,
      committedOffset: offset,
      endOffset: String(end),
      lag: Math.max(0, Number(end - from)),
      lagSeconds: from >= end ? 0 : secondsBehind(topic, partition, from),
      memberId: owner?.id ?? null,
    });
  };
  // Assigned partitions without a commit lag as well: by all that they hold.
  for (const { assignment } of members) {
    for (const { topic, partitions: owned } of assignment) for (const p of owned) add(topic, p, null);
  }
  for (const { topic, partitions: fetched } of committed) {
    for (const { partition, offset } of fetched) if (offset !== "-1") add(topic, partition, offset);
  }
  const sorted = [...partitions.values()].sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
  return {
    id: group.groupId,
    state: group.state,
    protocol: group.protocol,
    members,
    partitions: sorted,
    lag: sorted.reduce((sum, partition) => sum + partition.lag, 0),
    lagSeconds: sorted.some(({ lagSeconds }) => lagSeconds === null)
      ? null
      : Math.max(0, ...sorted.map(({ lagSeconds }) => lagSeconds!)),
  };
}

/** Members of other clients may carry anything: what is not an assignment counts as none. */
function toAssignment(bytes: Buffer): { topic: string; partitions: number[] }[] {
  try {
    const decoded = kafkajs.AssignerProtocol.MemberAssignment.decode(bytes);
    return Object.entries(decoded?.assignment ?? {}).map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions].sort((a, b) => a - b),
    }));
  } catch {
    return []; // a member that is joining has none yet, and other clients may put anything there
  }
}
