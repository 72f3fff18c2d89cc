/**
 * All clients of the live stream. What they have in common is computed and written once; what nobody follows costs
 * nothing: no listener, no timer.
 */
import type { GroupView, ReadView } from "../../runtime/view.ts";
import { StreamClient } from "./client.ts";
import { toEvent } from "./events.ts";
import { Feeds } from "./feeds.ts";
import { InvocationFeed } from "./invocation-feed.ts";
import { createJsonCache, MessageFeed } from "./message-feed.ts";
import { resume } from "./resume.ts";
import { Shared } from "./shared.ts";
import { toLag, toStats } from "./stats.ts";
import type { Vector } from "./vector.ts";

const PING_MS = 15_000;
const STATS_MS = 1_000;

export interface StreamRequest {
  /** Null: no messages. */
  readonly topics: "*" | readonly string[] | null;
  readonly alerts: boolean;
  readonly stats: boolean;
  readonly lag: boolean;
  /** Of which functions; null: none. */
  readonly invocations: "*" | readonly string[] | null;
  /** Where a client that was here before goes on. */
  readonly resumeFrom: Vector | null;
}

const every = (ms: number, tell: () => void) => (): (() => void) => {
  const timer = setInterval(tell, ms);
  return () => clearInterval(timer);
};

export class StreamHub {
  readonly #view: ReadView;
  readonly #clients = new Set<StreamClient>();
  readonly #toJson = createJsonCache();
  readonly #pings: Shared<StreamClient>;
  readonly #stats: Shared<StreamClient>;
  readonly #lag: Shared<StreamClient>;
  readonly #messages: Feeds<MessageFeed>;
  readonly #invocations: Feeds<InvocationFeed>;

  /** Ends every client when `stopping` aborts. */
  constructor(view: ReadView, stopping: AbortSignal) {
    this.#view = view;
    const { stream } = view;
    this.#pings = new Shared(every(PING_MS, () => this.#pings.each((client) => client.ping())));
    this.#stats = new Shared(every(STATS_MS, () => tell(this.#stats, "stats", toStats(view))));
    this.#lag = new Shared(() => stream.onLag((groups) => tell(this.#lag, "lag", toLag(groups))));
    this.#messages = new Feeds((each) => stream.listen((batch) => each((feed) => feed.take(batch))));
    this.#invocations = new Feeds((each) =>
      stream.onInvocation((invocation) => each((feed) => feed.take(invocation))),
    );
    stopping.addEventListener("abort", () => {
      for (const client of this.#clients) client.end();
    });
  }

  /** How many clients there are. */
  get size(): number {
    return this.#clients.size;
  }

  open(request: StreamRequest): StreamClient {
    const leaves: (() => void)[] = [];
    const client = new StreamClient(() => {
      for (const leave of leaves) leave();
    });
    this.#clients.add(client);
    leaves.push(() => this.#clients.delete(client), this.#pings.add(client));
    if (request.stats) {
      client.setNewest("stats", toBytes("stats", toStats(this.#view)));
      leaves.push(this.#stats.add(client));
    }
    if (request.lag) {
      const groups: readonly GroupView[] | null = this.#view.stream.lag();
      if (groups) client.setNewest("lag", toBytes("lag", toLag(groups)));
      leaves.push(this.#lag.add(client));
    }
    if (request.invocations !== null) {
      const names = toSelection(request.invocations);
      const create = (): InvocationFeed => new InvocationFeed(names);
      leaves.push(this.#invocations.join(toKey(request.invocations), client, create).leave);
    }
    if (request.topics !== null || request.alerts) {
      void this.#view.stream.ready().then(() => {
        if (!client.ended) leaves.push(this.#followMessages(client, request));
      });
    }
    return client;
  }

  #followMessages(client: StreamClient, { topics, alerts, resumeFrom }: StreamRequest): () => void {
    const { stream } = this.#view;
    const create = (): MessageFeed =>
      new MessageFeed(
        { topics: toSelection(topics ?? []), alertTopics: alerts ? stream.alertTopics() : new Set() },
        stream.positions(),
        this.#toJson,
      );
    const key = `${alerts} ${toKey(topics ?? [])}`;
    const { feed, leave } = this.#messages.join(key, client, create);
    if (resumeFrom === null) client.push(feed.toOpening());
    else {
      client.hold();
      const resumed = resume(stream, feed.selection, resumeFrom, feed.vector.copy());
      void resumed.then(({ chunks, lost }) => client.release(chunks, lost));
    }
    return leave;
  }
}

const toSelection = (names: "*" | readonly string[]): "*" | ReadonlySet<string> =>
  names === "*" ? names : new Set(names);

const toKey = (names: "*" | readonly string[]): string =>
  names === "*" ? names : [...new Set(names)].sort().join(",");

const toBytes = (event: string, data: unknown): Uint8Array =>
  Buffer.from(toEvent(event, JSON.stringify(data)));

/** Written once for all. */
function tell(clients: Shared<StreamClient>, event: string, data: unknown): void {
  const bytes = toBytes(event, data);
  clients.each((client) => client.setNewest(event, bytes));
}
