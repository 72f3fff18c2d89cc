import type { Kafka } from "kafkajs";
import { expect, it } from "vitest";
import { leaveGroup } from "./leave-group.ts";

function kafkaWhoseCoordinator(leaveGroup: (request: object) => Promise<unknown>) {
  const told: string[] = [];
  const cluster = {
    connect: async () => void told.push("connect"),
    disconnect: async () => void told.push("disconnect"),
    async refreshMetadata() {},
    async findGroupCoordinator({ groupId }: { groupId: string }) {
      told.push(`coordinator of ${groupId}`);
      return { leaveGroup };
    },
  };
  const kafka = { [Symbol("private:Kafka:createCluster")]: () => cluster } as unknown as Kafka;
  return { kafka, told };
}

it("tells the group's coordinator that the member has left, and closes its connection", async () => {
  const requests: object[] = [];
  const { kafka, told } = kafkaWhoseCoordinator(async (request) => void requests.push(request));
  await leaveGroup(kafka, "g", "m");
  expect(requests).toEqual([{ groupId: "g", memberId: "m" }]);
  expect(told).toEqual(["connect", "coordinator of g", "disconnect"]);
});

it("is content with a member that the group does not know", async () => {
  const unknown = Object.assign(new Error("unknown"), { type: "UNKNOWN_MEMBER_ID" });
  const { kafka } = kafkaWhoseCoordinator(() => Promise.reject(unknown));
  await expect(leaveGroup(kafka, "g", "m")).resolves.toBeUndefined();
});

it("rejects with what else the coordinator says, and closes its connection all the same", async () => {
  const { kafka, told } = kafkaWhoseCoordinator(() => Promise.reject(new Error("not authorized")));
  await expect(leaveGroup(kafka, "g", "m")).rejects.toThrow("not authorized");
  expect(told.at(-1)).toBe("disconnect");
});
