/** One Apache Kafka with a listener for each way to secure it, and an authorizer that denies by default. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../infra/apache-kafka/free-ports.ts";
import { startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { type Authority, type Certificate, createAuthority } from "./certificates.ts";

const LISTENERS = {
  SASL: "SASL_PLAINTEXT",
  OAUTH: "SASL_PLAINTEXT",
  SASLTLS: "SASL_SSL",
  SASLTLSEXPIRED: "SASL_SSL",
  SASLTLSOTHERNAME: "SASL_SSL",
  TLS: "SSL",
  TLSEXPIRED: "SSL",
  TLSOTHERNAME: "SSL",
  MTLS: "SSL",
  MTLSEXPIRED: "SSL",
  MTLSOTHERNAME: "SSL",
} as const;

export const PASSWORD = "s3cr3t-of-alice";
/** May do what it is granted, and nothing else. */
export const LIMITED = { user: "limited", password: "s3cr3t-of-limited" };

export interface SecuredKafka {
  /** Where everyone may do everything. */
  readonly plain: string;
  /** `host:port` of each listener. */
  readonly at: Readonly<Record<keyof typeof LISTENERS, string>>;
  readonly authority: Authority;
  /** One that the broker does not know, nor is known by. */
  readonly stranger: Authority;
  /** The client's own, whose subject is a super user. */
  readonly client: Certificate;
  stop(): Promise<void>;
}

const module_ = (name: string): string => `org.apache.kafka.common.security.${name} required`;

export async function startSecuredKafka(): Promise<SecuredKafka> {
  const folder = await mkdtemp(join(tmpdir(), "secured-kafka-"));
  const authority = createAuthority(folder, "authority");
  const stranger = createAuthority(folder, "stranger");
  const broker = authority.issue("broker", { subject: "broker", names: "IP:127.0.0.1,DNS:localhost" });
  const expired = authority.issue("expired", { subject: "broker", names: "IP:127.0.0.1", expired: true });
  const other = authority.issue("other", { subject: "broker", names: "DNS:kafka.example" });
  const client = authority.issue("client", { subject: "alice" });
  const names = Object.keys(LISTENERS) as (keyof typeof LISTENERS)[];
  const ports = await freePorts(names.length);
  const addresses = names.map((name, i) => `${name}://127.0.0.1:${ports[i]}`).join();
  const users = [
    { user: "alice", password: PASSWORD },
    { user: LIMITED.user, password: LIMITED.password },
  ];
  const passwords = users.map(({ user, password }) => ` user_${user}="${password}"`).join("");
  const oauth = (listener: string): Record<string, string> => ({
    [`listener.name.${listener}.oauthbearer.sasl.jaas.config`]: `${module_("oauthbearer.OAuthBearerLoginModule")} unsecuredLoginStringClaim_sub="broker";`,
  });
  const sasl = (
    listener: string,
    mechanisms = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
  ): Record<string, string> => ({
    [`listener.name.${listener}.sasl.enabled.mechanisms`]: mechanisms,
    [`listener.name.${listener}.plain.sasl.jaas.config`]: `${module_("plain.PlainLoginModule")}${passwords};`,
    [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`]: `${module_("scram.ScramLoginModule")};`,
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: `${module_("scram.ScramLoginModule")};`,
  });
  const saslTls = (listener: string): Record<string, string> => ({
    ...sasl(listener, "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER"),
    ...oauth(listener),
  });
  const keystore = (way: string, { keystore: file }: Certificate): Record<string, string> =>
    Object.fromEntries(
      ["tls", "mtls", "sasltls"].map((secured) => [
        `listener.name.${secured}${way}.ssl.keystore.location`,
        file,
      ]),
    );
  const kafka = await startApacheKafka({
    format: ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) =>
      users.flatMap(({ user, password }) => [
        "--add-scram",
        `${mechanism}=[name=${user},password=${password}]`,
      ]),
    ),
    properties: {
      listeners: addresses,
      "advertised.listeners": addresses,
      "listener.security.protocol.map": names.map((name) => `${name}:${LISTENERS[name]}`).join(),
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS;User:alice;User:CN=alice",
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": broker.keystore,
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": authority.ca,
      ...keystore("expired", expired),
      ...keystore("othername", other),
      ...Object.fromEntries(
        ["mtls", "mtlsexpired", "mtlsothername"].map((name) => [
          `listener.name.${name}.ssl.client.auth`,
          "required",
        ]),
      ),
      ...sasl("sasl"),
      ...saslTls("sasltls"),
      ...saslTls("sasltlsexpired"),
      ...saslTls("sasltlsothername"),
      "listener.name.oauth.sasl.enabled.mechanisms": "OAUTHBEARER",
      // It closes connections that have not logged in again by then.
      "listener.name.oauth.oauthbearer.connections.max.reauth.ms": "5000",
      ...oauth("oauth"),
    },
  }).catch(async (error) => {
    await rm(folder, { recursive: true });
    throw error;
  });
  return {
    plain: kafka.brokers,
    at: Object.fromEntries(names.map((name, i) => [name, `127.0.0.1:${ports[i]}`])) as SecuredKafka["at"],
    authority,
    stranger,
    client,
    async stop() {
      await kafka.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** A token as Kafka's validator for development takes it: without a signature. */
export function unsignedToken(subject: string, expiresInS: number, at = Date.now()): string {
  const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString("base64url");
  const now = at / 1000;
  return `${part({ alg: "none" })}.${part({ sub: subject, iat: Math.min(now, now + expiresInS - 1), exp: now + expiresInS })}.`;
}
