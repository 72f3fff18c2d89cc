import { LogClosedError } from "../log/log-errors.ts";
import type { Logger } from "./logger.ts";
import type { Topics } from "./topics.ts";

/** Goes through the compacted topics in the background, one partition at a time, as long as there is something to do. */
export class LogCleaner {
  private readonly topics: Topics;
  private readonly logger: Logger;
  private readonly backoffMs: number;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(topics: Topics, logger: Logger, backoffMs: number) {
    this.topics = topics;
    this.logger = logger;
    this.backoffMs = backoffMs;
  }

  start(): void {
    this.timer = setTimeout(() => {
      void this.cleanAll().then(() => {
        if (!this.stopped) this.start();
      });
    }, this.backoffMs);
  }

  /** The partition being compacted is not waited for: closing its log ends that. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Compacts every partition that is due. What fails is logged, and tried again the next time. */
  async cleanAll(): Promise<void> {
    for (const { name, config, partitions } of this.topics.list()) {
      if (!config.compact) continue;
      for (const partition of partitions) {
        if (this.stopped) return;
        const where = { topic: name, partition: partition.index };
        try {
          const result = await partition.compact(config.compaction);
          if (result !== null) this.logger.info({ ...where, ...result }, "compacted a log");
        } catch (error) {
          if (error instanceof LogClosedError) continue; // deleted, or the broker stops
          this.logger.error({ ...where, err: error }, "could not compact a log; trying again later");
        }
      }
    }
  }
}
