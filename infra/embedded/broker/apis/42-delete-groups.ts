import { array, int16, int32, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";

/*
 * 42 DeleteGroups: groups without members, and their offsets. v2 is flexible.
 */
const request = struct({ groupIds: array(string) });

const response = struct({
  throttleTimeMs: int32,
  results: array(struct({ groupId: string, errorCode: int16 })),
});

export const deleteGroups = defineApi({
  key: 42,
  name: "DeleteGroups",
  versions: [0, 2],
  flexibleFrom: 2,
  request,
  response,
  async handle({ groupIds }, { broker }) {
    const results = [...new Set(groupIds)].map(async (groupId) => {
      return { groupId, errorCode: await broker.groups.deleteGroup(groupId) };
    });
    return { throttleTimeMs: 0, results: await Promise.all(results) };
  },
});
