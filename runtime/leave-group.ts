/** Takes a member out of its group from outside: what a client that is gone could not do any more. */
import type { Kafka } from "kafkajs";
import { connectCluster } from "./internal-cluster.ts";
import { closeConnections, kafkaErrorType } from "./kafka.ts";

/**
 * Tells the group's coordinator that the member has left; one that the group does not know is gone already. Rejects when
 * the coordinator cannot be asked.
 */
export async function leaveGroup(kafka: Kafka, groupId: string, memberId: string): Promise<void> {
  const connection = connectCluster(kafka);
  try {
    await connection.use(async (cluster) => {
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      await coordinator.leaveGroup({ groupId, memberId });
    });
  } catch (error) {
    if (kafkaErrorType(error) !== "UNKNOWN_MEMBER_ID") throw error;
  } finally {
    await connection.disconnect();
    closeConnections(kafka);
  }
}
