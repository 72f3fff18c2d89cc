import { array, int8, int16, int32, nullableString, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { NO_ACLS } from "../no-acls.ts";

/*
 * 31 DeleteAcls: there are none, and the answer to each filter says so (SECURITY_DISABLED).
 * v2 is flexible, v3 adds a kind of resource.
 */
const request = struct({
  filters: array(
    struct({
      resourceTypeFilter: int8,
      resourceNameFilter: nullableString,
      patternTypeFilter: int8,
      principalFilter: nullableString,
      hostFilter: nullableString,
      operation: int8,
      permissionType: int8,
    }),
  ),
});

const response = struct({
  throttleTimeMs: int32,
  filterResults: array(
    struct({
      errorCode: int16,
      errorMessage: nullableString,
      matchingAcls: array(
        struct({
          errorCode: int16,
          errorMessage: nullableString,
          resourceType: int8,
          resourceName: string,
          patternType: int8,
          principal: string,
          host: string,
          operation: int8,
          permissionType: int8,
        }),
      ),
    }),
  ),
});

export const deleteAcls = defineApi({
  key: 31,
  name: "DeleteAcls",
  versions: [1, 3],
  flexibleFrom: 2,
  request,
  response,
  handle({ filters }) {
    const refusal = { errorCode: ErrorCode.SECURITY_DISABLED, errorMessage: NO_ACLS, matchingAcls: [] };
    return { throttleTimeMs: 0, filterResults: filters.map(() => refusal) };
  },
});
