/** A refusal that a response carries as a Kafka error code with a sentence that says what was expected. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
