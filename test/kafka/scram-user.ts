/** Passwords of Kafka's users, set by Kafka's own command as an operator does. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchTools } from "../../infra/apache-kafka/jars.ts";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";

/** Makes a SCRAM-SHA-512 user, or gives it another password. @param config a client's properties file, if needed */
export async function setPassword(
  brokers: string,
  user: string,
  password: string,
  config?: string,
): Promise<void> {
  const jars = await fetchTools("4.3.1", process.env);
  const java = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", join(jars, "*")];
  // In a file, as the compose files do it: arguments can be read by every user of the machine.
  const folder = await mkdtemp(join(tmpdir(), "scram-user-"));
  const added = join(folder, "added.properties");
  await writeFile(added, `SCRAM-SHA-512=password=${password}`);
  await runTool(
    "java",
    [
      ...[...java, "kafka.admin.ConfigCommand", "--bootstrap-server", brokers],
      ...(config === undefined ? [] : ["--command-config", config]),
      ...["--alter", "--entity-type", "users", "--entity-name", user],
      ...["--add-config-file", added],
    ],
    process.env,
    "",
  ).finally(() => rm(folder, { recursive: true }));
}
