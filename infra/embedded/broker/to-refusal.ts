import { ApiError } from "./api-error.ts";
import type { Broker } from "./broker.ts";
import { ErrorCode } from "./errors.ts";

/** What an admin response says of an error: the code of an ApiError, and a failing disk as such. */
export function toRefusal(error: unknown, broker: Broker): { errorCode: number; errorMessage: string } {
  const { message } = error as Error;
  if (error instanceof ApiError) return { errorCode: error.code, errorMessage: message };
  if ((error as NodeJS.ErrnoException).code !== undefined) {
    broker.storage.failed(error);
    return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, errorMessage: message };
  }
  broker.logger.error({ err: error }, "a request failed");
  return { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: message };
}
