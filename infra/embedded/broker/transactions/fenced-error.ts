import { ErrorCode } from "../errors.ts";

/** PRODUCER_FENCED came late to the protocol: a client that may not know it is told INVALID_PRODUCER_EPOCH. */
export function toFencedError(errorCode: number, apiVersion: number, since: number): number {
  return errorCode === ErrorCode.PRODUCER_FENCED && apiVersion < since
    ? ErrorCode.INVALID_PRODUCER_EPOCH
    : errorCode;
}
