/** A ZooKeeper of one node on loopback, from the jars that Kafka 3 brings. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { type Java, type JavaProcess, logTail, makeFolder, startJava } from "./java-process.ts";

const ASK_AGAIN_MS = 100;
const ANSWER_MS = 1_000;

/** Starts it with `dir` as its folder; resolves when it answers. Throws with the end of its log when it ends instead. */
export async function startZooKeeper(
  java: Java,
  dir: string,
  port: number,
  deadlineMs: number,
): Promise<JavaProcess> {
  const config = join(await makeFolder(dir), "zookeeper.properties");
  const properties = {
    dataDir: join(dir, "data"),
    clientPortAddress: "127.0.0.1",
    clientPort: port,
    tickTime: 2000,
    "admin.enableServer": false,
    "4lw.commands.whitelist": "ruok,dump",
  };
  await writeFile(
    config,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  );
  const zookeeper = startJava(
    java,
    dir,
    ["-Xmx128m"],
    ["org.apache.zookeeper.server.quorum.QuorumPeerMain", config],
  );
  let over = false;
  void zookeeper.exited.then(() => {
    over = true;
  });
  try {
    await untilAnswer(port, "ruok", (answer) => over || answer === "imok", deadlineMs);
    if (over) throw new Error("it exited");
  } catch (error) {
    zookeeper.kill();
    throw new Error(
      `ZooKeeper did not start: ${(error as Error).message}. Its log ends:\n${await logTail(dir)}`,
    );
  }
  return zookeeper;
}

/**
 * Resolves when ZooKeeper has forgotten a broker that ended without saying so: until its session is over, a broker
 * that starts under the same id fails.
 */
export function untilForgotten(port: number, brokerId: number, deadlineMs: number): Promise<void> {
  const node = new RegExp(`/brokers/ids/${brokerId}$`, "m");
  const forgotten = (answer: string): boolean =>
    answer.includes("ephemeral nodes dump") && !node.test(answer);
  return untilAnswer(port, "dump", forgotten, deadlineMs); // until it serves, it answers something else
}

async function untilAnswer(
  port: number,
  command: string,
  wanted: (answer: string) => boolean,
  deadlineMs: number,
): Promise<void> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    if (wanted(await ask(port, command).catch(() => ""))) return; // refused while it is starting
    if (performance.now() > until)
      throw new Error(`Expected ZooKeeper's answer within ${deadlineMs / 1000} s`);
    await delay(ASK_AGAIN_MS);
  }
}

async function ask(port: number, command: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  // What it accepts before it serves, it may never answer.
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
  await once(socket, "connect");
  socket.write(command);
  return text(socket);
}
