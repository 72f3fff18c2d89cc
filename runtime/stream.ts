/** The live stream's side of the runtime: what feeds it, and the lag that is always kept. */

import type { AdminPort } from "./admin-client.ts";
import type { Cluster } from "./cluster.ts";
import type { Topic } from "./define.ts";
import { createFunctionRates } from "./function-rates.ts";
import type { Journal } from "./journal.ts";
import { createLagHistory, type LagHistory } from "./lag-history.ts";
import type { Logger } from "./log.ts";
import type { Observer } from "./observer.ts";
import { createReadMissed } from "./read-missed.ts";
import type { Readable } from "./readable.ts";
import type { FunctionStatus } from "./status.ts";
import type { StreamView } from "./stream-view.ts";
import type { Tail } from "./tail.ts";

export interface Stream {
  readonly view: StreamView;
  readonly lag: LagHistory;
  start(): void;
  stop(): Promise<void>;
}

export function createStream(options: {
  statuses: ReadonlyMap<string, FunctionStatus>;
  journal: Journal;
  observer: Observer;
  tail: Tail;
  admin: AdminPort;
  /** A connection of its own: others may be held up by a long poll. */
  cluster: Cluster;
  topics: readonly Topic[];
  readable: Readable;
  now(): number;
  log: Logger;
}): Stream {
  const { statuses, journal, observer, tail, cluster } = options;
  const lag = createLagHistory(options);
  const rates = createFunctionRates();
  const alertTopics = new Set(options.topics.filter((topic) => topic.alerts).map((topic) => topic.name));
  let unlisten = (): void => {};
  return {
    view: {
      ready: () => tail.ready(),
      positions: () => tail.positions(),
      listen: (listener) => tail.listen(listener),
      missed: createReadMissed({ tail, cluster, observer, readable: options.readable }),
      alertTopics: () => alertTopics,
      onInvocation: (listener) => journal.listen(listener),
      rates: () => rates.rates(),
      lag: () => lag.current(),
      onLag: (listener) => lag.listen(listener),
      lagHistory: (group) => lag.points(group),
    },
    lag,
    start() {
      unlisten = observer.listen(({ takenAt }) => rates.sample(statuses, takenAt));
      lag.start();
    },
    async stop() {
      unlisten();
      lag.stop();
      await cluster.disconnect();
    },
  };
}
