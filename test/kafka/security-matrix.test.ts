/** The platform's Kafka clients against each way to secure a cluster: good, bad and missing credentials. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../runtime/config.ts";
import { createKafkaFactory, describeUnreached } from "../../runtime/kafka.ts";
import { createKafkaSecurity } from "../../runtime/kafka-security.ts";
import { createLogger } from "../../runtime/log.ts";
import { encryptKey } from "./certificates.ts";
import { PASSWORD, type SecuredKafka, startSecuredKafka, unsignedToken } from "./secured-kafka.ts";

type Env = Record<string, string>;

let kafka: SecuredKafka;
let folder: string;
beforeAll(async () => {
  kafka = await startSecuredKafka();
  folder = await mkdtemp(join(tmpdir(), "security-"));
});
afterAll(async () => {
  await kafka?.stop();
  await rm(folder, { recursive: true });
});

/** "ok", or what a user reads. */
async function reach(listener: keyof SecuredKafka["at"], env: Env): Promise<string> {
  const config = loadConfig({ KAFKA_BROKERS: kafka.at[listener], ...env });
  const brokers = config.KAFKA_BROKERS!;
  const security = createKafkaSecurity(config, { PATH: process.env.PATH });
  const create = createKafkaFactory({ brokers, clientId: "ksp", security }, await createLogger("silent"));
  const admin = create("matrix").admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    const { brokers: found } = await admin.describeCluster();
    return found.length === 1 ? "ok" : `${found.length} brokers`;
  } catch (error) {
    const told = describeUnreached(error);
    expect(told).not.toContain(PASSWORD);
    return told;
  } finally {
    await admin.disconnect();
  }
}

const login = (mechanism: string, password: string | null = PASSWORD, username = "alice"): Env => ({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: username,
  ...(password !== null && { KAFKA_SASL_PASSWORD: password }),
});
const oauth = { KAFKA_SASL_MECHANISM: "oauthbearer" };
/** OAUTHBEARER with a token that is in a file of this name. */
const printing = async (name: string, token: string): Promise<Env> => {
  const file = join(folder, name);
  await writeFile(file, `${token}\n`);
  return { ...oauth, KAFKA_OAUTH_TOKEN_COMMAND: `cat ${file}` };
};
const own = (cert: string, key: string): Env => ({
  ...tls(),
  KAFKA_SSL_CERT_FILE: cert,
  KAFKA_SSL_KEY_FILE: key,
});
const tls = (): Env => ({ KAFKA_SSL: "true", KAFKA_SSL_CA_FILE: kafka.authority.ca });

describe.each(["plain", "scram-sha-256", "scram-sha-512"])("SASL %s", (mechanism) => {
  const WRONG = /^SASL .*failed: .*\(see KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD\)$/;

  it("takes a good password", async () => {
    expect(await reach("SASL", login(mechanism))).toBe("ok");
  });

  it("tells of a bad password and of an unknown user, in the same words", async () => {
    const bad = await reach("SASLTLS", { ...login(mechanism, "wrong"), ...tls() });
    expect(bad).toMatch(WRONG);
    expect(await reach("SASLTLS", { ...login(mechanism, PASSWORD, "nobody"), ...tls() })).toBe(bad);
  });

  it("is not begun without a password", async () => {
    await expect(reach("SASL", login(mechanism, null))).rejects.toThrow(
      `KAFKA_SASL_PASSWORD: expected it with KAFKA_SASL_MECHANISM=${mechanism}, got nothing`,
    );
  });

  it("tells of a mechanism that the broker does not have", async () => {
    expect(await reach("OAUTH", login(mechanism))).toMatch(/see KAFKA_SASL_MECHANISM/);
  });
});

describe("neither SASL nor TLS", () => {
  it.each(["SASL", "OAUTH", "TLS", "SASLTLS"] as const)(
    "is turned away at %s, with what may be the reason",
    async (listener) => {
      expect(await reach(listener, {})).toMatch(/see KAFKA_SSL and KAFKA_SASL_MECHANISM/);
    },
  );
});

describe("SASL OAUTHBEARER", () => {
  it("takes a good token", async () => {
    expect(await reach("OAUTH", await printing("good", unsignedToken("alice", 600)))).toBe("ok");
  });

  it("tells of a token that has expired, and of one that Kafka cannot read", async () => {
    const REFUSED =
      /^SASL OAUTHBEARER authentication failed: Kafka refused the token .*KAFKA_OAUTH_TOKEN_COMMAND/;
    for (const token of [unsignedToken("alice", -60), "no-token-of-kafka"]) {
      const env = await printing("bad", token);
      for (const told of [await reach("OAUTH", env), await reach("SASLTLS", { ...env, ...tls() })]) {
        expect(told).toMatch(REFUSED);
        expect(told).not.toContain(token);
      }
    }
  });

  it("tells that no token came", async () => {
    expect(await reach("OAUTH", { ...oauth, KAFKA_OAUTH_TOKEN_COMMAND: "false" })).toMatch(
      /KAFKA_OAUTH_TOKEN_COMMAND: "false" failed \(1\)/,
    );
    await expect(reach("OAUTH", oauth)).rejects.toThrow(
      "KAFKA_SASL_MECHANISM: oauthbearer: expected either KAFKA_OAUTH_TOKEN_COMMAND or",
    );
  });
});

describe.each<[string, "TLS" | "MTLS" | "SASLTLS", () => Env | Promise<Env>]>([
  ["TLS", "TLS", () => ({})],
  ["mTLS", "MTLS", () => own(kafka.client.cert, kafka.client.key)],
  ["SASL PLAIN over TLS", "SASLTLS", () => login("plain")],
  ["SASL SCRAM-SHA-256 over TLS", "SASLTLS", () => login("scram-sha-256")],
  ["SASL SCRAM-SHA-512 over TLS", "SASLTLS", () => login("scram-sha-512")],
  ["SASL OAUTHBEARER over TLS", "SASLTLS", () => printing("over-tls", unsignedToken("alice", 600))],
])("%s", (_way, listener, credentials) => {
  it("takes a broker's certificate of the authority named, with good credentials", async () => {
    expect(await reach(listener, { ...(await credentials()), ...tls() })).toBe("ok");
  });

  it("tells of a broker's certificate of another authority", async () => {
    const env = { ...(await credentials()), ...tls(), KAFKA_SSL_CA_FILE: kafka.stranger.ca };
    expect(await reach(listener, env)).toMatch(/\(see KAFKA_SSL_CA_FILE\)$/);
  });

  it("tells of a broker's certificate for another host name", async () => {
    expect(await reach(`${listener}OTHERNAME`, { ...(await credentials()), ...tls() })).toMatch(
      /^ERR_TLS_CERT_ALTNAME_INVALID: .*127\.0\.0\.1.*\(the name by which Kafka is reached .*certificate\)$/,
    );
  });

  it("tells of a broker's certificate that has expired", async () => {
    expect(await reach(`${listener}EXPIRED`, { ...(await credentials()), ...tls() })).toMatch(
      /^CERT_HAS_EXPIRED: .*\(Kafka's certificate needs renewing\)$/,
    );
  });
});

describe("TLS", () => {
  it("goes by public authorities where none is named", async () => {
    expect(await reach("TLS", { KAFKA_SSL: "true" })).toMatch(/\(see KAFKA_SSL_CA_FILE\)$/);
  });

  it("tells of a port that does not speak it", async () => {
    expect(await reach("SASL", tls())).toMatch(/KAFKA_SSL/);
  });
});

describe("a certificate of our own", () => {
  const SEE = /\(see KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE\)$/;

  it("tells of a missing certificate", async () => {
    expect(await reach("MTLS", tls())).toMatch(SEE);
  });

  it("tells of one from another authority, and of an expired one", async () => {
    const strange = kafka.stranger.issue("strange", { subject: "alice" });
    expect(await reach("MTLS", own(strange.cert, strange.key))).toMatch(SEE);
    const expired = kafka.authority.issue("old", { subject: "alice", expired: true });
    expect(await reach("MTLS", own(expired.cert, expired.key))).toMatch(SEE);
  });

  it("is not begun with a key that does not fit", async () => {
    const other = kafka.authority.issue("another", { subject: "alice" });
    await expect(reach("MTLS", own(kafka.client.cert, other.key))).rejects.toThrow(
      /^KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE, KAFKA_SSL_KEY_PASSPHRASE: expected PEM that fits/,
    );
  });

  it("may have an encrypted key: its passphrase opens it, and is not begun without or with another", async () => {
    const key = encryptKey(kafka.client, "s3cr3t-of-the-key");
    const env = own(kafka.client.cert, key);
    expect(await reach("MTLS", { ...env, KAFKA_SSL_KEY_PASSPHRASE: "s3cr3t-of-the-key" })).toBe("ok");
    for (const passphrase of ["", "s3cr3t-of-another"]) {
      const error = await reach("MTLS", { ...env, KAFKA_SSL_KEY_PASSPHRASE: passphrase }).catch(
        (e: Error) => e,
      );
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toMatch(/KAFKA_SSL_KEY_PASSPHRASE: expected PEM that fits/);
      expect((error as Error).message).not.toContain("s3cr3t");
    }
  });
});
