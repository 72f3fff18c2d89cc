/** How a verb ends other than well. The message is for the user; an empty one says that all is said. */
export class CliError extends Error {
  override readonly name: string = "CliError";
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command was given wrongly: exit code 2. */
export class UsageError extends CliError {
  override readonly name = "UsageError";
  constructor(message: string) {
    super(message, 2);
  }
}

/** Whoever read stdout has left (`ksp … | head`): a quiet end. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
}
