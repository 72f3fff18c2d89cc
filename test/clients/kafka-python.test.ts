import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runTool } from "../../infra/apache-kafka/run-tool.ts";
import { describeClient } from "./describe-client.ts";
import { useEmbeddedBroker } from "./embedded-broker.ts";

const SCRIPT = fileURLToPath(new URL("kafka-python.py", import.meta.url));
/** Debian's, for which the package is; another may come first in the PATH. */
const PYTHON = "/usr/bin/python3";

describeClient(
  { name: "kafka-python", probe: [PYTHON, "-c", "import kafka"], install: "apt-get install python3-kafka" },
  () => {
    const brokers = useEmbeddedBroker();

    it("makes a topic, writes, reads as a group, and takes all away again", async () => {
      const printed = await runTool(PYTHON, [SCRIPT, brokers()], process.env, "");
      expect(JSON.parse(printed)).toEqual({
        retention: "86400000",
        "acknowledged None": 100,
        "acknowledged gzip": 100,
        read: true,
        codecs: ["None", "gzip"],
        committed: 200,
        ends: 200,
        "first by time": [0, 0, 0],
        group: ["Stable", 1],
        offsets: 200,
        deleted: [["readers", 0]],
        topics: [],
      });
    });
  },
);
