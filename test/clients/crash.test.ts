import { expect, it } from "vitest";
import { killUnderLoad, PYTHON } from "../crash/kill-under-load.ts";
import { describeClient } from "./describe-client.ts";

describeClient(
  {
    name: "librdkafka",
    probe: ["sh", "-c", `kcat -V && ${PYTHON} -c 'import confluent_kafka'`],
    install: "apt-get install kcat python3-confluent-kafka",
  },
  () => {
    it("loses, doubles and reorders nothing of idempotent producers through kill -9 under load", async () => {
      let seed = 1;
      const random = () => {
        seed = (seed * 48_271) % 0x7fffffff;
        return seed / 0x7fffffff;
      };
      const outcome = await killUnderLoad({ kills: 5, recordsPerSecond: 4_000, random });
      expect(outcome).toMatchObject({ kills: 5, lost: 0, duplicated: 0, reordered: 0, errors: [] });
      expect(outcome.acknowledged).toBeGreaterThan(1_000);
    });
  },
);
