import { array, int16, int32, since, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 16 ListGroups: all groups, or those in the states and of the types asked for, in upper or lower case. All groups
 * are of type `classic`.
 * v1 adds throttle_time_ms, v3 is flexible, v4 adds states, v5 types.
 */
const TYPE = "classic";

const request = struct({ statesFilter: since(4, array(string)), typesFilter: since(5, array(string)) });

const response = struct({
  throttleTimeMs: since(1, int32),
  errorCode: int16,
  groups: array(
    struct({ groupId: string, protocolType: string, state: since(4, string), type: since(5, string) }),
  ),
});

export const listGroups = defineApi({
  key: 16,
  name: "ListGroups",
  versions: [0, 5],
  flexibleFrom: 3,
  request,
  response,
  handle({ statesFilter, typesFilter }, { broker }) {
    const groups = broker.groups
      .list()
      .filter(({ state }) => passes(statesFilter, state) && passes(typesFilter, TYPE))
      .map(({ groupId, protocolType, state }) => ({
        groupId,
        protocolType: protocolType ?? "",
        state,
        type: TYPE,
      }));
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, groups };
  },
});

function passes(filter: readonly string[], value: string): boolean {
  return filter.length === 0 || filter.some((wanted) => wanted.toLowerCase() === value.toLowerCase());
}
