/** A program in C on librdkafka (librdkafka.c): idempotent, transactional and in a group. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import { createBrokerUnderTest } from "../broker/broker-under-test.ts";
import { fetch } from "../broker/log-requests.ts";
import { describeClient } from "./describe-client.ts";
import { useEmbeddedBroker } from "./embedded-broker.ts";

const SOURCE = fileURLToPath(new URL("librdkafka.c", import.meta.url));
const CODECS = ["gzip", "snappy", "lz4", "zstd"];
const RECORDS_EACH = 100;

describeClient(
  {
    name: "librdkafka's header and a C compiler",
    probe: ["sh", "-c", "echo '#include <librdkafka/rdkafka.h>' | gcc -E -"],
    install: "apt-get install gcc libc6-dev librdkafka-dev",
  },
  () => {
    const brokers = useEmbeddedBroker();
    const broker = createBrokerUnderTest(brokers);
    let folder: string;
    let program: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "librdkafka-"));
      program = join(folder, "librdkafka");
      const flags = ["-Wall", "-Wextra", "-Werror", "-o", program, SOURCE, "-lrdkafka"];
      await runTool("gcc", flags, process.env, "");
    });
    afterAll(() => rm(folder, { recursive: true }));

    it("writes with all codecs and in transactions, and reads what was committed, once and in order", async () => {
      const topic = await broker.createTopic();
      const printed = await runTool(program, [brokers(), topic], process.env, "");
      const expected = [...CODECS, "committed"].flatMap((prefix) =>
        Array.from({ length: RECORDS_EACH }, (_, i) => `${prefix} ${i}`),
      );
      expect(printed.trim().split("\n")).toEqual([...expected, "last 0"]);
      const { batches } = await fetch(await broker.connect(), { topic }, { offset: 0 });
      expect(new Set(batches.map(({ codec }) => codec))).toEqual(new Set([...CODECS, "none"]));
      // The aborted ones are there; they were only not read.
      const [last] = batches.slice(-1);
      expect(last!.baseOffset).toBeGreaterThan((CODECS.length + 2) * RECORDS_EACH);
    });
  },
);
