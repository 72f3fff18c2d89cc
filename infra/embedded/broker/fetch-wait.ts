import type { Partition } from "./partition.ts";

/**
 * Waits until `isReady` says so: asked again whenever one of the partitions has got records or was deleted. Also ends
 * after `maxWaitMs`, and when `signal` aborts; nothing is left behind in any case.
 */
export function waitForPartitions(options: {
  partitions: readonly Partition[];
  isReady: () => boolean;
  maxWaitMs: number;
  signal: AbortSignal;
}): Promise<void> {
  const { partitions, isReady, maxWaitMs, signal } = options;
  return new Promise((resolve, reject) => {
    const release = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      for (const unwatch of unwatchers) unwatch();
    };
    const finish = (): void => {
      release();
      resolve();
    };
    const onChange = (): void => {
      try {
        if (isReady()) finish();
      } catch (error) {
        release();
        reject(error);
      }
    };
    const timer = setTimeout(finish, maxWaitMs);
    const unwatchers = partitions.map((partition) => partition.watch(onChange));
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
  });
}
