import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "../infra/embedded/start.ts";
import { brokerSuite } from "./broker-suite.ts";

brokerSuite("the embedded broker", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "embedded-broker-"));
  const broker = await startBroker({ port: 0, dataDir, config: { autoCreateTopicsEnable: false } });
  return {
    brokers: `${broker.host}:${broker.port}`,
    async stop() {
      await broker.stop();
      await rm(dataDir, { recursive: true });
    },
  };
});
