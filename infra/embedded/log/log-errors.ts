/** An append that the file system refused: nothing of it was kept, nothing was acknowledged. */
export class LogWriteError extends Error {
  override name = "LogWriteError";
  /** The system's own code: ENOSPC, EIO, … */
  readonly code: string | undefined;

  constructor(message: string, cause: unknown) {
    super(`${message}: ${(cause as Error).message}`, { cause });
    this.code = (cause as NodeJS.ErrnoException).code;
  }
}

/** Stored bytes that are not what was written. Names the file, the position in it, and the offset expected there. */
export class LogDamagedError extends Error {
  override name = "LogDamagedError";
}

/** The log is closed or deleted: whoever still holds it is too late. */
export class LogClosedError extends Error {
  override name = "LogClosedError";

  constructor(dir: string) {
    super(`Expected an open log, got one that was closed (${dir})`);
  }
}
