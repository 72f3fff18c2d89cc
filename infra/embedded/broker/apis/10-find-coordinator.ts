import {
  array,
  int8,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
  versions,
} from "../../wire/schema.ts";
import { defineApi, type RequestContext } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 10 FindCoordinator: this broker, for every group (key_type 0) and every transactional id (key_type 1).
 * v1 adds key_type, throttle_time_ms and an error message; v3 is flexible; v4 asks for several keys at once.
 */
const KEY_TYPES = [0, 1];

const request = struct({
  key: versions(0, 3, string),
  keyType: since(1, int8),
  coordinatorKeys: since(4, array(string)),
});

const response = struct({
  throttleTimeMs: since(1, int32),
  errorCode: versions(0, 3, int16),
  errorMessage: versions(1, 3, nullableString),
  nodeId: versions(0, 3, int32),
  host: versions(0, 3, string),
  port: versions(0, 3, int32),
  coordinators: since(
    4,
    array(
      struct({
        key: string,
        nodeId: int32,
        host: string,
        port: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
    ),
  ),
});

export const findCoordinator = defineApi({
  key: 10,
  name: "FindCoordinator",
  versions: [0, 4],
  flexibleFrom: 3,
  request,
  response,
  handle({ keyType, coordinatorKeys }, { broker }) {
    const found = coordinator(keyType, broker);
    return { throttleTimeMs: 0, ...found, coordinators: coordinatorKeys.map((key) => ({ key, ...found })) };
  },
});

function coordinator(keyType: number, { nodeId, host, port }: RequestContext["broker"]) {
  if (KEY_TYPES.includes(keyType)) {
    return { errorCode: ErrorCode.NONE, errorMessage: null, nodeId, host, port };
  }
  const errorMessage = `Expected key type ${KEY_TYPES.join(" or ")}, got ${keyType}`;
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage, nodeId: -1, host: "", port: -1 };
}
