/** kafkajs as this platform uses it: its known faults patched, its codecs registered, its logs in ours. */
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import kafkajs, { type ISocketFactory, type Kafka, type logLevel as LogLevel } from "kafkajs";
import { registerCodecs } from "./codecs.ts";
import { type KafkaSecurity, NO_SECURITY } from "./kafka-security.ts";
import type { Logger } from "./log.ts";
import { securityHint } from "./security-hint.ts";

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Left out: neither TLS nor SASL. */
  readonly security?: KafkaSecurity;
}

/** Makes clients. Each consumer needs one of its own: kafkajs shares committed offsets inside a client. */
export type KafkaFactory = (name: string) => Kafka;

const require = createRequire(import.meta.url);
const openSocket = (require("kafkajs/src/network/socketFactory") as () => ISocketFactory)();
const connections = new WeakMap<Kafka, { readonly open: Set<Socket>; closed: boolean }>();

/**
 * Closes what a client that is done with has left open, and lets it open nothing more: after a cut, kafkajs can
 * connect anew to a broker that it has struck off its list, and then nothing closes that connection any more.
 */
export function closeConnections(kafka: Kafka): void {
  const known = connections.get(kafka);
  if (!known) return;
  known.closed = true;
  for (const socket of known.open) close(socket);
}

/** With an error, for kafkajs does not listen for "close", and would go on to watch the connection. */
const close = (socket: Socket): Socket => socket.destroy(new Error("no longer needed"));

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

/**
 * kafkajs re-arms a timer of 0–10 ms for ever after the first response, on each socket (kafkajs#1556): 5 % of a
 * core when idle. A check is needed only while something is pending.
 */
function patchRequestQueue(): void {
  const { prototype } = require("kafkajs/src/network/requestQueue") as { prototype: RequestQueue };
  Object.assign(prototype, {
    scheduleCheckPendingRequests(this: RequestQueue) {
      if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
      const delay = Math.max(1, this.throttledUntil - Date.now());
      this.throttleCheckTimeoutId = setTimeout(() => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      }, delay);
    },
  });
}

let prepared = false;

export function createKafkaFactory(settings: KafkaSettings, log: Logger): KafkaFactory {
  if (!prepared) {
    patchRequestQueue();
    registerCodecs();
    prepared = true;
  }
  const { tls, sasl } = settings.security ?? NO_SECURITY;
  return (name) => {
    const own = { open: new Set<Socket>(), closed: false };
    const kafka = new kafkajs.Kafka({
      brokers: [...settings.brokers],
      clientId: `${settings.clientId}-${name}`,
      ...(sasl && { sasl }),
      // Less than a session lasts: one that is always about to end would be begun anew for each request, and Kafka
      // refuses that within a second.
      reauthenticationThreshold: 2_000,
      socketFactory(args) {
        const ssl = tls();
        const socket = openSocket(ssl ? { ...args, ssl } : args);
        if (own.closed) return close(socket);
        own.open.add(socket);
        return socket.once("close", () => own.open.delete(socket));
      },
      connectionTimeout: 3_000,
      requestTimeout: 30_000,
      // Long-lived retrying is ours: kafkajs only bridges what is over in a moment.
      retry: { initialRetryTime: 100, retries: 3, maxRetryTime: 2_000 },
      logLevel: levelOf(log),
      logCreator: () => (entry) => {
        const { message, timestamp: _, logger: __, ...fields } = entry.log;
        // What kafkajs calls an error is mostly a retry: what matters is told by the code that gives up.
        if (entry.level <= kafkajs.logLevel.WARN)
          log.debug({ kafkajs: entry.namespace, client: name, ...fields }, message);
        else log.trace({ kafkajs: entry.namespace, client: name, ...fields }, message);
      },
    });
    connections.set(kafka, own);
    return kafka;
  };
}

/** kafkajs builds each log entry before it is asked whether anyone reads it, so it is told the level. */
function levelOf(log: Logger): LogLevel {
  if (log.isLevelEnabled("trace")) return kafkajs.logLevel.DEBUG;
  return log.isLevelEnabled("debug") ? kafkajs.logLevel.WARN : kafkajs.logLevel.NOTHING;
}

/** Error codes by which Kafka says that it will never take these records as they are. */
const REFUSED = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "CORRUPT_MESSAGE",
  "INVALID_TIMESTAMP",
  "INVALID_RECORD",
  "INVALID_REQUIRED_ACKS",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
  "POLICY_VIOLATION",
]);

/** Kafka's name of an error, looking through the retry wrappers of kafkajs. */
export function kafkaErrorType(error: unknown): string | null {
  for (let at = error as { type?: unknown; cause?: unknown } | undefined; at; at = at.cause as typeof at) {
    if (typeof at.type === "string") return at.type;
  }
  return null;
}

/** Whether trying the same records again can never help. */
export const isRefusal = (error: unknown): boolean => REFUSED.has(kafkaErrorType(error) ?? "");

/** The code that Node or OpenSSL gives an error, looking through the wrappers of kafkajs. */
function codeOf(error: unknown): string | null {
  for (let at = error as { code?: unknown; cause?: unknown } | undefined; at; at = at.cause as typeof at) {
    if (typeof at.code === "string") return at.code;
  }
  return null;
}

/** OpenSSL tells its own source's line with its reason, and ends in a line break. */
const inOneLine = (message: string): string =>
  message
    .replace(/[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):[^:]*:\d+:/, "$1: ")
    .replace(/\s+/g, " ")
    .trim();

/** An error in one line, with Kafka's or TLS's name of it, and the setting to look at where one may be wrong. */
export function describeError(error: unknown): string {
  const message = inOneLine((error instanceof Error ? error : new Error(String(error))).message);
  const type = kafkaErrorType(error);
  const code = codeOf(error);
  const hint = securityHint(message, code, type);
  const name = type ?? (hint === null ? null : code);
  const named = name && !message.includes(name) ? `${name}: ${message}` : message;
  return hint === null ? named : `${named} (${hint})`;
}

/**
 * The same of a Kafka that has not been reached yet. One that expects TLS or SASL where none is used closes the
 * connection without a word; later on, closed connections are nothing special.
 */
export function describeUnreached(error: unknown): string {
  const told = describeError(error);
  return told.includes("Closed connection")
    ? `${told} (does Kafka expect TLS or SASL? see KAFKA_SSL and KAFKA_SASL_MECHANISM)`
    : told;
}
