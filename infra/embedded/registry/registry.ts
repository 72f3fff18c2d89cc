/** The registry over its topic: one state, read along as the topic grows, and one write at a time. */
import { setTimeout as sleep } from "node:timers/promises";
import PQueue from "p-queue";
import type { Logger } from "../broker/logger.ts";
import { ApiError, notLeader, schemaTooLarge, storeError, storeTimeout } from "./api-error.ts";
import { watchForOtherWriter } from "./other-writer.ts";
import type { Decision } from "./register.ts";
import type { SchemasTopic, TopicRecord } from "./schemas-topic.ts";
import { EMPTY_STATE, evolve, type RegistryState } from "./state.ts";
import { fromStored, type RegistryRecord, toStored, type WrittenRecord } from "./stored-records.ts";

const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 5_000;
/** How long a write may take, and how many may wait. */
const WRITE_MS = 10_000;
const MAX_WAITING = 1_000;

export interface Registry {
  /** Throws ApiError 50001 while the topic has never been read to its end. */
  state(): RegistryState;
  /** Decides on the newest state, writes, and answers once what was written is read back. Rejects with ApiError. */
  write<T>(decide: (state: RegistryState) => Decision<T>): Promise<T>;
  /** Why it cannot read or write at the moment, or null. */
  trouble(): string | null;
  /** Resolves when the topic has been read to its end for the first time. */
  readonly loaded: Promise<void>;
  stop(): Promise<void>;
}

/** Reads on by itself until it is stopped; what fails is tried again. */
export function startRegistry(topic: SchemasTopic, logger: Logger): Registry {
  const stopping = new AbortController();
  const queue = new PQueue({ concurrency: 1 });
  const other = watchForOtherWriter(topic.writer);
  let state = EMPTY_STATE;
  let position = 0n; // the offset of the next record
  let trouble: string | null = "its topic has not been read yet";
  let isLoaded = false;
  let tellLoaded = (): void => {};
  const loaded = new Promise<void>((resolve) => {
    tellLoaded = resolve;
  });
  let waiting: Waiting[] = [];

  const advance = (records: readonly TopicRecord[], next: bigint): void => {
    state = evolve(state, parseRecords(records, logger));
    const found = other.see(records);
    if (found !== null) logger.error({ self: topic.writer }, found);
    position = next;
    waiting = waiting.filter(({ offset, resolve }) => {
      if (offset > position) return true;
      resolve();
      return false;
    });
  };

  const readAll = async (): Promise<void> => {
    await topic.prepare();
    const { start, end } = await topic.bounds();
    const isAnother = position < start || position > end;
    if (!isLoaded || isAnother) other.startAt(end);
    if (isAnother) {
      // Another topic of that name, or one that lost records: what it says holds.
      if (isLoaded) logger.warn({ position, start, end }, "_schemas is not what it was: reading it anew");
      state = EMPTY_STATE;
      position = start;
      for (const { reject } of waiting.splice(0)) reject(storeError("_schemas has lost records"));
    }
    while (!stopping.signal.aborted) {
      if (!isLoaded && position >= end) {
        isLoaded = true;
        tellLoaded();
      }
      if (position >= end && trouble !== null) {
        trouble = null;
        logger.info(
          { subjects: state.subjects.size, maxId: state.maxId },
          "schema registry has read its topic",
        );
      }
      const { records, next } = await topic.fetch(position);
      advance(records, next);
    }
  };

  const run = async (): Promise<void> => {
    for (
      let waitMs = RETRY_FIRST_MS;
      !stopping.signal.aborted;
      waitMs = Math.min(2 * waitMs, RETRY_MOST_MS)
    ) {
      try {
        await readAll();
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (trouble === null) waitMs = RETRY_FIRST_MS;
        trouble = (error as Error).message;
        logger.warn({ reason: trouble }, "schema registry cannot read its topic; trying again");
        await sleep(waitMs, null, { signal: stopping.signal }).catch(() => {}); // it stops
      }
    }
  };
  const running = run();

  const readUpTo = (offset: bigint): Promise<void> => {
    if (position >= offset) return Promise.resolve();
    return new Promise((resolve, reject) => waiting.push({ offset, resolve, reject }));
  };

  const current = (): RegistryState => {
    if (isLoaded) return state;
    throw storeError(`The schema registry has not read its topic yet: ${trouble}`);
  };

  const writeOne = async <T>(decide: (state: RegistryState) => Decision<T>, until: number): Promise<T> => {
    current();
    // Others may have written, and so may a write of ours that nobody knows the end of.
    await readUpTo((await topic.bounds()).end);
    if (performance.now() > until) throw timedOut();
    const { write, answer } = decide(state);
    if (write.length === 0) return answer;
    requireAlone();
    const added = write.filter((record) => isNewSchema(state, record)).map(toStored);
    const last = await topic.append(write.map(toStored));
    await readUpTo(last + 1n);
    // Decided before the other's record was known: an id may have been given out that the other has given out.
    if (other.cameBefore(last)) {
      if (added.length > 0) await topic.append(other.undo(added));
      requireAlone();
    }
    return answer;
  };

  const requireAlone = (): void => {
    const reason = other.trouble();
    if (reason !== null) throw notLeader(reason);
  };

  return {
    state: current,
    trouble: () => trouble ?? other.trouble(),
    loaded,
    write(decide) {
      if (queue.size >= MAX_WAITING)
        throw storeError(`${MAX_WAITING} writes are waiting already: try again later`);
      // Its place in the queue is held until its end is known, even if that is after the answer.
      const until = performance.now() + WRITE_MS;
      return inTime(queue.add(() => writeOne(decide, until)).catch(rethrow), WRITE_MS);
    },
    async stop() {
      stopping.abort();
      queue.clear();
      await topic.disconnect();
      await running;
    },
  };
}

const isNewSchema = (state: RegistryState, record: WrittenRecord): boolean =>
  record.type === "schema" && !state.subjects.get(record.subject)?.has(record.version);

interface Waiting {
  readonly offset: bigint;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const timedOut = (): ApiError =>
  storeTimeout(`The write was not confirmed within ${WRITE_MS / 1000} s: it may have happened or not`);

function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(timedOut()), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function rethrow(error: unknown): never {
  if (error instanceof ApiError) throw error;
  const { message, type } = error as Error & { readonly type?: string };
  if (type === "MESSAGE_TOO_LARGE" || type === "RECORD_LIST_TOO_LARGE") {
    throw schemaTooLarge("The schema is larger than a record of _schemas may be (max.message.bytes)");
  }
  throw storeError(`Error in the backend data store: ${message}`);
}

function parseRecords(records: readonly TopicRecord[], logger: Logger): RegistryRecord[] {
  return records.flatMap(({ offset, key, value }) => {
    try {
      const record = fromStored(key, value);
      if (record.type === "ignored" && record.keytype !== "NOOP") {
        logger.debug({ offset: String(offset), keytype: record.keytype }, "record of _schemas left alone");
      }
      return [record];
    } catch (error) {
      logger.error(
        { offset: String(offset), reason: (error as Error).message },
        "record of _schemas cannot be read",
      );
      return [];
    }
  });
}
