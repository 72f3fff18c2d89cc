import {
  array,
  boolean,
  type Infer,
  int8,
  int16,
  int32,
  nullableString,
  string,
  struct,
} from "../../wire/schema.ts";
import { ApiError } from "../api-error.ts";
import { alterConfigs } from "../config-resource.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { toRefusal } from "../to-refusal.ts";
import { splitList, topicConfigKeys } from "../topic-config.ts";

/*
 * 44 IncrementalAlterConfigs: changes single configs of topics: set (0), delete, back to the default (1), append to
 * (2) and subtract from (3) a list. v1 is flexible.
 */
const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

const changeRequest = struct({ name: string, configOperation: int8, value: nullableString });
const request = struct({
  resources: array(struct({ resourceType: int8, resourceName: string, configs: array(changeRequest) })),
  validateOnly: boolean,
});

const response = struct({
  throttleTimeMs: int32,
  responses: array(
    struct({ errorCode: int16, errorMessage: nullableString, resourceType: int8, resourceName: string }),
  ),
});

type Change = Infer<typeof changeRequest>;

export const incrementalAlterConfigs = defineApi({
  key: 44,
  name: "IncrementalAlterConfigs",
  versions: [0, 1],
  flexibleFrom: 1,
  request,
  response,
  handle({ resources, validateOnly }, { broker }) {
    return {
      throttleTimeMs: 0,
      responses: resources.map(({ resourceType, resourceName, configs }) => {
        const resource = { resourceType, resourceName };
        try {
          alterConfigs(broker, resource, (set) => configs.reduce(applyChange, { ...set }), validateOnly);
          return { ...resource, errorCode: ErrorCode.NONE, errorMessage: null };
        } catch (error) {
          return { ...resource, ...toRefusal(error, broker) };
        }
      }),
    };
  },
});

function applyChange(
  set: Record<string, string>,
  { name, configOperation, value }: Change,
): Record<string, string> {
  if (configOperation === DELETE) {
    const { [name]: _deleted, ...rest } = set;
    return rest;
  }
  if (value === null) throw new ApiError(ErrorCode.INVALID_CONFIG, `Expected a value for ${name}, got null`);
  if (configOperation === SET) return { ...set, [name]: value };
  const key = Object.hasOwn(topicConfigKeys, name) ? topicConfigKeys[name] : undefined;
  if ((configOperation !== APPEND && configOperation !== SUBTRACT) || key?.type !== "LIST") {
    throw new ApiError(
      ErrorCode.INVALID_CONFIG,
      `Expected operation 0 or 1 (2 or 3 for a list) on ${name}, got ${configOperation}`,
    );
  }
  const changed = splitList(value);
  const kept = splitList(set[name] ?? key.default).filter((item) => !changed.includes(item));
  return { ...set, [name]: (configOperation === APPEND ? [...kept, ...changed] : kept).join(",") };
}
