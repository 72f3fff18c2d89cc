/** Who may call: one token, shown as a bearer, or a session that was opened with it. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import type { ApiEnv } from "../api/api.ts";
import { Problem } from "../api/problem.ts";
import { GuessLimit } from "./guess-limit.ts";
import { Sessions } from "./sessions.ts";

export interface AccessOptions {
  /** Null: only loopback Hosts are answered, and they need none. */
  readonly token: string | null;
  /** Host names beside loopback, in lower case, without port: what requests may call us. */
  readonly allowedHosts: readonly string[];
  /** Shared by all ports that take the token; one of its own if left out. */
  readonly limit?: GuessLimit;
}

/** The page's cookie; under TLS by the name that browsers accept from a secure origin alone. */
export const COOKIE = "ksp_session";
export const SECURE_COOKIE = "__Host-ksp_session";

export class Access {
  readonly allowedHosts: readonly string[];
  readonly sessions = new Sessions();
  readonly #hash: Buffer | null;
  readonly #limit: GuessLimit;

  constructor({ token, allowedHosts, limit = new GuessLimit() }: AccessOptions) {
    this.allowedHosts = allowedHosts;
    this.#hash = token === null ? null : sha256(token);
    this.#limit = limit;
  }

  get needsToken(): boolean {
    return this.#hash !== null;
  }

  /** Throws a 401 for a wrong token, and a 429 after too many from one address, for right ones too. */
  checkToken(c: Context<ApiEnv>, token: string): void {
    const address = c.env?.incoming?.socket.remoteAddress ?? "unknown";
    const waitMs = this.#limit.waitMs(address);
    if (waitMs > 0) {
      throw new Problem(429, "Expected the right token; there were too many wrong ones from your address", {
        headers: { "Retry-After": String(Math.ceil(waitMs / 1_000)) },
      });
    }
    // Both hashed: of one length, and equal time whatever they have in common.
    if (this.#hash !== null && timingSafeEqual(sha256(token), this.#hash)) return;
    this.#limit.miss(address);
    throw unauthorized("Expected the token of HTTP_TOKEN, got another", 'error="invalid_token"');
  }
}

/** Lets nobody by without the token, where one is set. What is routed before it is for everybody. */
export function requireToken(access: Access): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!access.needsToken) return next();
    // Another scheme is not meant for us: browsers send a proxy's Basic login along with our session.
    const bearer = /^Bearer(?: +(.*))?$/i.exec(c.req.header("authorization") ?? "");
    if (bearer) {
      access.checkToken(c, bearer[1] ?? "");
      return next();
    }
    const session = sessionOf(c);
    if (session === undefined || !access.sessions.has(session)) {
      throw unauthorized('Expected "Authorization: Bearer <token>", or a session of the page; got neither');
    }
    // A stream would outlive the session that it was allowed by.
    const outgoing = c.env?.outgoing;
    if (outgoing)
      outgoing.once(
        "close",
        access.sessions.onEnd(session, () => outgoing.destroy()),
      );
    await next();
  };
}

/** The id of the session that the page has; it may have ended. */
export const sessionOf = (c: Context<ApiEnv>): string | undefined =>
  getCookie(c, SECURE_COOKIE) ?? getCookie(c, COOKIE);

const unauthorized = (detail: string, why?: string): Problem =>
  new Problem(401, detail, {
    headers: { "WWW-Authenticate": ['Bearer realm="ksp"', why].filter(Boolean).join(", ") },
  });

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
