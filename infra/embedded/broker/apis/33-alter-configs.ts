import { array, boolean, int8, int16, int32, nullableString, string, struct } from "../../wire/schema.ts";
import { ApiError } from "../api-error.ts";
import { alterConfigs as alter } from "../config-resource.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { toRefusal } from "../to-refusal.ts";

/*
 * 33 AlterConfigs: sets the configs of topics to just those named; what was set before and is not named goes back to
 * its default. (44 changes single ones.) v2 is flexible.
 */
const request = struct({
  resources: array(
    struct({
      resourceType: int8,
      resourceName: string,
      configs: array(struct({ name: string, value: nullableString })),
    }),
  ),
  validateOnly: boolean,
});

const response = struct({
  throttleTimeMs: int32,
  responses: array(
    struct({ errorCode: int16, errorMessage: nullableString, resourceType: int8, resourceName: string }),
  ),
});

export const alterConfigs = defineApi({
  key: 33,
  name: "AlterConfigs",
  versions: [0, 2],
  flexibleFrom: 2,
  request,
  response,
  handle({ resources, validateOnly }, { broker }) {
    return {
      throttleTimeMs: 0,
      responses: resources.map(({ resourceType, resourceName, configs }) => {
        const resource = { resourceType, resourceName };
        try {
          alter(broker, resource, () => toOverrides(configs), validateOnly);
          return { ...resource, errorCode: ErrorCode.NONE, errorMessage: null };
        } catch (error) {
          return { ...resource, ...toRefusal(error, broker) };
        }
      }),
    };
  },
});

function toOverrides(configs: readonly { name: string; value: string | null }[]): Record<string, string> {
  const set: Record<string, string> = Object.create(null);
  for (const { name, value } of configs) {
    if (value === null)
      throw new ApiError(ErrorCode.INVALID_CONFIG, `Expected a value for ${name}, got null`);
    set[name] = value;
  }
  return set;
}
