/**
 * The tab's one connection to /api/stream: what its parts want is merged into one request, which is closed while the
 * tab is hidden and opened again where it left off. Read by fetch rather than EventSource: only so can a request carry
 * Last-Event-ID at its first try and an answer say why it is none.
 */
import { signal } from "@preact/signals";
import { ApiError, refusalOf, signedOut, Unreachable } from "./api.ts";
import { type Message, parseMessage } from "./message.ts";
import { rawMembers } from "./raw-json.ts";
import { createSseParser, type ServerSentEvent } from "./sse.ts";
import type { DroppedEvent, InvocationEvent, LagEvent, Problem, StatsEvent } from "./types.ts";
import { resumeFrom, streamUrl, type Wants, wanted } from "./wants.ts";

export interface StreamListener extends Wants {
  onMessage?(message: Message): void;
  onStats?(stats: StatsEvent): void;
  onLag?(lag: LagEvent): void;
  onAlert?(alert: Message): void;
  onInvocation?(invocation: InvocationEvent): void;
  onDropped?(dropped: DroppedEvent): void;
  onProblem?(problem: Problem): void;
}

export type Connection =
  | { readonly state: "idle" | "connecting" | "live" | "paused" | "signed-out" }
  /** Lost, and tried again at `retryAt` (ms since 1970). */
  | { readonly state: "lost"; readonly reason: string; readonly retryAt: number };

/** How the connection does: shown in the shell, and by what depends on it. */
export const connection = signal<Connection>({ state: "idle" });

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** The server pings every 15 s: twice that and more without a byte is a dead connection. */
const SILENCE_MS = 40_000;

const listeners = new Set<StreamListener>();
let openUrl: string | null = null;
let controller: AbortController | null = null;
let lastId = "";
/** What the connection that gave `lastId` was opened for. */
let openedFor: readonly StreamListener[] = [];
let retries = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Gives a listener what it wants from now on, until the returned function is called. */
export function listen(listener: StreamListener): () => void {
  listeners.add(listener);
  adapt();
  return () => {
    listeners.delete(listener);
    adapt();
  };
}

/** Tries to connect now rather than when the wait is over. */
export function reconnect(): void {
  retries = 0;
  close();
  open();
}

let adapting = false;
/** Opens, changes or closes the connection, once for all changes of a moment. */
function adapt(): void {
  if (adapting) return;
  adapting = true;
  setTimeout(() => {
    adapting = false;
    if (document.hidden || streamUrl([...listeners]) === openUrl) return;
    close();
    open();
  });
}

function close(): void {
  clearTimeout(timer);
  controller?.abort();
  controller = null;
  openUrl = null;
}

function open(): void {
  const url = streamUrl([...listeners]);
  const wants = [...listeners];
  lastId = resumeFrom(lastId, openedFor, wants);
  openedFor = wants;
  if (url === null) {
    connection.value = { state: "idle" };
    return;
  }
  openUrl = url;
  if (signedOut.peek()) {
    connection.value = { state: "signed-out" };
    return;
  }
  const own = new AbortController();
  controller = own;
  if (connection.peek().state !== "live") connection.value = { state: "connecting" };
  read(url, own).catch((error: unknown) => lose(own, error));
}

async function read(url: string, own: AbortController): Promise<void> {
  const headers = { Accept: "text/event-stream", ...(lastId !== "" && { "Last-Event-ID": lastId }) };
  let silence = setTimeout(() => own.abort(), SILENCE_MS);
  try {
    const response = await fetch(url, { headers, signal: own.signal }).catch((error: unknown) => {
      throw new Unreachable(error);
    });
    if (!response.ok || response.body === null) {
      // Where to resume may be what is refused: too long for a header, say. The next try begins with now.
      if (response.status >= 400 && response.status < 500 && response.status !== 401) lastId = "";
      throw await refusalOf(response);
    }
    connection.value = { state: "live" };
    retries = 0;
    const parse = createSseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Unreachable("the stream ended");
      clearTimeout(silence);
      silence = setTimeout(() => own.abort(), SILENCE_MS);
      for (const event of parse(value)) hand(event);
    }
  } finally {
    clearTimeout(silence);
  }
}

function lose(own: AbortController, error: unknown): void {
  // Closed on purpose, or replaced by another: nothing was lost.
  if (controller !== own) return;
  own.abort();
  if (signedOut.peek()) {
    connection.value = { state: "signed-out" };
    return;
  }
  const reason =
    error instanceof ApiError || error instanceof Unreachable ? error.message : "The connection broke.";
  const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** retries++) * (0.75 + Math.random() / 2);
  connection.value = { state: "lost", reason, retryAt: Date.now() + wait };
  clearTimeout(timer);
  timer = setTimeout(open, wait);
}

function hand({ event, data, id }: ServerSentEvent): void {
  if (id !== null) lastId = id;
  if (data === "") return;
  if (event === "message") {
    const message = parseMessage(data);
    for (const each of listeners) if (wanted(each.topics, message.topic)) each.onMessage?.(message);
  } else if (event === "alert") {
    const message = parseMessage(rawMembers(data).get("message") ?? data);
    for (const each of listeners) if (each.alerts) each.onAlert?.(message);
  } else if (event === "invocation") {
    const invocation = JSON.parse(data) as InvocationEvent;
    for (const each of listeners)
      if (wanted(each.invocations, invocation.function)) each.onInvocation?.(invocation);
  } else if (event === "stats") {
    const stats = JSON.parse(data) as StatsEvent;
    for (const each of listeners) if (each.stats) each.onStats?.(stats);
  } else if (event === "lag") {
    const lag = JSON.parse(data) as LagEvent;
    for (const each of listeners) if (each.lag) each.onLag?.(lag);
  } else if (event === "dropped") {
    const dropped = JSON.parse(data) as DroppedEvent;
    for (const each of listeners) each.onDropped?.(dropped);
  } else if (event === "problem") {
    const problem = JSON.parse(data) as Problem;
    for (const each of listeners) each.onProblem?.(problem);
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    close();
    connection.value = { state: listeners.size > 0 ? "paused" : "idle" };
  } else if (openUrl === null) reconnect();
});
// Goes on where it was once there is a session again.
signedOut.subscribe((out) => {
  if (!out && connection.peek().state === "signed-out" && !document.hidden) reconnect();
});
addEventListener("online", () => {
  if (connection.peek().state === "lost") reconnect();
});
