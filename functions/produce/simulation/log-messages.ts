/** What services log, by level: templates filled with plausible values. */
import type { Level } from "../../topics/application-logs.ts";
import { between, hex8, pick, type Random } from "./draw.ts";

type Template = (chance: Random) => string;

/** What went wrong: the message, and the exception in its stack trace. */
export interface Failure {
  readonly message: string;
  readonly exception: string;
}

type FailureTemplate = (chance: Random) => Failure;

const ms = (c: Random, min: number, max: number) => `${between(c, min, max)} ms`;
const user = (c: Random) => `user_${between(c, 1_000, 9_999)}`;
const order = (c: Random) => `ord_${between(c, 100_000, 999_999)}`;
const table = (c: Random) => pick(c, ["users", "orders", "payments", "stock", "sessions"]);
const path = (c: Random) =>
  pick(c, ["/api/orders", "/api/users/me", "/api/cart", "/api/search", "/api/login"]);
const database = (c: Random) => pick(c, ["db-server-01", "db-server-02"]);

const routine: Record<"DEBUG" | "INFO" | "WARN", readonly Template[]> = {
  DEBUG: [
    (c) => `Cache ${pick(c, ["hit", "miss"])} for session:${hex8(c)}`,
    (c) => `Query on ${table(c)} took ${ms(c, 1, 40)}, ${between(c, 0, 250)} rows`,
    (c) => `Acquired connection ${between(c, 1, 50)} of 50 from the pool`,
    (c) => `Entering handler for ${path(c)}`,
    (c) => `Configuration unchanged, checksum ${hex8(c)}`,
  ],
  INFO: [
    (c) => `${pick(c, ["GET", "POST"])} ${path(c)} ${pick(c, [200, 200, 201, 204, 304])} in ${ms(c, 3, 180)}`,
    (c) => `Order ${order(c)} accepted with ${between(c, 1, 5)} items`,
    (c) => `User ${user(c)} authenticated`,
    (c) => `Sent confirmation for ${order(c)}`,
    (c) => `Scheduled job cleanup finished: ${between(c, 0, 900)} rows in ${ms(c, 20, 900)}`,
    (c) => `Health check passed in ${ms(c, 1, 15)}`,
  ],
  WARN: [
    (c) => `Slow query on ${table(c)}: ${ms(c, 800, 4_000)}`,
    (c) => `Retry ${between(c, 1, 3)} of 3 for ${path(c)} after ${ms(c, 100, 2_000)}`,
    (c) => `Heap at ${between(c, 75, 92)} % of its limit`,
    (c) => `Rate limit near for ${user(c)}: ${between(c, 80, 99)} of 100 requests`,
    (c) => `Deprecated endpoint ${path(c)}/v1 was called`,
    (c) => `Connection pool at ${between(c, 40, 49)} of 50`,
  ],
};

const errors: readonly FailureTemplate[] = [
  (c) => ({ message: `Could not save ${order(c)}: deadlock on ${table(c)}`, exception: "DeadlockError" }),
  (c) => ({
    message: `Request to ${path(c)} timed out after ${ms(c, 3_000, 10_000)}`,
    exception: "TimeoutError",
  }),
  (c) => ({
    message: `Invalid response from ${database(c)}: connection reset`,
    exception: "ConnectionResetError",
  }),
  (c) => ({ message: `Card of ${user(c)} was declined by the processor`, exception: "PaymentDeclinedError" }),
  (c) => ({ message: `Unexpected token in the body of ${path(c)}`, exception: "SyntaxError" }),
];

const fatals: readonly FailureTemplate[] = [
  (c) => ({
    message: `Out of memory: heap of ${between(c, 2, 8)} GB is full, stopping`,
    exception: "OutOfMemoryError",
  }),
  (c) => ({ message: `Lost all connections to ${database(c)}, stopping`, exception: "ConnectionLostError" }),
  (c) => ({ message: `Disk full while writing ${table(c)}, stopping`, exception: "NoSpaceError" }),
];

/** Why a service fails in an incident: all of its errors tell the same story. */
export const causes: readonly FailureTemplate[] = [
  (c) => ({
    message: `Connection pool exhausted: 50 of 50 in use, waited ${ms(c, 5_000, 30_000)}`,
    exception: "PoolTimeoutError",
  }),
  (c) => ({
    message: `Could not reach ${database(c)}:5432: connection refused`,
    exception: "ConnectionRefusedError",
  }),
  (c) => ({
    message: `Cannot read property "id" of undefined while handling ${path(c)}`,
    exception: "TypeError",
  }),
  (c) => ({
    message: `TLS handshake failed after ${ms(c, 5, 90)}: certificate has expired`,
    exception: "CertificateExpiredError",
  }),
];

export const routineMessage = (level: "DEBUG" | "INFO" | "WARN", chance: Random): string =>
  pick(chance, routine[level])(chance);

export const failure = (level: Extract<Level, "ERROR" | "FATAL">, chance: Random): Failure =>
  pick(chance, level === "ERROR" ? errors : fatals)(chance);

/** What a caller logs about a service that fails. */
export const upstreamFailure = (service: string, chance: Random): Failure => ({
  message: `Call to ${service} failed: ${pick(chance, ["503 Service Unavailable", "timeout after 3000 ms", "circuit breaker open"])}`,
  exception: "UpstreamError",
});

/** A stack trace as a runtime would print it. */
export function stackTrace({ message, exception }: Failure, service: string, chance: Random): string {
  const frame = (where: string) => `    at ${where}:${between(chance, 12, 480)}:${between(chance, 3, 40)})`;
  return [
    `${exception}: ${message}`,
    frame(`${pick(chance, ["handle", "process", "execute", "load"])} (/srv/${service}/src/handler.js`),
    frame(`${pick(chance, ["next", "dispatch"])} (/srv/${service}/node_modules/router/index.js`),
    frame(`Server.onRequest (/srv/${service}/src/server.js`),
  ].join("\n");
}
