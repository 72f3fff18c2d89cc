import type { Logger } from "./logger.ts";

/** Says once that the disk refuses writes and what to do, and once that it takes them again. */
export class StorageHealth {
  private readonly logger: Logger;
  private readonly dataDir: string;
  private failing = false;

  constructor(logger: Logger, dataDir: string) {
    this.logger = logger;
    this.dataDir = dataDir;
  }

  failed(error: unknown): void {
    if (this.failing) return;
    this.failing = true;
    const { code } = error as NodeJS.ErrnoException;
    const advice =
      code === "ENOSPC" || code === "EDQUOT"
        ? `no space left for ${this.dataDir}: free some; nothing is acknowledged until then, and reading goes on`
        : `${this.dataDir} cannot be written: check the disk; nothing is acknowledged until then, and reading goes on`;
    this.logger.error({ err: error }, advice);
  }

  succeeded(): void {
    if (!this.failing) return;
    this.failing = false;
    this.logger.info({}, `${this.dataDir} can be written again`);
  }
}
