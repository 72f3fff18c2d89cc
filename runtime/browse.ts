/**
 * Reads topics for people: pages, searches, downloads, single records. Each has a connection of its own, and only so
 * many run at a time.
 */
import { compileFilters, type RecordFilter } from "./browse-filter.ts";
import { checkRequest, directionOf } from "./browse-plan.ts";
import type { Fetch, PieceSize } from "./browse-read.ts";
import { BrowseRefusal } from "./browse-refusal.ts";
import { createScan, type Found, type Scan } from "./browse-scan.ts";
import { openSession } from "./browse-session.ts";
import { readPageToken, toPageToken } from "./browse-token.ts";
import { createBreather, createSlots, type Slots } from "./browse-turns.ts";
import type { BrowsePage, BrowsePort, BrowseRequest, SearchEvent, SearchProgress } from "./browse-view.ts";
import type { Cluster } from "./cluster.ts";
import { toRawRecord } from "./journal.ts";
import { type Readable, readAsIs, toStored } from "./readable.ts";
import { toRecordView } from "./record-view.ts";
import type { RecordView } from "./view.ts";

export interface Browse extends BrowsePort {
  /** Ends what is running. */
  stop(): void;
}

const MOST_SEARCHES = 4;
const MOST_PAGES = 16;
/** A page that has not filled up by then is given as it is, with the token to go on. */
const PAGE_OFFSETS = 200_000;
const PAGE_MS = 5_000;
const PROGRESS_MS = 500;
/** One fetch of a search: decoding it keeps the process busy for a few milliseconds. */
const SEARCH_BYTES = 256 * 1024;
/** What all partitions of one request may hold in memory, about. */
const MEMORY_BYTES = 32 * 1024 * 1024;
const LEAST_BYTES = 32 * 1024;

/** `now`: ms, monotonic. */
export function createBrowse(
  createCluster: () => Cluster,
  now: () => number,
  readable: Readable = readAsIs,
): Browse {
  const stopping = new AbortController();
  const pages = createSlots("pages", MOST_PAGES);
  const searches = createSlots("searches and downloads", MOST_SEARCHES);

  /** Runs until `signal` aborts, or `close()`. */
  const open = async (request: BrowseRequest, slots: Slots, given: AbortSignal) => {
    checkRequest(request);
    const resume = readPageToken(request);
    const filter = compileFilters(request.topic, request, now);
    const signal = AbortSignal.any([given, stopping.signal]);
    signal.throwIfAborted();
    const release = slots.take();
    const cluster = createCluster();
    let closed: Promise<void> | null = null;
    const close = (): Promise<void> => {
      signal.removeEventListener("abort", close);
      closed ??= cluster.disconnect().finally(release);
      return closed;
    };
    signal.addEventListener("abort", close);
    try {
      const { spans, fetch: fetchRaw } = await openSession(cluster, request, resume, signal);
      const fetch: Fetch = async (...from) => {
        const { records, nextOffset } = await fetchRaw(...from);
        await readable.prepare(request.topic, records);
        return { records: records.map((raw) => readable.read(request.topic, raw)), nextOffset };
      };
      const direction = directionOf(request);
      const size = pieceSize(request, filter, spans.length);
      const scan = createScan({ spans, direction, fetch, filter, size, breathe: createBreather(now) });
      const total = spans.reduce((sum, { start, end }) => sum + Number(end - start), 0);
      return { scan, filter, total, close, signal };
    } catch (error) {
      await close();
      signal.throwIfAborted();
      throw error;
    }
  };

  const view = ({ topic }: BrowseRequest, { partition, raw }: Found, shownBytes?: number): RecordView =>
    toRecordView(topic, partition, raw, shownBytes);

  const tokenOf = (request: BrowseRequest, scan: Scan): string | null =>
    scan.hasMore() ? toPageToken(request, scan.positions()) : null;

  type Opened = Awaited<ReturnType<typeof open>>;

  async function* search(request: BrowseRequest, opened: Opened): AsyncGenerator<SearchEvent> {
    const { scan, filter, total, close, signal } = opened;
    const startedAt = now();
    let progressAt = startedAt;
    let matched = 0;
    const progress = (): SearchProgress => ({
      scanned: scan.scanned(),
      total,
      matched,
      elapsedMs: Math.round(now() - startedAt),
    });
    try {
      yield { kind: "progress", ...progress() };
      while (matched < request.limit) {
        const found = await scan.next();
        if (found === "done") break;
        if (found) {
          matched += 1;
          yield { kind: "record", record: view(request, found) };
        }
        signal.throwIfAborted();
        if (now() - progressAt < PROGRESS_MS) continue;
        progressAt = now();
        yield { kind: "progress", ...progress() };
      }
      const nextPageToken = tokenOf(request, scan);
      const limitReached = nextPageToken !== null;
      yield { kind: "done", ...progress(), limitReached, nextPageToken, filterErrors: filter.errors() };
    } finally {
      await close();
    }
  }

  async function* download(
    request: BrowseRequest,
    { scan, close, signal }: Opened,
  ): AsyncGenerator<RecordView> {
    try {
      for (let count = 0; count < request.limit; ) {
        const found = await scan.next();
        if (found === "done") break;
        signal.throwIfAborted();
        if (!found) continue;
        count += 1;
        yield view(request, found, Number.POSITIVE_INFINITY);
      }
    } finally {
      await close();
    }
  }

  return {
    async page(request, signal): Promise<BrowsePage> {
      const { scan, filter, close } = await open(request, pages, signal);
      try {
        const deadline = now() + PAGE_MS;
        const records: RecordView[] = [];
        while (records.length < request.limit && scan.scanned() < PAGE_OFFSETS && now() < deadline) {
          const found = await scan.next();
          if (found === "done") break;
          if (found) records.push(view(request, found));
        }
        records.sort(byTime);
        return {
          records,
          nextPageToken: tokenOf(request, scan),
          scanned: scan.scanned(),
          filterErrors: filter.errors(),
        };
      } finally {
        await close();
      }
    },
    search: async (request, signal) => search(request, await open(request, searches, signal)),
    download: async (request, signal) => download(request, await open(request, searches, signal)),
    async record(topic, partition, offset, signal) {
      const request = {
        ...ANY,
        topic,
        partitions: [partition],
        mode: "from_offset",
        offset,
        limit: 1,
      } as const;
      const { scan, close } = await open(request, pages, signal);
      try {
        let found = await scan.next();
        while (found === null) found = await scan.next();
        if (found === "done" || found.raw.offset !== offset) return null;
        return {
          record: view(request, found, Number.POSITIVE_INFINITY),
          raw: toRawRecord(toStored(found.raw)),
        };
      } finally {
        await close();
      }
    },
    stop: () => stopping.abort(new BrowseRefusal("The platform is stopping", { kind: "unavailable" })),
  };
}

const ANY = { timestamp: null, from: null, until: null, pageToken: null, q: null, regex: null, filter: null };

/** Small for a page of all records, larger where many are looked through for a few. */
function pieceSize({ limit }: BrowseRequest, filter: RecordFilter, partitions: number): PieceSize {
  const most = Math.max(LEAST_BYTES, Math.min(SEARCH_BYTES, MEMORY_BYTES / Math.max(1, 4 * partitions)));
  if (!filter.isEmpty) return { records: 1_000, bytes: most };
  return { records: Math.min(limit, 1_000), bytes: Math.min(most, Math.max(LEAST_BYTES, limit * 512)) };
}

const byTime = (a: RecordView, b: RecordView): number =>
  a.timestamp - b.timestamp || a.partition - b.partition || (BigInt(a.offset) < BigInt(b.offset) ? -1 : 1);
