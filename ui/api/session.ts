/** Signing in and out on the page: the token for a cookie that scripts cannot read and other sites cannot send. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { type Access, COOKIE, SECURE_COOKIE, sessionOf } from "../access/access.ts";
import { SESSION_MS } from "../access/sessions.ts";
import type { Api, ApiEnv } from "./api.ts";
import { bodyOf, checkBody, readJson } from "./body.ts";
import { requestedBy } from "./guard.ts";
import { Problem, problems } from "./problem.ts";

const signIn = z.strictObject({ token: z.string() });

const signInRoute = createRoute({
  method: "post",
  path: "/api/session",
  summary: "Sign in: a session for the token",
  description: "The answer's cookie stands for the token for 12 hours, or until the platform restarts.",
  request: { headers: requestedBy, body: bodyOf(signIn, "The token, as HTTP_TOKEN has it") },
  responses: { 204: { description: "Signed in" }, ...problems(400, 401, 403, 409, 413, 415, 429) },
});

const signOutRoute = createRoute({
  method: "delete",
  path: "/api/session",
  summary: "Sign out: ends the session and its streams",
  request: { headers: requestedBy },
  responses: { 204: { description: "Signed out" }, ...problems(403, 415) },
});

export function addSession(api: Api, access: Access): void {
  api.openapi(signInRoute, async (c) => {
    const { token } = checkBody(signIn, await readJson(c.req.raw));
    if (!access.needsToken)
      throw new Problem(409, "Expected HTTP_TOKEN to be set; it is not: no token is needed");
    access.checkToken(c, token);
    const secure = isSecure(c);
    setCookie(c, secure ? SECURE_COOKIE : COOKIE, access.sessions.open(), {
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
      secure,
      maxAge: SESSION_MS / 1_000,
    });
    return c.body(null, 204);
  });
  api.openapi(signOutRoute, (c) => {
    const session = sessionOf(c);
    if (session !== undefined) access.sessions.end(session);
    deleteCookie(c, COOKIE, { path: "/", httpOnly: true, sameSite: "Strict" });
    deleteCookie(c, SECURE_COOKIE, { path: "/", httpOnly: true, sameSite: "Strict", secure: true });
    return c.body(null, 204);
  });
}

/** By our own TLS, or by that of a proxy before us, which the page's origin tells. */
const isSecure = (c: Context<ApiEnv>): boolean =>
  [c.req.url, c.req.header("origin") ?? ""].some((url) => url.startsWith("https://"));
