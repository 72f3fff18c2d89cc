/** The settings of the HTTP API and the page. What they have to do with one another is checked by http-settings.ts. */
import { z } from "zod";
import { port, secret, text } from "./setting-fields.ts";

const HOST_NAME = /^(?:[a-z\d_](?:[a-z\d_-]*[a-z\d_])?)(?:\.[a-z\d_](?:[a-z\d_-]*[a-z\d_])?)*$/i;

const host = (given: string, ctx: z.RefinementCtx): string => {
  if (HOST_NAME.test(given) || z.ipv6().safeParse(given).success) return given;
  ctx.addIssue({ code: "custom", message: `expected an address or name without port, got "${given}"` });
  return z.NEVER;
};

const hostNames = (given: string, ctx: z.RefinementCtx): string[] => {
  const names = given.split(",").map((name) => name.trim().toLowerCase());
  const bad = names.find((name) => !HOST_NAME.test(name));
  if (bad === undefined) return names;
  const expected = "expected names or IPv4 addresses without port, comma-separated";
  ctx.addIssue({ code: "custom", message: `${expected}, got "${bad}"` });
  return z.NEVER;
};

const file = (what: string) => text("a file").nullable().default(null).describe(what);

export const httpSettings = {
  HTTP_HOST: z
    .string()
    .transform(host)
    .default("127.0.0.1")
    .describe("address that the HTTP API and web UI listen on; beyond loopback only with HTTP_TOKEN"),
  HTTP_PORT: port().default(8080).describe("port of the HTTP API and web UI (0: any free one)"),
  METRICS_PORT: port()
    .nullable()
    .default(null)
    .describe(
      "port of a listener of its own for /metrics, /health, /livez and /readyz, with or without the API (0: any free one)",
    ),
  HTTP_TOKEN: secret("token that every HTTP request has to show, and that this program's verbs send"),
  HTTP_ALLOWED_HOSTS: z
    .string()
    .transform(hostNames)
    .default([])
    .describe("names beside loopback by which the HTTP API may be called, comma-separated"),
  HTTP_TLS_CERT_FILE: file("PEM file with the certificate of the HTTP API, and those of its issuers"),
  HTTP_TLS_KEY_FILE: file("PEM file with the certificate's key"),
};
