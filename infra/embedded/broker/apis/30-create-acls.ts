import { array, int8, int16, int32, nullableString, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { NO_ACLS } from "../no-acls.ts";

/*
 * 30 CreateAcls: refused, each of them (SECURITY_DISABLED): an ACL that is taken and not enforced is worse than none.
 * v2 is flexible, v3 adds a kind of resource.
 */
const request = struct({
  creations: array(
    struct({
      resourceType: int8,
      resourceName: string,
      resourcePatternType: int8,
      principal: string,
      host: string,
      operation: int8,
      permissionType: int8,
    }),
  ),
});

const response = struct({
  throttleTimeMs: int32,
  results: array(struct({ errorCode: int16, errorMessage: nullableString })),
});

export const createAcls = defineApi({
  key: 30,
  name: "CreateAcls",
  versions: [1, 3],
  flexibleFrom: 2,
  request,
  response,
  handle({ creations }) {
    const refusal = { errorCode: ErrorCode.SECURITY_DISABLED, errorMessage: NO_ACLS };
    return { throttleTimeMs: 0, results: creations.map(() => refusal) };
  },
});
