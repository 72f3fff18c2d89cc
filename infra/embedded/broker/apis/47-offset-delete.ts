import { array, int16, int32, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 47 OffsetDelete: makes a group forget offsets of topics that none of its members is subscribed to.
 */
const request = struct({
  groupId: string,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32 })) })),
});

const response = struct({
  errorCode: int16,
  throttleTimeMs: int32,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
});

export const offsetDelete = defineApi({
  key: 47,
  name: "OffsetDelete",
  versions: [0, 0],
  flexibleFrom: null,
  request,
  response,
  async handle({ groupId, topics }, { broker }) {
    const asked = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ index }) => ({ topic: name, partition: index })),
    );
    const known = asked.filter(({ topic, partition }) => broker.topics.partition(topic, partition));
    const { errorCode, partitions: codes } = await broker.groups.deleteOffsets(groupId, known);
    if (errorCode !== ErrorCode.NONE) return { errorCode, throttleTimeMs: 0, topics: [] };
    const codeOf = new Map(known.map(({ topic, partition }, i) => [`${topic}:${partition}`, codes[i]!]));
    return {
      errorCode,
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index }) => ({
          index,
          errorCode: codeOf.get(`${name}:${index}`) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        })),
      })),
    };
  },
});
