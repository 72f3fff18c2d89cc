/** What is asked of a topic's records: as the address has it, as the API takes it, as the form shows it. Pure. */
import { apiPath, type Query, withQuery } from "../../data/api.ts";

export const MODES = [
  { value: "newest", label: "Newest first" },
  { value: "oldest", label: "Oldest first" },
  { value: "from_offset", label: "From an offset on" },
  { value: "to_offset", label: "Up to an offset" },
  { value: "from_timestamp", label: "From a time on" },
  { value: "to_timestamp", label: "Up to a time" },
  { value: "range", label: "Between two times" },
] as const;

export type Mode = (typeof MODES)[number]["value"];

/** Text as it stands in the address; "" is: not given. Times are ISO 8601. */
export interface BrowseQuery {
  readonly mode: Mode;
  /** `0,2`; all where it is empty. */
  readonly partitions: string;
  readonly offset: string;
  readonly timestamp: string;
  readonly from: string;
  readonly until: string;
  readonly limit: string;
  readonly q: string;
  readonly regex: string;
  readonly filter: string;
}

const DEFAULTS: BrowseQuery = {
  mode: "newest",
  partitions: "",
  offset: "",
  timestamp: "",
  from: "",
  until: "",
  limit: "100",
  q: "",
  regex: "",
  filter: "",
};

const NAMES = Object.keys(DEFAULTS) as (keyof BrowseQuery)[];

/** Of an address; what it does not name is as usual. A mode that there is none of is left for the server to refuse. */
export function fromAddress(query: Readonly<Record<string, string | undefined>>): BrowseQuery {
  const given = NAMES.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]]));
  return { ...DEFAULTS, ...Object.fromEntries(given) };
}

/** The parts of an address for it: what is as usual, or has no meaning in this mode, is null and so left out. */
export function toAddress(browse: BrowseQuery): Query {
  const used = relevant(browse);
  return Object.fromEntries(NAMES.map((name) => [name, used[name] === DEFAULTS[name] ? null : used[name]]));
}

/** Without what the mode makes no use of. */
function relevant(browse: BrowseQuery): BrowseQuery {
  const { mode } = browse;
  return {
    ...browse,
    offset: usesOffset(mode) ? browse.offset.trim() : "",
    timestamp: usesTimestamp(mode) ? browse.timestamp : "",
    from: mode === "range" ? browse.from : "",
    until: mode === "range" ? browse.until : "",
  };
}

export const usesOffset = (mode: Mode): boolean => mode === "from_offset" || mode === "to_offset";
export const usesTimestamp = (mode: Mode): boolean => mode === "from_timestamp" || mode === "to_timestamp";

/** Whether further pages go back in time: the newest record of all is then shown first. */
export const goesBack = (mode: Mode): boolean => ["newest", "to_offset", "to_timestamp"].includes(mode);

/** Whether records are looked for, rather than shown one after the other. */
export const isSearch = ({ q, regex, filter }: BrowseQuery): boolean =>
  [q, regex, filter].some((text) => text.trim() !== "");

const apiQuery = (browse: BrowseQuery): Query => ({ ...relevant(browse) });

export const pageUrl = (topic: string, browse: BrowseQuery, pageToken: string | null): string =>
  withQuery(apiPath("messages", topic), { ...apiQuery(browse), page_token: pageToken });

export const searchUrl = (topic: string, browse: BrowseQuery, pageToken: string | null): string =>
  withQuery(apiPath("search", topic), { ...apiQuery(browse), page_token: pageToken });

/** As many records as the server gives in one file. */
const DOWNLOAD_LIMIT = 1_000_000;

export const downloadUrl = (topic: string, browse: BrowseQuery, format: "ndjson" | "csv"): string =>
  withQuery(`${apiPath("messages", topic)}/download`, { ...apiQuery(browse), limit: DOWNLOAD_LIMIT, format });

/** A datetime-local input's text (local time, to the ms) of an ISO time or ms since 1970; "" where it is none. */
export function toLocalInput(time: string): string {
  const at = new Date(/^\d+$/.test(time) ? Number(time) : time);
  if (time === "" || Number.isNaN(at.getTime())) return "";
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, -1);
}

/** The ISO time of a datetime-local input's text; "" where it is none (yet). */
export function fromLocalInput(text: string): string {
  const at = new Date(text);
  return text === "" || Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

/** `0,2` with one partition more, or less where it is there; "" where that makes all of them. */
export function togglePartition(chosen: string, partition: number, all: readonly number[]): string {
  const before = chosen === "" ? all : chosen.split(",").map(Number);
  const after = before.includes(partition)
    ? before.filter((one) => one !== partition)
    : [...before, partition];
  const known = all.filter((one) => after.includes(one));
  return known.length === all.length || known.length === 0 ? "" : known.join(",");
}

export const isChosen = (chosen: string, partition: number): boolean =>
  chosen === "" || chosen.split(",").includes(String(partition));
