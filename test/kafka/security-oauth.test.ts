/** OAUTHBEARER for longer than a token lives: it is renewed, and so is the login of each connection. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { expectCleanEnd, start } from "../for-one-test.ts";
import { gaps, readTopic, tally } from "../kafka-client.ts";
import { complaints, eventIds, readProcessed, untilHolds, untilProcessed } from "../observe.ts";
import { until } from "../until.ts";
import { type SecuredKafka, startSecuredKafka, unsignedToken } from "./secured-kafka.ts";

let kafka: SecuredKafka;
beforeAll(async () => {
  kafka = await startSecuredKafka();
});
afterAll(() => kafka?.stop());

const SECRET = "s3cr3t-of-the-client";
const LIVES_S = 15;

/** Gives tokens for client credentials, and remembers them. */
async function startTokenEndpoint(): Promise<{ url: string; given: readonly string[] }> {
  const given: string[] = [];
  const server = createServer(async (request, response) => {
    const form = await text(request);
    const user = Buffer.from(request.headers.authorization?.slice("Basic ".length) ?? "", "base64");
    if (user.toString() !== `ksp:${SECRET}` || form !== "grant_type=client_credentials") {
      response.writeHead(401).end();
      return;
    }
    const token = unsignedToken("alice", LIVES_S);
    given.push(token);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ access_token: token, token_type: "bearer", expires_in: LIVES_S }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, given };
}

describe("a platform whose logins Kafka ends after seconds", () => {
  it("logs in again on open connections, with new tokens in time, and neither stops nor loses anything", async () => {
    const endpoint = await startTokenEndpoint();
    const platform = await start({
      env: {
        KAFKA_BROKERS: kafka.at.OAUTH,
        KAFKA_SASL_MECHANISM: "oauthbearer",
        KAFKA_OAUTH_TOKEN_ENDPOINT: endpoint.url,
        KAFKA_OAUTH_CLIENT_ID: "ksp",
        KAFKA_OAUTH_CLIENT_SECRET: SECRET,
        LOG_LEVEL: "trace",
      },
    });
    await untilHolds(platform, "processed-events", 10);
    await platform.untilHealthy();
    const before = complaints(platform).length; // topics that have just been made have no leader for a moment
    await until(() => endpoint.given.length >= 3, "a third token");
    const logins = (): number =>
      platform.stderr.filter((line) => line.includes("Response SaslAuthenticate")).length;
    const connections = (): number => platform.stderr.filter((line) => line.includes('"Connecting"')).length;
    const [loggedIn, connected] = [logins(), connections()];
    await until(() => endpoint.given.length >= 4, "a fourth token");
    await platform.untilHealthy();
    expect(logins() - loggedIn).toBeGreaterThan(10);
    expect(connections() - connected).toBeLessThanOrEqual(2); // the page's questions may open one
    // kafkajs can send a request into the middle of a login on the same connection, which Kafka refuses: sent again.
    const refused = /cannot write to .*: ILLEGAL_SASL_STATE/;
    const told = complaints(platform).slice(before);
    expect(told.filter((line) => !refused.test(line))).toEqual([]);
    expect(told.length).toBeLessThanOrEqual(1); // among dozens of logins
    const { functions } = await platform.get<{ functions: { restarts: number; retries: number }[] }>(
      "/api/functions",
    );
    expect(functions.map(({ restarts }) => restarts)).toEqual(functions.map(() => 0));
    if (told.length === 0) expect(functions.map(({ retries }) => retries)).toEqual(functions.map(() => 0));

    platform.signal("SIGTERM");
    await expectCleanEnd(platform);
    const events = await readTopic(kafka.plain, "user-events");
    expect(gaps(events)).toEqual([]);
    const log = platform.stderr.join("\n");
    for (const secret of [SECRET, ...endpoint.given]) expect(log).not.toContain(secret);
    await start({ args: ["--only", "analytics-consumer"], env: { KAFKA_BROKERS: kafka.plain } });
    await untilProcessed(kafka.plain, eventIds(events));
    const times = tally((await readProcessed(kafka.plain)).values());
    expect(times.get(0)).toBeUndefined();
    if (!complaints(platform).some((line) => refused.test(line))) expect([...times.keys()]).toEqual([1]);
  });
});
