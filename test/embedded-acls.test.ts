import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import kafkajs, { type AclEntry } from "kafkajs";
import { expect, it, onTestFinished } from "vitest";
import { startBroker } from "../infra/embedded/start.ts";
import { withAdmin } from "./kafka-client.ts";

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

it("answers every request about ACLs with SECURITY_DISABLED, and goes on serving", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "ksp-acls-"));
  const broker = await startBroker({ port: 0, dataDir });
  onTestFinished(async () => {
    await broker.stop();
    rmSync(dataDir, { recursive: true });
  });
  const acl: AclEntry = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: "t",
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: "User:a",
    host: "*",
    operation: AclOperationTypes.READ,
    permissionType: AclPermissionTypes.ALLOW,
  };
  await withAdmin(`${broker.host}:${broker.port}`, async (admin) => {
    const refused = { type: "SECURITY_DISABLED" };
    await expect(admin.createAcls({ acl: [acl] })).rejects.toMatchObject(refused);
    await expect(admin.describeAcls(acl)).rejects.toMatchObject(refused);
    await expect(admin.deleteAcls({ filters: [acl] })).rejects.toMatchObject(refused);
    expect(await admin.listTopics()).not.toContain("t");
  });
});
