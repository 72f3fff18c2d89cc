/** Which of Kafka's security settings make sense together. */
import { isLoopback } from "./loopback.ts";
import type { Secret } from "./secret.ts";

export const MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;

export interface KafkaSecuritySettings {
  readonly KAFKA_BROKERS: readonly string[] | null;
  readonly KAFKA_SSL: boolean;
  readonly KAFKA_SSL_CA_FILE: string | null;
  readonly KAFKA_SSL_CERT_FILE: string | null;
  readonly KAFKA_SSL_KEY_FILE: string | null;
  readonly KAFKA_SSL_KEY_PASSPHRASE: Secret | null;
  readonly KAFKA_SASL_MECHANISM: (typeof MECHANISMS)[number] | null;
  readonly KAFKA_SASL_USERNAME: string | null;
  readonly KAFKA_SASL_PASSWORD: Secret | null;
  readonly KAFKA_OAUTH_TOKEN_COMMAND: readonly string[] | null;
  readonly KAFKA_OAUTH_TOKEN_ENDPOINT: string | null;
  readonly KAFKA_OAUTH_CLIENT_ID: string | null;
  readonly KAFKA_OAUTH_CLIENT_SECRET: Secret | null;
  readonly KAFKA_OAUTH_SCOPE: string | null;
}

type Key = keyof KafkaSecuritySettings;
const TLS: readonly Key[] = [
  "KAFKA_SSL_CA_FILE",
  "KAFKA_SSL_CERT_FILE",
  "KAFKA_SSL_KEY_FILE",
  "KAFKA_SSL_KEY_PASSPHRASE",
];
const PASSWORD: readonly Key[] = ["KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"];
const CLIENT: readonly Key[] = ["KAFKA_OAUTH_CLIENT_ID", "KAFKA_OAUTH_CLIENT_SECRET"];
const OAUTH: readonly Key[] = [
  "KAFKA_OAUTH_TOKEN_COMMAND",
  "KAFKA_OAUTH_TOKEN_ENDPOINT",
  ...CLIENT,
  "KAFKA_OAUTH_SCOPE",
];

/** What does not fit together: the setting and what was expected of it. Empty where all is well. */
export function checkKafkaSecurity(settings: KafkaSecuritySettings): { key: Key; message: string }[] {
  const given = (keys: readonly Key[]): Key[] =>
    keys.filter((key) => settings[key] !== null && settings[key] !== false);
  const missing = (keys: readonly Key[]): Key[] => keys.filter((key) => settings[key] === null);
  const problems: { key: Key; message: string }[] = [];
  const refuse = (keys: readonly Key[], message: string): void => {
    for (const key of keys) problems.push({ key, message });
  };

  if (settings.KAFKA_BROKERS === null) {
    const all = given(["KAFKA_SSL", ...TLS, "KAFKA_SASL_MECHANISM", ...PASSWORD, ...OAUTH]);
    refuse(
      all,
      "expected KAFKA_BROKERS with it, naming a real cluster: the embedded broker listens on loopback only and has neither TLS nor SASL",
    );
    return problems;
  }

  if (!settings.KAFKA_SSL) refuse(given(TLS), "expected KAFKA_SSL=true with it");
  const pair: readonly Key[] = ["KAFKA_SSL_CERT_FILE", "KAFKA_SSL_KEY_FILE"];
  if (given(pair).length === 1)
    refuse(missing(pair), `expected a file to go with ${given(pair)[0]}, got none`);
  if (settings.KAFKA_SSL_KEY_FILE === null)
    refuse(given(["KAFKA_SSL_KEY_PASSPHRASE"]), "expected KAFKA_SSL_KEY_FILE with it");

  const mechanism = settings.KAFKA_SASL_MECHANISM;
  if (mechanism === null) {
    refuse(given([...PASSWORD, ...OAUTH]), "expected KAFKA_SASL_MECHANISM with it");
  } else if (mechanism === "oauthbearer") {
    refuse(given(PASSWORD), "expected none with KAFKA_SASL_MECHANISM=oauthbearer");
    const sources = given(["KAFKA_OAUTH_TOKEN_COMMAND", "KAFKA_OAUTH_TOKEN_ENDPOINT"]);
    if (sources.length !== 1) {
      refuse(
        ["KAFKA_SASL_MECHANISM"],
        `oauthbearer: expected either KAFKA_OAUTH_TOKEN_COMMAND or KAFKA_OAUTH_TOKEN_ENDPOINT, got ${sources.length === 0 ? "neither" : "both"}`,
      );
    }
    if (settings.KAFKA_OAUTH_TOKEN_ENDPOINT === null) {
      refuse(given([...CLIENT, "KAFKA_OAUTH_SCOPE"]), "expected KAFKA_OAUTH_TOKEN_ENDPOINT with it");
    } else {
      refuse(missing(CLIENT), "expected it with KAFKA_OAUTH_TOKEN_ENDPOINT, got nothing");
    }
  } else {
    refuse(missing(PASSWORD), `expected it with KAFKA_SASL_MECHANISM=${mechanism}, got nothing`);
    refuse(given(OAUTH), `expected none with KAFKA_SASL_MECHANISM=${mechanism}`);
  }
  return problems;
}

/** Why the embedded schema registry cannot run on the Kafka of these settings, or null: it knows neither TLS nor SASL. */
export function registryRefusal({ KAFKA_SSL, KAFKA_SASL_MECHANISM }: KafkaSecuritySettings): string | null {
  if (!KAFKA_SSL && KAFKA_SASL_MECHANISM === null) return null;
  const got = KAFKA_SASL_MECHANISM === null ? "KAFKA_SSL" : "KAFKA_SASL_MECHANISM";
  return `expected a Kafka without TLS and SASL, which the embedded schema registry does not speak, got ${got}: run Confluent's registry beside the cluster and name it by SCHEMA_REGISTRY_URL`;
}

/** What is allowed and yet worth saying at a start, or null. */
export function securityWarning(settings: KafkaSecuritySettings): string | null {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_BROKERS: brokers, KAFKA_SSL } = settings;
  if (KAFKA_SSL || (mechanism !== "plain" && mechanism !== "oauthbearer")) return null;
  const remote = brokers?.find((broker) => !isLoopback(broker.replace(/:\d+$/, "")));
  if (remote === undefined) return null;
  const what = mechanism === "plain" ? "the password" : "the token";
  return `KAFKA_SASL_MECHANISM=${mechanism} without KAFKA_SSL=true sends ${what} to ${remote} for everyone on the way to read`;
}
