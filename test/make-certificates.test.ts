/** The script that makes the certificates of a secured Kafka. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { temporaryFolder } from "./for-one-test.ts";

const SCRIPT = fileURLToPath(new URL("../infra/security/make-certificates.sh", import.meta.url));
const make = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync("sh", [SCRIPT, ...args], { encoding: "utf8" });

it("makes an authority and one certificate a name, for its hosts, with keys that only their owner reads", async () => {
  const folder = join(await temporaryFolder(), "new");
  expect(make(folder, "kafka:kafka-1,127.0.0.1,::1", "admin").status).toBe(0);
  const read = async (name: string) => new X509Certificate(await readFile(join(folder, name)));
  const [ca, kafka, admin] = [await read("ca.pem"), await read("kafka.pem"), await read("admin.pem")];
  expect([ca.ca, kafka.ca, kafka.verify(ca.publicKey), admin.verify(ca.publicKey)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect([kafka.subject, admin.subject]).toEqual(["CN=kafka", "CN=admin"]);
  expect(kafka.checkHost("kafka-1")).toBe("kafka-1");
  expect([kafka.checkIP("127.0.0.1"), kafka.checkHost("kafka-2"), admin.subjectAltName]).toEqual([
    "127.0.0.1",
    undefined,
    undefined,
  ]);
  for (const name of ["ca.key", "kafka.key", "kafka.keystore.pem"]) {
    expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  }
});

it("leaves what is there as it is, adds what is new, and refuses half a certificate", async () => {
  const folder = await temporaryFolder();
  make(folder, "kafka:kafka");
  const before = await Promise.all(
    (await readdir(folder)).sort().map((name) => readFile(join(folder, name))),
  );
  expect(make(folder, "kafka:kafka").status).toBe(0);
  const after = await Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name))));
  expect(after).toEqual(before);
  expect(make(folder, "kafka:kafka", "ksp").status).toBe(0);
  await rm(join(folder, "ksp.key"));
  const { status, stderr } = make(folder, "ksp");
  expect([status, stderr]).toEqual([
    1,
    `Expected all of ksp.pem ksp.key ksp.keystore.pem in ${folder}, or none: remove what is there of them\n`,
  ]);
});

it.each([[[]], [["folder-alone"]], [["f", "ca"]], [["f", "a b"]], [["f", "../x"]]])(
  "says what it expects of %j",
  async (args) => {
    const [folder, ...names] = args;
    const at = folder === undefined ? [] : [join(await temporaryFolder(), folder)];
    const { status, stderr } = make(...at, ...names);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^Expected a (folder and names|name of letters)/),
    ]);
  },
);
