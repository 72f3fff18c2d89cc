/** What is checked before any route: who is asking, from where, and with what kind of request. */
import { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Access } from "../access/access.ts";
import type { ApiEnv } from "./api.ts";
import { Problem, shown } from "./problem.ts";

/** The header that every changing request carries. A cross-site form cannot set one; its value is free. */
export const REQUESTED_BY = "X-Requested-By";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Answers only to names that are ours: loopback's, those that are allowed, and, where a token is needed, the address
 * at which the connection arrived. The check stops DNS rebinding: a page under a name that is made to point here.
 */
export function requireHost({ allowedHosts, needsToken }: Access): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const target = new URL(c.req.url).host;
    const arrived = needsToken ? c.env?.incoming?.socket.localAddress : undefined;
    for (const host of [c.req.header("host") ?? target, target]) {
      if (LOOPBACK.test(host)) continue;
      const name = /^([^:[\]]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
      if (name !== undefined && (allowedHosts.includes(name) || name === toHost(arrived))) continue;
      const others = needsToken ? ", or a name of HTTP_ALLOWED_HOSTS" : "";
      throw new Problem(403, `Host: expected localhost, 127.0.0.0/8 or [::1]${others}, got ${shown(host)}`);
    }
    await next();
  };
}

/** An address as a Host has it. */
function toHost(address: string | undefined): string | undefined {
  const ipv4 = address?.replace(/^::ffff:(?=[\d.]+$)/, "");
  return ipv4?.includes(":") ? `[${ipv4}]` : ipv4;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what another site's page makes a browser ask for, be it only to keep the server busy; and requests that
 * change something unless they are JSON and carry the custom header.
 */
export const requireOwnRequest: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const origin = c.req.header("origin");
  const url = new URL(c.req.url);
  const host = c.req.header("host") ?? url.host;
  const own = `${url.protocol}//${host}`;
  // A proxy before us may speak TLS where we do not: its page has our Host's name under https.
  const throughProxy = !LOOPBACK.test(host) && origin === `https://${host}`;
  if (origin !== undefined && origin !== own && !throughProxy) {
    throw new Problem(403, `Origin: expected none or ${shown(own)}, got ${shown(origin)}`);
  }
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    throw new Problem(403, `Sec-Fetch-Site: expected same-origin or none, got ${shown(site)}`);
  }
  if (SAFE.has(c.req.method)) return next();
  if (!c.req.header(REQUESTED_BY)) {
    throw new Problem(403, `${REQUESTED_BY}: expected this header with any text, got none`);
  }
  const type = c.req.header("content-type");
  if (!/^application\/json\s*(?:;|$)/i.test(type ?? "")) {
    throw new Problem(415, `Content-Type: expected application/json, got ${type ? shown(type) : "none"}`);
  }
  await next();
};

/** Refuses every request that is not only reading, where the platform is to be looked at only. */
export function refuseWrites(readOnly: boolean): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (readOnly && !SAFE.has(c.req.method)) {
      throw new Problem(403, `READ_ONLY is set: expected a request that only reads, got ${c.req.method}`);
    }
    await next();
  };
}

/** The header as a route that changes something declares it in OpenAPI. */
export const requestedBy = z.object({
  [REQUESTED_BY]: z.string().optional().openapi({
    description: "Required, any text: a cross-site form cannot send it",
    example: "curl",
  }),
});
