import { createRequire } from "node:module";
import kafkajs from "kafkajs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createKafkaFactory, describeError, isRefusal, kafkaErrorType } from "./kafka.ts";
import { createTestLog } from "./testing.ts";

const require = createRequire(import.meta.url);
const { createErrorFromCode, errorCodes } = require("kafkajs/src/protocol/error") as {
  createErrorFromCode(code: number): Error;
  errorCodes: { type: string; code: number }[];
};
const kafkaError = (type: string): Error =>
  createErrorFromCode(errorCodes.find((e) => e.type === type)!.code);
const retried = (error: Error): Error =>
  new kafkajs.KafkaJSNumberOfRetriesExceeded(error as never, { retryCount: 3, retryTime: 1 });

describe("isRefusal", () => {
  it.each([
    "MESSAGE_TOO_LARGE",
    "RECORD_LIST_TOO_LARGE",
    "CORRUPT_MESSAGE",
    "INVALID_TIMESTAMP",
    "INVALID_RECORD",
    "INVALID_REQUIRED_ACKS",
    "UNSUPPORTED_FOR_MESSAGE_FORMAT",
    "POLICY_VIOLATION",
  ])("is true of %s, by itself and after retries", (type) => {
    expect([isRefusal(kafkaError(type)), isRefusal(retried(kafkaError(type)))]).toEqual([true, true]);
  });

  it.each([
    "NOT_LEADER_FOR_PARTITION",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "REQUEST_TIMED_OUT",
    "TOPIC_AUTHORIZATION_FAILED",
  ])("is false of %s, which can pass", (type) => expect(isRefusal(retried(kafkaError(type)))).toBe(false));

  it("is false of what is no error of Kafka's", () => {
    for (const other of [new Error("no"), null, undefined, "text", 5]) expect(isRefusal(other)).toBe(false);
  });
});

describe("describeError", () => {
  it("names Kafka's error where its message does not", () => {
    expect(describeError(kafkaError("NOT_LEADER_FOR_PARTITION"))).toMatch(
      /^NOT_LEADER_FOR_PARTITION: This server is not/,
    );
    expect(describeError(Object.assign(new Error("got X_Y from broker"), { type: "X_Y" }))).toBe(
      "got X_Y from broker",
    );
    expect(describeError(new Error("plain"))).toBe("plain");
    expect(describeError("text")).toBe("text");
  });

  it("is one line, without OpenSSL's own places", () => {
    const place = "../deps/openssl/openssl/ssl/record/rec_layer_s3.c:1601";
    const told = `Connection error: 804C2F1D:error:0A000416:SSL routines:ssl3_read_bytes:sslv3 alert certificate unknown:${place}:SSL alert number 46\n`;
    expect(
      describeError(Object.assign(new Error(told), { code: "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN" })),
    ).toBe(
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: Connection error: sslv3 alert certificate unknown: SSL alert number 46 (see KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE)",
    );
  });

  it("looks through retries for the type", () => {
    expect(kafkaErrorType(retried(kafkaError("REQUEST_TIMED_OUT")))).toBe("REQUEST_TIMED_OUT");
    expect(kafkaErrorType(undefined)).toBeNull();
  });
});

describe("a Kafka client", () => {
  const level = (level: string): string[] => {
    const { log, lines } = createTestLog();
    log.level = level;
    const client = createKafkaFactory({ brokers: ["127.0.0.1:1"], clientId: "c" }, log)("f");
    const logger = client.logger();
    logger.error("broken", { topic: "t" });
    logger.debug("detail");
    return lines.map((line) => `${line.level} ${line.msg} ${line.client}`);
  };

  it("logs what kafkajs says one level down: most of its errors are retries", () => {
    expect(level("trace")).toEqual(["20 broken f", "10 detail f"]);
    expect(level("debug")).toEqual(["20 broken f"]);
    expect(level("info")).toEqual([]);
  });
});

describe("kafkajs's request queue", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const queue = () => {
    createKafkaFactory({ brokers: ["127.0.0.1:1"], clientId: "c" }, createTestLog().log);
    const { prototype } = require("kafkajs/src/network/requestQueue") as {
      prototype: { scheduleCheckPendingRequests(): void };
    };
    const checks = vi.fn();
    const made = Object.assign(Object.create(prototype), {
      pending: [] as unknown[],
      throttledUntil: -1,
      throttleCheckTimeoutId: null,
      checkPendingRequests: checks,
    });
    return { made: made as { pending: unknown[]; throttledUntil: number } & typeof prototype, checks };
  };

  it("sets no timer while nothing is pending: it would be re-armed for ever", () => {
    const { made } = queue();
    made.scheduleCheckPendingRequests();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("checks once what is pending, when throttling is over", () => {
    const { made, checks } = queue();
    made.pending.push("request");
    made.throttledUntil = Date.now() + 500;
    made.scheduleCheckPendingRequests();
    made.scheduleCheckPendingRequests();
    vi.advanceTimersByTime(499);
    expect(checks).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(checks).toHaveBeenCalledOnce();
    made.scheduleCheckPendingRequests(); // the timer has run out, so it may be set again
    expect(vi.getTimerCount()).toBe(1);
  });
});
