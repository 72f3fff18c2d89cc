import {
  array,
  type Infer,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
  uuid,
  versions,
  ZERO_UUID,
} from "../../wire/schema.ts";
import { ApiError } from "../api-error.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { toRefusal } from "../to-refusal.ts";

/*
 * 20 DeleteTopics: by name, from v6 also by id. Answered when its files and the groups' offsets in it are gone; those who wait for records of the
 * topic are told at once. Internal topics stay.
 * v4 is flexible, v5 adds error messages, v6 names topics by name or id.
 */
const request = struct({
  topics: since(6, array(struct({ name: nullableString, topicId: uuid }))),
  topicNames: versions(0, 5, array(string)),
  timeoutMs: int32,
});

const topicResponse = struct({
  name: nullableString,
  topicId: since(6, uuid),
  errorCode: int16,
  errorMessage: since(5, nullableString),
});

const response = struct({ throttleTimeMs: int32, topics: array(topicResponse) });

type TopicResponse = Infer<typeof topicResponse>;

export const deleteTopics = defineApi({
  key: 20,
  name: "DeleteTopics",
  versions: [1, 6],
  flexibleFrom: 4,
  request,
  response,
  async handle({ topics, topicNames }, { broker }) {
    const wanted = [...topics, ...topicNames.map((name) => ({ name, topicId: ZERO_UUID }))];
    return { throttleTimeMs: 0, topics: await Promise.all(wanted.map((topic) => remove(topic, broker))) };
  },
});

async function remove(
  wanted: { name: string | null; topicId: string },
  broker: Broker,
): Promise<TopicResponse> {
  const { topics, groups } = broker;
  const topic = wanted.name === null ? topics.byId(wanted.topicId) : topics.get(wanted.name);
  const { name, topicId } = topic ? { name: topic.name, topicId: topic.id } : wanted;
  try {
    if (!topic && wanted.name === null) {
      throw new ApiError(ErrorCode.UNKNOWN_TOPIC_ID, `There is no topic with id ${topicId}.`);
    }
    if (topic?.internal) {
      throw new ApiError(ErrorCode.INVALID_REQUEST, `Expected a topic of yours, got the internal ${name}`);
    }
    await topics.delete(name ?? "");
    await groups.forgetTopic(name ?? "");
    return { name, topicId, errorCode: ErrorCode.NONE, errorMessage: null };
  } catch (error) {
    return { name, topicId, ...toRefusal(error, broker) };
  }
}
