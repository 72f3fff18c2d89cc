/**
 * The jars of an Apache Kafka version, fetched once by Maven into a cache folder.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "./run-tool.ts";

/** The versions that this folder knows how to start. */
export const KAFKA_VERSIONS = ["4.4.0"] as const;
export type KafkaVersion = (typeof KAFKA_VERSIONS)[number];

const HERE = fileURLToPath(new URL(".", import.meta.url));
const CACHE = fileURLToPath(new URL("../../.kafka/", import.meta.url));

/**
 * Returns the folder that holds Kafka's jars, after fetching them if this is the first use of the version.
 * Throws when there is no Maven or it cannot fetch them.
 */
export async function fetchJars(version: KafkaVersion, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = join(CACHE, version);
  if (existsSync(folder)) return folder;
  // Fetched aside and renamed, so that a folder of that name is always whole, also with two fetches at once.
  const partial = `${folder}.${randomBytes(4).toString("hex")}.partial`;
  await mkdir(partial, { recursive: true });
  try {
    await runTool(
      "mvn",
      [
        "--batch-mode",
        "--quiet",
        "--file",
        join(HERE, "pom.xml"),
        `-Dkafka.version=${version}`,
        "-DincludeScope=runtime",
        `-DoutputDirectory=${partial}`,
        "dependency:copy-dependencies",
      ],
      env,
      "Apache Kafka is fetched by Maven: install it (Debian: apt-get install maven)",
    );
    await rename(partial, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error; // another fetch was first
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  const jars = await readdir(folder);
  if (!jars.includes(`kafka_2.13-${version}.jar`)) {
    throw new Error(
      `Expected kafka_2.13-${version}.jar in ${folder}, got ${jars.length} other files; remove it`,
    );
  }
  return folder;
}
