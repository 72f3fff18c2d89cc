/** Why a broker could not start, in a sentence that says what to do. */
export type StartupErrorCode =
  | "PORT_IN_USE"
  | "METRICS_PORT_IN_USE"
  | "DATA_DIR_LOCKED"
  | "DATA_DIR_UNUSABLE"
  | "FORMAT_TOO_NEW"
  | "DAMAGED"
  | "FAILED";

export class StartupError extends Error {
  override name = "StartupError";
  readonly code: StartupErrorCode;

  constructor(code: StartupErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
