import { statfsSync } from "node:fs";
import {
  array,
  boolean,
  int16,
  int32,
  int64,
  nullableArray,
  since,
  string,
  struct,
} from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 35 DescribeLogDirs: the one data folder, with the size of each partition's log; null asks for all topics.
 * v2 is flexible, v3 adds an error code for all, v4 the size of the volume and what is free.
 */
const request = struct({ topics: nullableArray(struct({ name: string, partitions: array(int32) })) });

const response = struct({
  throttleTimeMs: int32,
  errorCode: since(3, int16),
  results: array(
    struct({
      errorCode: int16,
      logDir: string,
      topics: array(
        struct({
          name: string,
          partitions: array(
            struct({ index: int32, partitionSize: int64, offsetLag: int64, isFutureKey: boolean }),
          ),
        }),
      ),
      totalBytes: since(4, int64, -1),
      usableBytes: since(4, int64, -1),
    }),
  ),
});

export const describeLogDirs = defineApi({
  key: 35,
  name: "DescribeLogDirs",
  versions: [1, 4],
  flexibleFrom: 2,
  request,
  response,
  handle({ topics }, { broker }) {
    const wanted = topics
      ? topics.flatMap(({ name, partitions }) => {
          const topic = broker.topics.get(name);
          return topic
            ? [{ name, partitions: topic.partitions.filter(({ index }) => partitions.includes(index)) }]
            : [];
        })
      : broker.topics.list();
    const volume = statfsSync(broker.dataDir);
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      results: [
        {
          errorCode: ErrorCode.NONE,
          logDir: broker.dataDir,
          topics: wanted.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map(({ index, log }) => ({
              index,
              partitionSize: log.sizeBytes,
              offsetLag: 0,
              isFutureKey: false,
            })),
          })),
          totalBytes: volume.blocks * volume.bsize,
          usableBytes: volume.bavail * volume.bsize,
        },
      ],
    };
  },
});
