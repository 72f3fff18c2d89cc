/** Tokens for SASL OAUTHBEARER: fetched by a program or from an endpoint, and kept until shortly before they expire. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { Secret } from "./secret.ts";

export interface OauthToken {
  readonly value: string;
  /** Milliseconds since 1970; null where it does not say. */
  readonly expiresAt: number | null;
}

export interface TokenSource {
  /** A token that is still good for a while. */
  get(): Promise<string>;
  /** The present one was refused: the next `get` fetches another. */
  forget(): void;
}

/** No token could be had. The message names the setting, and holds nothing that the other side has said. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** kafkajs gives an authentication 10 s. */
const FETCH_MS = 8_000;
const MOST_BYTES = 256 * 1024;
/** Of its lifetime, a token is used for so much; one that does not tell its end, for a minute. */
const USED_PART = 0.8;
const UNKNOWN_LIFETIME_MS = 60_000;

export function createTokenSource(fetchToken: () => Promise<OauthToken>, now: () => number): TokenSource {
  let current: { readonly token: Promise<OauthToken>; until: number } | null = null;
  return {
    async get() {
      if (current === null || now() >= current.until) {
        const fetchedAt = now();
        const next = { token: fetchToken(), until: Number.POSITIVE_INFINITY };
        current = next;
        next.token.then(
          ({ expiresAt }) => {
            const lifetime = expiresAt === null ? UNKNOWN_LIFETIME_MS : (expiresAt - fetchedAt) * USED_PART;
            next.until = fetchedAt + lifetime;
          },
          () => {
            if (current === next) current = null;
          },
        );
      }
      return (await current.token).value;
    },
    forget() {
      current = null;
    },
  };
}

/** Runs a program without a shell, which prints a token, or a token endpoint's answer. */
export async function tokenFromCommand(
  [program, ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  now: number,
): Promise<OauthToken> {
  const options = {
    timeout: FETCH_MS,
    killSignal: "SIGKILL",
    maxBuffer: MOST_BYTES,
    env: { ...env },
  } as const;
  const { stdout } = await promisify(execFile)(program!, args, options).catch((error: unknown) => {
    const { code, killed } = error as { code?: number | string; killed?: boolean };
    const why = killed ? `did not end within ${FETCH_MS / 1000} s` : `failed (${code ?? "no reason"})`;
    throw new TokenError(`KAFKA_OAUTH_TOKEN_COMMAND: "${program}" ${why}; run by hand it may say why`);
  });
  return toToken(stdout, now, "KAFKA_OAUTH_TOKEN_COMMAND");
}

export interface TokenEndpoint {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope: string | null;
}

const ENDPOINT = "KAFKA_OAUTH_TOKEN_ENDPOINT";

/** Client credentials (RFC 6749, 4.4). Redirects are not followed: they would take the secret elsewhere. */
export async function tokenFromEndpoint(
  { url, clientId, clientSecret, scope }: TokenEndpoint,
  now: number,
  /** For the whole answer. */
  signal = AbortSignal.timeout(FETCH_MS),
): Promise<OauthToken> {
  const user = [clientId, clientSecret.reveal()].map(encodeURIComponent).join(":");
  const body = new URLSearchParams({ grant_type: "client_credentials", ...(scope !== null && { scope }) });
  const headers = {
    authorization: `Basic ${Buffer.from(user).toString("base64")}`,
    accept: "application/json",
  };
  let text: string;
  try {
    const response = await fetch(url, { method: "POST", redirect: "error", headers, body, signal });
    if (!response.ok) {
      await response.body?.cancel();
      const hint =
        response.status === 401 || response.status === 400 ? "; see KAFKA_OAUTH_CLIENT_ID and _SECRET" : "";
      throw new TokenError(`${ENDPOINT}: expected 200 of ${url}, got ${response.status}${hint}`);
    }
    text = await readText(response);
  } catch (error) {
    if (error instanceof TokenError) throw error;
    const { cause, message } = error as Error & { cause?: { code?: string } };
    throw new TokenError(`${ENDPOINT}: ${url} does not answer (${cause?.code ?? message})`);
  }
  return toToken(text, now, ENDPOINT);
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES)
      throw new TokenError(`${ENDPOINT}: expected an answer of at most ${MOST_BYTES} bytes, got more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const answer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().optional(),
});

function toToken(output: string, now: number, key: string): OauthToken {
  const text = output.trim();
  let parsed: z.infer<typeof answer>;
  try {
    parsed = text.startsWith("{") ? answer.parse(JSON.parse(text)) : { access_token: text };
  } catch {
    throw new TokenError(
      `${key}: expected a token or {"access_token": …, "expires_in": …}, got something else`,
    );
  }
  const { access_token: value, expires_in: seconds } = parsed;
  // What HTTP allows for a bearer token: anything else would also break SASL's own framing.
  if (!/^[\w.~+/-]+=*$/.test(value)) {
    throw new TokenError(`${key}: expected a token, got ${value === "" ? "nothing" : "text that is none"}`);
  }
  return { value, expiresAt: seconds === undefined ? expiryOf(value) : now + seconds * 1000 };
}

/** The `exp` of a JSON Web Token, in ms; null for a token of another kind. */
function expiryOf(token: string): number | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return z.object({ exp: z.number() }).parse(claims).exp * 1000;
  } catch {
    return null;
  }
}
