/** Moves a consumer group to other offsets of a topic. */

import type { AdminPort } from "./admin-client.ts";
import type { ResetRequest, ResetResult } from "./admin-view.ts";
import type { ClusterConnection } from "./internal-cluster.ts";
import { kafkaErrorType } from "./kafka.ts";
import { planReset } from "./plan-reset.ts";

/** How Kafka refuses offsets from outside of a group that has members. */
const HAS_MEMBERS = new Set(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS"]);

/** kafkajs would join the group to do it; a commit without a member is checked by Kafka itself, without a race. */
export async function resetOffsets(
  admin: AdminPort,
  connection: ClusterConnection,
  request: ResetRequest,
): Promise<ResetResult> {
  const { group: groupId, topic, to, dryRun } = request;
  const occupied = await findOccupied(admin, groupId);
  if (occupied) return occupied;

  const plan = await admin(async (client) => {
    const offsets = await client.fetchTopicOffsets(topic);
    const [committed] = await client.fetchOffsets({ groupId, topics: [topic] });
    const atTime =
      to.kind === "timestamp" ? await client.fetchTopicOffsetsByTimestamp(topic, to.timestamp) : [];
    return planReset(
      offsets.map(({ partition, low, high }) => ({ partition, start: BigInt(low), end: BigInt(high) })),
      new Map(
        (committed?.partitions ?? [])
          .filter(({ offset }) => offset !== "-1")
          .map(({ partition, offset }) => [partition, offset]),
      ),
      request.partitions,
      to,
      new Map(atTime.map(({ partition, offset }) => [partition, BigInt(offset)])),
    );
  });
  if (plan.kind === "refused") return plan;
  const { partitions } = plan;
  if (dryRun) return { kind: "reset", partitions };
  try {
    await connection.use(async (cluster) => {
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      await coordinator.offsetCommit({
        groupId,
        groupGenerationId: -1,
        memberId: "",
        retentionTime: -1,
        topics: [{ topic, partitions: partitions.map((p) => ({ partition: p.partition, offset: p.to })) }],
      });
    });
  } catch (error) {
    if (!HAS_MEMBERS.has(kafkaErrorType(error) ?? "")) throw error;
    // A member has come since we looked; where it is gone again already, trying once more is the answer.
    return (await findOccupied(admin, groupId)) ?? { kind: "has_members", state: "Rebalancing", members: [] };
  }
  return { kind: "reset", partitions };
}

/** Why the group's offsets cannot be set, or null. */
function findOccupied(admin: AdminPort, groupId: string): Promise<ResetResult | null> {
  return admin(async (client): Promise<ResetResult | null> => {
    const { groups } = await client.listGroups();
    if (!groups.some((one) => one.groupId === groupId)) return { kind: "unknown_group" };
    const [group] = (await client.describeGroups([groupId])).groups;
    if (!group || group.state === "Dead") return { kind: "unknown_group" };
    if (group.state === "Empty") return null;
    const members = group.members.map((member) => `${member.clientId} (${member.clientHost})`);
    return { kind: "has_members", state: group.state, members };
  });
}
