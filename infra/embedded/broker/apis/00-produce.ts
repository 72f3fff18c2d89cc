import { ProtocolError } from "../../wire/protocol-error.ts";
import {
  array,
  type Infer,
  int16,
  int32,
  int64,
  nullableBytes,
  nullableString,
  since,
  string,
  struct,
} from "../../wire/schema.ts";
import { appendProduced, refuseAppend } from "../append-produced.ts";
import type { Broker } from "../broker.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 0 Produce: appends one record batch to each of the partitions named. Each has its own answer.
 * acks 1 and −1 are the same on one node: answered when the log has taken the batch (see the log's flush mode);
 * acks 0: no response; should a batch be refused the connection is closed, since nothing else can tell the client.
 * v3 is the first with record format 2; v0–2 are listed, because librdkafka compresses only if it sees them, but
 * not served. v5 adds log_start_offset, v7 allows zstd (76 before), v8 adds record_errors and error_message, v9 is flexible,
 * v10 adds tagged fields that a single node never fills. A batch of a transaction is taken only for a partition that
 * was added to it before (48).
 */
const ANY_ACKS = [-1, 0, 1];
const ZSTD_SINCE = 7;

const request = struct({
  transactionalId: since(3, nullableString),
  acks: int16,
  timeoutMs: int32,
  topics: array(
    struct({
      name: string,
      partitions: array(struct({ index: int32, records: nullableBytes })),
    }),
  ),
});

const partitionResponse = struct({
  index: int32,
  errorCode: int16,
  baseOffset: int64,
  logAppendTimeMs: since(2, int64, -1),
  logStartOffset: since(5, int64, -1),
  recordErrors: since(8, array(struct({ batchIndex: int32, batchIndexErrorMessage: nullableString }))),
  errorMessage: since(8, nullableString),
});

const response = struct({
  topics: array(struct({ name: string, partitions: array(partitionResponse) })),
  throttleTimeMs: since(1, int32),
});

type PartitionResponse = Infer<typeof partitionResponse>;

export const produce = defineApi({
  key: 0,
  name: "Produce",
  versions: [3, 11],
  advertised: [0, 11],
  flexibleFrom: 9,
  request,
  response,
  async handle({ acks, topics, transactionalId }, { broker, clientId, apiVersion }) {
    const zstdAllowed = apiVersion >= ZSTD_SINCE;
    const answered = await Promise.all(
      topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(
          partitions.map(({ index, records }) =>
            appendTo(broker, name, index, records, { acks, transactionalId, zstdAllowed }),
          ),
        ),
      })),
    );
    if (acks !== 0) return { topics: answered, throttleTimeMs: 0 };
    const refused = answered.flatMap(({ partitions }) => partitions).find(({ errorCode }) => errorCode !== 0);
    if (refused) {
      throw new ProtocolError(
        `Produce with acks 0 by client ${JSON.stringify(clientId)} was refused: ${refused.errorMessage} (error ${refused.errorCode})`,
      );
    }
    return null;
  },
});

async function appendTo(
  broker: Broker,
  name: string,
  index: number,
  records: Buffer | null,
  { acks, ...rest }: { acks: number; transactionalId: string | null; zstdAllowed: boolean },
): Promise<PartitionResponse> {
  const topic = broker.topics.get(name);
  const partition = topic?.partitions[index];
  let outcome: Awaited<ReturnType<typeof appendProduced>>;
  if (!ANY_ACKS.includes(acks)) {
    outcome = refuseAppend(ErrorCode.INVALID_REQUIRED_ACKS, `Expected acks −1, 0 or 1, got ${acks}`);
  } else if (!topic || !partition) {
    outcome = refuseAppend(
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      `There is no partition ${index} of topic ${name}`,
    );
  } else if (topic.internal) {
    outcome = refuseAppend(
      ErrorCode.INVALID_TOPIC_EXCEPTION,
      `Expected a topic of yours, got the internal ${name}`,
    );
  } else {
    outcome = await appendProduced(broker, topic, partition, records ?? Buffer.alloc(0), rest);
  }
  return { index, ...outcome, logStartOffset: partition?.log.startOffset ?? -1, recordErrors: [] };
}
