/** A platform that Kafka turns away: it says so, goes on trying with pauses, and comes up when it is let in. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { start, temporaryFolder } from "../for-one-test.ts";
import { untilHolds } from "../observe.ts";
import type { Platform } from "../platform.ts";
import { until } from "../until.ts";
import { startCountingProxy } from "./counting-proxy.ts";
import { setPassword } from "./scram-user.ts";
import { type SecuredKafka, startSecuredKafka } from "./secured-kafka.ts";

let kafka: SecuredKafka;
beforeAll(async () => {
  kafka = await startSecuredKafka();
});
afterAll(() => kafka?.stop());

const WARN = 40;

/** Starts the platform by way of a proxy; resolves when it has been turned away so many times. */
async function startTurnedAway(
  upstream: string,
  times: number,
  env: Record<string, string>,
): Promise<Platform> {
  const proxy = await startCountingProxy(upstream);
  onTestFinished(() => proxy.close());
  const platform = await start({ env: { KAFKA_BROKERS: proxy.address, ...env } });
  await until(() => proxy.attempts.length >= times, `${times} attempts`);
  // A slow machine only makes it longer: without pauses these are over in well under a second.
  expect(proxy.attempts[times - 1]! - proxy.attempts[0]!).toBeGreaterThan(4_000);
  return platform;
}

async function expectTold(platform: Platform, cause: RegExp): Promise<void> {
  const { checks } = await platform.health();
  expect(checks.kafka).toMatchObject({ status: "unhealthy", reason: expect.stringMatching(cause) });
  const ready = await fetch(`${platform.url}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringMatching(cause)]);
  expect((await fetch(`${platform.url}/livez`)).status).toBe(200);
  const told = platform.logs().filter(({ level }) => level >= WARN);
  expect(told.map(({ msg }) => msg)).toEqual([expect.stringMatching(cause)]);
}

describe("a platform with a wrong password", () => {
  it("tells it in one line with the setting, waits between attempts, and comes up when it is the user's", async () => {
    const wrong = "wr0ng-password-of-limited";
    const platform = await startTurnedAway(kafka.at.SASLTLS, 12, {
      KAFKA_SSL: "true",
      KAFKA_SSL_CA_FILE: kafka.authority.ca,
      KAFKA_SASL_MECHANISM: "scram-sha-512",
      KAFKA_SASL_USERNAME: "alice",
      KAFKA_SASL_PASSWORD: wrong,
    });
    await expectTold(platform, /SASL SCRAM SHA512 authentication failed.*KAFKA_SASL_PASSWORD/);
    await setPassword(kafka.plain, "alice", wrong);
    await platform.untilHealthy();
    await untilHolds(platform, "processed-events", 10);
    expect(platform.stderr.join("\n")).not.toContain(wrong);
    expect(await (await fetch(`${platform.url}/api/about`)).text()).not.toContain(wrong);
  });
});

describe("a platform with a certificate that Kafka does not take", () => {
  it("tells it, and comes up when the files hold one that it does", async () => {
    const folder = await temporaryFolder();
    const [cert, key] = [join(folder, "ksp.pem"), join(folder, "ksp.key")];
    const expired = kafka.authority.issue("expired-client", { subject: "alice", expired: true });
    await copyFile(expired.cert, cert);
    await copyFile(expired.key, key);
    const platform = await startTurnedAway(kafka.at.MTLS, 30, {
      KAFKA_SSL: "true",
      KAFKA_SSL_CA_FILE: kafka.authority.ca,
      KAFKA_SSL_CERT_FILE: cert,
      KAFKA_SSL_KEY_FILE: key,
    });
    await expectTold(platform, /ALERT_.*KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE/);
    // For a moment they do not fit each other: that is no end either.
    await copyFile(kafka.client.cert, cert);
    await copyFile(kafka.client.key, key);
    await platform.untilHealthy();
    await untilHolds(platform, "processed-events", 10);
  });
});
