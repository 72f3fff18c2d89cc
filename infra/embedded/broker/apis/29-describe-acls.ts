import { array, int8, int16, int32, nullableString, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { NO_ACLS } from "../no-acls.ts";

/*
 * 29 DescribeAcls: there are none, and the answer says so (SECURITY_DISABLED), as Apache Kafka without an authorizer does.
 * v2 is flexible, v3 adds a kind of resource.
 */
const request = struct({
  resourceTypeFilter: int8,
  resourceNameFilter: nullableString,
  patternTypeFilter: int8,
  principalFilter: nullableString,
  hostFilter: nullableString,
  operation: int8,
  permissionType: int8,
});

const response = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  resources: array(
    struct({
      resourceType: int8,
      resourceName: string,
      patternType: int8,
      acls: array(struct({ principal: string, host: string, operation: int8, permissionType: int8 })),
    }),
  ),
});

export const describeAcls = defineApi({
  key: 29,
  name: "DescribeAcls",
  versions: [1, 3],
  flexibleFrom: 2,
  request,
  response,
  handle() {
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.SECURITY_DISABLED,
      errorMessage: NO_ACLS,
      resources: [],
    };
  },
});
