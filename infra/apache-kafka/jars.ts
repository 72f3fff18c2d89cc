/**
 * The jars of an Apache Kafka version, and what goes with it, fetched once by Maven into a cache folder.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "./run-tool.ts";

/** The versions that this folder knows how to start: 3.6.2 with ZooKeeper (its jars bring it), 4.4.0 by itself. */
export const KAFKA_VERSIONS = ["3.6.2", "4.4.0"] as const;
export type KafkaVersion = (typeof KAFKA_VERSIONS)[number];

const HERE = fileURLToPath(new URL(".", import.meta.url));
const CACHE = fileURLToPath(new URL("../../.kafka/", import.meta.url));

/** The versions of Kafka's command line tools that tests run. Maven Central has none of 4.4.0. */
export type ToolsVersion = "3.9.2" | "4.3.1";

/**
 * Returns the folder that holds Kafka's jars, after fetching them if this is the first use of the version.
 * Throws when there is no Maven or it cannot fetch them.
 */
export function fetchJars(version: KafkaVersion, env: NodeJS.ProcessEnv): Promise<string> {
  return fetchOnce({ folder: version, pom: "pom.xml", version, jar: `kafka_2.13-${version}.jar` }, env);
}

/** As `fetchJars`, of the command line tools (kafka-topics and the like) and the client they run on. */
export function fetchTools(version: ToolsVersion, env: NodeJS.ProcessEnv): Promise<string> {
  const jar = `kafka-tools-${version}.jar`;
  return fetchOnce({ folder: `tools-${version}`, pom: "tools-pom.xml", version, jar }, env);
}

const AGENT_VERSION = "1.0.1";

/** As `fetchJars`, of the jmx_prometheus_javaagent; returns the path of its jar. */
export async function fetchAgent(env: NodeJS.ProcessEnv): Promise<string> {
  const jar = `jmx_prometheus_javaagent-${AGENT_VERSION}.jar`;
  const folder = `jmx-agent-${AGENT_VERSION}`;
  return join(await fetchOnce({ folder, pom: "agent-pom.xml", version: AGENT_VERSION, jar }, env), jar);
}

interface Jars {
  readonly folder: string;
  readonly pom: string;
  readonly version: string;
  /** One that has to be among them. */
  readonly jar: string;
}

async function fetchOnce({ folder: name, pom, version, jar }: Jars, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = join(CACHE, name);
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
        join(HERE, pom),
        `-Djar.version=${version}`,
        "-DincludeScope=runtime",
        `-DoutputDirectory=${partial}`,
        "dependency:copy-dependencies",
      ],
      env,
      "Apache Kafka is fetched by Maven: install it (Debian: apt-get install maven)",
    );
    if (!existsSync(join(partial, jar)))
      throw new Error(`Expected Maven to fetch ${jar}, got other files only`);
    await rename(partial, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error; // another fetch was first
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}
