/**
 * Reading what is on a topic, as the API sees it: pages, searches, downloads, single records. Times are ms since
 * 1970, offsets decimal strings.
 */
import type { RawRecord, RecordView } from "./view.ts";

export type BrowseMode =
  | "newest"
  | "oldest"
  | "from_offset"
  | "to_offset"
  | "from_timestamp"
  | "to_timestamp"
  | "range";

/** All that is given must hold of a record. */
export interface BrowseFilters {
  /** Text that the key, the value or a header's name or value contains, whatever its case. */
  readonly q: string | null;
  /** RE2 syntax, on the same. */
  readonly regex: string | null;
  /** CEL over key, value, headers, partition, offset, timestamp, topic. */
  readonly filter: string | null;
}

export interface BrowseRequest extends BrowseFilters {
  readonly topic: string;
  readonly mode: BrowseMode;
  /** Null: all. */
  readonly partitions: readonly number[] | null;
  /** For from_offset and to_offset; the record there belongs to it. */
  readonly offset: string | null;
  /** For from_timestamp and to_timestamp, inclusive. */
  readonly timestamp: number | null;
  /** For range, both inclusive. Null: the earliest, the end. */
  readonly from: number | null;
  readonly until: number | null;
  readonly limit: number;
  /** Where a page of the same request ended. */
  readonly pageToken: string | null;
}

/** Records that a CEL filter could not be evaluated on (a field that they do not have); they do not match. */
export interface FilterErrors {
  readonly count: number;
  readonly first: string;
}

export interface BrowsePage {
  /** In the order of time. */
  readonly records: readonly RecordView[];
  /** Where to go on, back or forth in time as the mode goes; null where nothing is left. */
  readonly nextPageToken: string | null;
  /** Offsets that were passed over to fill the page. */
  readonly scanned: number;
  readonly filterErrors: FilterErrors | null;
}

export interface SearchProgress {
  /** Offsets passed over, and how many there are. */
  readonly scanned: number;
  readonly total: number;
  readonly matched: number;
  readonly elapsedMs: number;
}

/** `progress` comes first and then twice a second at most, `done` last. */
export type SearchEvent =
  | { readonly kind: "record"; readonly record: RecordView }
  | ({ readonly kind: "progress" } & SearchProgress)
  | ({
      readonly kind: "done";
      /** Whether the search ended because it had found enough. */
      readonly limitReached: boolean;
      readonly nextPageToken: string | null;
      readonly filterErrors: FilterErrors | null;
    } & SearchProgress);

export interface WholeRecord {
  readonly record: RecordView;
  readonly raw: RawRecord;
}

/**
 * Why a request is not served: `invalid` names the parameter, `missing` is what is not there, `busy` that enough
 * others are being served, `unavailable` that Kafka does not give it. Thrown as the property `refusal` of an Error.
 */
export interface Refusal {
  readonly kind: "invalid" | "missing" | "busy" | "unavailable";
  readonly parameter?: string;
}

/** Every method rejects with a refusal, or when `signal` aborts. */
export interface BrowsePort {
  page(request: BrowseRequest, signal: AbortSignal): Promise<BrowsePage>;
  /**
   * Searches up to the ends as they are now. Rejects before the first event when the request is bad. What it holds is
   * freed when it ends or its `return()` is called. Modes that go back in time find the newest first.
   */
  search(request: BrowseRequest, signal: AbortSignal): Promise<AsyncGenerator<SearchEvent>>;
  /** Uncut records in the order in which a search finds them. */
  download(request: BrowseRequest, signal: AbortSignal): Promise<AsyncGenerator<RecordView>>;
  /** The whole record; null where there is none at this offset. */
  record(topic: string, partition: number, offset: string, signal: AbortSignal): Promise<WholeRecord | null>;
}
