/** How kafkajs is told to reach a secured cluster. */
import { readFileSync } from "node:fs";
import { type ConnectionOptions, createSecureContext } from "node:tls";
import type { KafkaConfig, Mechanism, SASLOptions } from "kafkajs";
import type { KafkaSecuritySettings } from "./check-kafka-security.ts";
import { ConfigError, type Env, withoutSecrets } from "./config.ts";
import { createTokenSource, type TokenSource, tokenFromCommand, tokenFromEndpoint } from "./oauth-token.ts";

export interface KafkaSecurity {
  /** What to connect with, or null for no TLS. Throws ConfigError for files that cannot be used. */
  tls(): ConnectionOptions | null;
  readonly sasl: KafkaConfig["sasl"] | null;
}

export const NO_SECURITY: KafkaSecurity = { tls: () => null, sasl: null };

/**
 * Throws ConfigError where the files that the settings name cannot be used. They are read anew for each connection:
 * certificates are renewed while the platform runs. A token command gets `env` without
 * the platform's secrets.
 */
export function createKafkaSecurity(settings: KafkaSecuritySettings, env: Env): KafkaSecurity {
  const tls = (): ConnectionOptions | null => (settings.KAFKA_SSL ? readTls(settings) : null);
  tls();
  return { tls, sasl: toSasl(settings, env) };
}

function readTls(settings: KafkaSecuritySettings): ConnectionOptions {
  const read = (key: "KAFKA_SSL_CA_FILE" | "KAFKA_SSL_CERT_FILE" | "KAFKA_SSL_KEY_FILE"): string | null => {
    const file = settings[key];
    if (file === null) return null;
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new ConfigError(
        `${key}: expected a file that can be read, got "${file}" (${(error as NodeJS.ErrnoException).code})`,
      );
    }
  };
  const checked = <T extends ConnectionOptions>(keys: string, options: T): T => {
    try {
      createSecureContext(options);
      return options;
    } catch (error) {
      throw new ConfigError(`${keys}: expected PEM that fits, got another (${(error as Error).message})`);
    }
  };
  const ca = read("KAFKA_SSL_CA_FILE");
  const [cert, key] = [read("KAFKA_SSL_CERT_FILE"), read("KAFKA_SSL_KEY_FILE")];
  const passphrase = settings.KAFKA_SSL_KEY_PASSPHRASE?.reveal();
  if (ca !== null && !ca.includes("-----BEGIN")) {
    // OpenSSL takes it for a list of no authorities.
    throw new ConfigError(`KAFKA_SSL_CA_FILE: expected PEM, got another in "${settings.KAFKA_SSL_CA_FILE}"`);
  }
  const own =
    cert !== null && key !== null ? { cert, key, ...(passphrase !== undefined && { passphrase }) } : {};
  return {
    ...checked("KAFKA_SSL_CA_FILE", ca === null ? {} : { ca }),
    ...checked("KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE, KAFKA_SSL_KEY_PASSPHRASE", own),
    // Said aloud, since an environment variable of Node's would switch it off.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
  };
}

function toSasl(settings: KafkaSecuritySettings, env: Env): KafkaConfig["sasl"] | null {
  const { KAFKA_SASL_MECHANISM: mechanism } = settings;
  if (mechanism === null) return null;
  if (mechanism === "oauthbearer") return oauthBearer(tokensOf(settings, env));
  const username = settings.KAFKA_SASL_USERNAME!;
  const password = settings.KAFKA_SASL_PASSWORD!.reveal();
  return { mechanism, username, password } as SASLOptions; // a union that TypeScript does not see through
}

function tokensOf(settings: KafkaSecuritySettings, env: Env): TokenSource {
  const { KAFKA_OAUTH_TOKEN_COMMAND: command } = settings;
  if (command !== null)
    return createTokenSource(() => tokenFromCommand(command, withoutSecrets(env), Date.now()), Date.now);
  const endpoint = {
    url: settings.KAFKA_OAUTH_TOKEN_ENDPOINT!,
    clientId: settings.KAFKA_OAUTH_CLIENT_ID!,
    clientSecret: settings.KAFKA_OAUTH_CLIENT_SECRET!,
    scope: settings.KAFKA_OAUTH_SCOPE,
  };
  return createTokenSource(() => tokenFromEndpoint(endpoint, Date.now()), Date.now);
}

/**
 * Kafka answers a token that it refuses with success and a reason in the bytes (RFC 7628). kafkajs's own mechanism
 * does not read those, takes itself for logged in, and has the connection closed under it without a word why.
 */
function oauthBearer(tokens: TokenSource): Mechanism {
  return {
    mechanism: "oauthbearer",
    authenticationProvider: ({ saslAuthenticate }) => ({
      async authenticate() {
        const token = await tokens.get().catch((error: Error) => {
          throw loginFailed(error.message);
        });
        const message = Buffer.from(`n,,\u0001auth=Bearer ${token}\u0001\u0001`);
        const refused = await saslAuthenticate({
          request: { encode: () => withLength(message) },
          response: { decode: (bytes) => bytes, parse: (bytes) => bytes.subarray(4).toString("utf8") },
        }).catch((error: Error) => {
          tokens.forget();
          throw loginFailed(error.message);
        });
        if (!refused) return;
        tokens.forget();
        const status = /"status"\s*:\s*"([\w -]{1,100})"/.exec(refused)?.[1] ?? "no reason given";
        throw loginFailed(`Kafka refused the token (${status})`);
      },
    }),
  };
}

/** As kafkajs tells it of its own mechanisms; trying again at once would not help. */
const loginFailed = (reason: string): Error =>
  Object.assign(new Error(`SASL OAUTHBEARER authentication failed: ${reason}`), {
    name: "KafkaJSSASLAuthenticationError",
    retriable: false,
  });

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
