import type { Logger } from "./logger.ts";

/** A small write may still fit where a large one does not: only this long without a failure is the disk well again. */
const WELL_AFTER_MS = 5_000;

/** Says once that the disk refuses writes and what to do, and once that it takes them again. */
export class StorageHealth {
  private readonly logger: Logger;
  private readonly dataDir: string;
  private readonly now: () => number;
  private lastFailureMs: number | null = null;

  constructor(logger: Logger, dataDir: string, now: () => number) {
    this.logger = logger;
    this.dataDir = dataDir;
    this.now = now;
  }

  failed(error: unknown): void {
    const isNew = this.lastFailureMs === null;
    this.lastFailureMs = this.now();
    if (!isNew) return;
    const { code, message } = error as NodeJS.ErrnoException;
    const advice =
      code === "ENOSPC" || code === "EDQUOT"
        ? `no space left for ${this.dataDir}: free some`
        : `${this.dataDir} cannot be written: check the disk`;
    this.logger.error(
      { code, reason: message },
      `${advice}; until then nothing is acknowledged, while reading goes on`,
    );
  }

  succeeded(): void {
    if (this.lastFailureMs === null || this.now() - this.lastFailureMs < WELL_AFTER_MS) return;
    this.lastFailureMs = null;
    this.logger.info({}, `${this.dataDir} can be written again`);
  }
}
