/** What is checked before any route: who is asking, from where, and with what kind of request. */
import { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./api.ts";
import { Problem, shown } from "./problem.ts";

/** The header that every changing request carries. A cross-site form cannot set one; its value is free. */
export const REQUESTED_BY = "X-Requested-By";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** The platform answers to its own machine only. The Host check stops DNS rebinding: a page under a name that is made to point here. */
export const requireLoopbackHost: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const target = new URL(c.req.url).host;
  for (const host of [c.req.header("host") ?? target, target]) {
    if (!LOOPBACK.test(host)) {
      throw new Problem(403, `Host: expected localhost, 127.0.0.0/8 or [::1], got ${shown(host)}`);
    }
  }
  await next();
};

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Refuses requests that change something unless they are JSON, carry the custom header and come from our own page or no page. */
export const requireOwnRequest: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (SAFE.has(c.req.method)) return next();
  const origin = c.req.header("origin");
  const host = c.req.header("host") ?? new URL(c.req.url).host;
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new Problem(403, `Origin: expected none or ${shown(`http://${host}`)}, got ${shown(origin)}`);
  }
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    throw new Problem(403, `Sec-Fetch-Site: expected same-origin or none, got ${shown(site)}`);
  }
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
