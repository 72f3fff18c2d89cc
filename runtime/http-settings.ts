/** What the HTTP settings mean together: where to listen, who may call, and the certificate. */
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Config, ConfigError } from "./config.ts";
import { isLoopback } from "./loopback.ts";

export interface HttpSettings {
  readonly host: string;
  readonly access: {
    /** Null: none is needed, and only loopback is answered. */
    readonly token: string | null;
    readonly allowedHosts: readonly string[];
  };
  /** PEM; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

type Given = Pick<
  Config,
  "HTTP_HOST" | "HTTP_TOKEN" | "HTTP_ALLOWED_HOSTS" | "HTTP_TLS_CERT_FILE" | "HTTP_TLS_KEY_FILE"
>;

const MIN_TOKEN = 16;
/** What a header can carry after "Bearer" (RFC 6750). */
const TOKEN = /^[\w.~+/-]+=*$/;

/** Reads the certificate's files. Throws ConfigError for what does not go together or would be open to everybody. */
export function toHttpSettings(config: Given): HttpSettings {
  const { HTTP_HOST: host, HTTP_ALLOWED_HOSTS: allowedHosts } = config;
  const token = config.HTTP_TOKEN?.reveal() ?? null;
  if (token !== null) checkToken(token);
  else if (!isLoopback(host)) {
    throw new ConfigError(
      `HTTP_HOST: expected loopback (127.0.0.1) where HTTP_TOKEN is not set, got "${host}": anybody could call it`,
    );
  } else if (allowedHosts.length > 0) {
    throw new ConfigError(
      `HTTP_ALLOWED_HOSTS: expected none where HTTP_TOKEN is not set, got "${allowedHosts.join(",")}"`,
    );
  }
  return { host, access: { token, allowedHosts }, tls: readTls(config) };
}

/** What is allowed and yet worth saying at a start, or null. */
export function httpWarning(config: Given): string | null {
  const { HTTP_HOST: host, HTTP_TLS_CERT_FILE: certificate } = config;
  if (certificate !== null || isLoopback(host)) return null;
  return `HTTP_HOST=${host} without HTTP_TLS_CERT_FILE: the token and all data go in the clear, for everyone on the way to read, unless a proxy before it speaks TLS`;
}

/** Where a platform with these settings is reached from this machine. A certificate has names rather than addresses. */
export function platformUrl(config: Given & Pick<Config, "HTTP_PORT">): string {
  const { HTTP_HOST: host, HTTP_PORT: port } = config;
  const secure = config.HTTP_TLS_CERT_FILE !== null;
  const local = isLoopback(host) || host === "0.0.0.0" || host === "::";
  const name = !local ? host : secure ? "localhost" : host === "::1" ? host : "127.0.0.1";
  return `http${secure ? "s" : ""}://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** The token itself is never part of an error. */
function checkToken(token: string): void {
  if (token.length < MIN_TOKEN) {
    throw new ConfigError(
      `HTTP_TOKEN: expected at least ${MIN_TOKEN} characters, got ${token.length}; "openssl rand -hex 32" makes one`,
    );
  }
  if (!TOKEN.test(token)) {
    throw new ConfigError(
      "HTTP_TOKEN: expected letters, digits and - . _ ~ + / alone, got something else in it",
    );
  }
}

function readTls(config: Given): HttpSettings["tls"] {
  const { HTTP_TLS_CERT_FILE: certFile, HTTP_TLS_KEY_FILE: keyFile } = config;
  if (certFile === null && keyFile === null) return null;
  if (certFile === null) {
    throw new ConfigError("HTTP_TLS_CERT_FILE: expected a file, as HTTP_TLS_KEY_FILE is set, got none");
  }
  if (keyFile === null) {
    throw new ConfigError("HTTP_TLS_KEY_FILE: expected a file, as HTTP_TLS_CERT_FILE is set, got none");
  }
  const cert = readPem("HTTP_TLS_CERT_FILE", certFile);
  const key = readPem("HTTP_TLS_KEY_FILE", keyFile);
  for (const [setting, file, pem] of [
    ["HTTP_TLS_CERT_FILE", certFile, { cert }],
    ["HTTP_TLS_KEY_FILE", keyFile, { key }],
    ["HTTP_TLS_KEY_FILE", keyFile, { cert, key }],
  ] as const) {
    try {
      createSecureContext(pem);
    } catch (error) {
      const what = "cert" in pem && "key" in pem ? "the certificate's key" : "PEM";
      throw new ConfigError(`${setting}: expected ${what}, got "${file}" (${(error as Error).message})`);
    }
  }
  return { cert, key };
}

function readPem(setting: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${setting}: expected a file that can be read, got "${file}" (${code})`);
  }
}
