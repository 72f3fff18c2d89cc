import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createCertificate } from "../test/certificate.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { httpWarning, platformUrl, toHttpSettings } from "./http-settings.ts";

const TOKEN = "0123456789abcdef";
const [a, b] = [createCertificate(), createCertificate()];
const folder = mkdtempSync(join(tmpdir(), "ksp-http-"));
writeFileSync(join(folder, "text"), "no PEM");
writeFileSync(join(folder, "token"), `${TOKEN}\n`);
for (const [name, { cert, key }] of Object.entries({ a, b })) {
  writeFileSync(join(folder, `${name}.crt`), cert);
  writeFileSync(join(folder, `${name}.key`), key);
}
afterAll(() => {
  for (const one of [a, b]) one.remove();
  rmSync(folder, { recursive: true });
});

const settings = (env: Record<string, string>) => toHttpSettings(loadConfig(env));

function refusal(env: Record<string, string>): string {
  try {
    settings(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.replaceAll(folder, "");
  }
  return "none";
}

/** The variables with their files' folder. */
const inFolder = (env: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([key, value]) => [key, key.endsWith("_FILE") ? join(folder, value) : value]),
  );

describe("HTTP settings", () => {
  it("are loopback without a token, plain, by themselves", () => {
    expect(settings({})).toEqual({ host: "127.0.0.1", access: { token: null, allowedHosts: [] }, tls: null });
  });

  it("need no more than a token to be reached from everywhere", () => {
    const { host, access } = settings(inFolder({ HTTP_HOST: "0.0.0.0", HTTP_TOKEN_FILE: "token" }));
    expect([host, access.token]).toEqual(["0.0.0.0", TOKEN]);
  });

  it("have names to be called by in lower case", () => {
    const env = { HTTP_TOKEN: TOKEN, HTTP_ALLOWED_HOSTS: "Ksp.Example.com, functions,10.0.0.1" };
    expect(settings(env).access.allowedHosts).toEqual(["ksp.example.com", "functions", "10.0.0.1"]);
  });

  it("have certificate and key as PEM", () => {
    const { tls } = settings(inFolder({ HTTP_TLS_CERT_FILE: "a.crt", HTTP_TLS_KEY_FILE: "a.key" }));
    expect([tls?.cert, tls?.key]).toEqual([
      expect.stringContaining("BEGIN CERTIFICATE"),
      expect.stringContaining("PRIVATE KEY"),
    ]);
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ HTTP_HOST: "0.0.0.0" }, /^HTTP_HOST: expected loopback .*HTTP_TOKEN is not set, got "0\.0\.0\.0"/],
    [{ HTTP_HOST: "::" }, /^HTTP_HOST: .*got "::"/],
    [{ HTTP_HOST: "10.0.0.1" }, /^HTTP_HOST: /],
    [{ HTTP_HOST: "localhost.example.com" }, /^HTTP_HOST: /],
    [
      { HTTP_HOST: "127.0.0.1:8080" },
      /^HTTP_HOST: expected an address or name without port, got "127\.0\.0\.1:8080"$/,
    ],
    [{ HTTP_HOST: "http://x" }, /^HTTP_HOST: expected an address/],
    [
      { HTTP_ALLOWED_HOSTS: "ksp.example.com" },
      /^HTTP_ALLOWED_HOSTS: expected none where HTTP_TOKEN is not set/,
    ],
    [{ HTTP_TOKEN: TOKEN, HTTP_ALLOWED_HOSTS: "a,*" }, /^HTTP_ALLOWED_HOSTS: .*got "\*"$/],
    [{ HTTP_TOKEN: TOKEN, HTTP_ALLOWED_HOSTS: "a:80" }, /^HTTP_ALLOWED_HOSTS: .*got "a:80"$/],
    [
      { HTTP_TLS_CERT_FILE: "a.crt" },
      /^HTTP_TLS_KEY_FILE: expected a file, as HTTP_TLS_CERT_FILE is set, got none$/,
    ],
    [{ HTTP_TLS_KEY_FILE: "a.key" }, /^HTTP_TLS_CERT_FILE: expected a file/],
    [
      { HTTP_TLS_CERT_FILE: "nope", HTTP_TLS_KEY_FILE: "a.key" },
      /^HTTP_TLS_CERT_FILE: .*"\/nope" \(ENOENT\)$/,
    ],
    [
      { HTTP_TLS_CERT_FILE: "text", HTTP_TLS_KEY_FILE: "a.key" },
      /^HTTP_TLS_CERT_FILE: expected PEM, got "\/text"/,
    ],
    [
      { HTTP_TLS_CERT_FILE: "a.crt", HTTP_TLS_KEY_FILE: "text" },
      /^HTTP_TLS_KEY_FILE: expected PEM, got "\/text"/,
    ],
    [
      { HTTP_TLS_CERT_FILE: "a.crt", HTTP_TLS_KEY_FILE: "b.key" },
      /^HTTP_TLS_KEY_FILE: expected the certificate's key, got "\/b.key" \(.*mismatch\)$/,
    ],
  ])("say what is wrong with %j", (env, message) => {
    expect(refusal(inFolder(env))).toMatch(message);
  });

  it.each(["", "short", "0123456789 abcdef", "tüken-tüken-tüken", `${TOKEN}\n${TOKEN}`])(
    "take no token such as %j, and do not repeat it",
    (token) => {
      if (token === "") return expect(settings({ HTTP_TOKEN: token }).access.token).toBeNull();
      const message = refusal({ HTTP_TOKEN: token });
      expect(message).toMatch(/^HTTP_TOKEN: expected/);
      expect(message).not.toContain(token);
    },
  );
});

describe("a token that goes over plain HTTP", () => {
  it("is warned of beyond loopback, without the token itself, and not under TLS", () => {
    const warning = (env: Record<string, string>) => httpWarning(loadConfig({ HTTP_TOKEN: TOKEN, ...env }));
    expect(warning({ HTTP_HOST: "0.0.0.0" })).toMatch(/^HTTP_HOST=0\.0\.0\.0 without HTTP_TLS_CERT_FILE: /);
    expect(warning({ HTTP_HOST: "ksp.example.com" })).not.toContain(TOKEN);
    expect(warning({ HTTP_HOST: "0.0.0.0", HTTP_TLS_CERT_FILE: "x" })).toBeNull();
    expect(warning({})).toBeNull();
  });
});

describe("the platform's own URL", () => {
  it.each<[Record<string, string>, string]>([
    [{}, "http://127.0.0.1:8080"],
    [{ HTTP_HOST: "0.0.0.0", HTTP_PORT: "80" }, "http://127.0.0.1:80"],
    [{ HTTP_HOST: "::1" }, "http://[::1]:8080"],
    [{ HTTP_HOST: "ksp.example.com" }, "http://ksp.example.com:8080"],
    [{ HTTP_HOST: "0.0.0.0", HTTP_TLS_CERT_FILE: "x" }, "https://localhost:8080"],
    [{ HTTP_HOST: "10.0.0.1", HTTP_TLS_CERT_FILE: "x" }, "https://10.0.0.1:8080"],
  ])("with %j is %s", (env, url) => {
    expect(platformUrl(loadConfig(env))).toBe(url);
  });
});
