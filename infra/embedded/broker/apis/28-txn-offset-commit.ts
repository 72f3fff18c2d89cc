import { array, int16, int32, int64, nullableString, since, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { refuseOffset } from "../refuse-offset.ts";
import { OFFSETS_TOPIC } from "../topics.ts";
import { toFencedError } from "../transactions/fenced-error.ts";
import { toPartitionName } from "../transactions/transaction-records.ts";

/*
 * 28 TxnOffsetCommit: keeps how far a group has read, as part of a transaction: it counts once that is committed. Refused
 * unless AddOffsetsToTxn came before (48). A producer that names its group member (v3) is held to the group's
 * generation; one that does not is fenced by its transactional id alone.
 * v2 adds leader epochs, v3 the member, and is flexible. A fenced producer is told 47 in every version.
 */
const NEVER = Number.POSITIVE_INFINITY;

const request = struct({
  transactionalId: string,
  groupId: string,
  producerId: int64,
  producerEpoch: int16,
  generationId: since(3, int32, -1),
  memberId: since(3, string),
  groupInstanceId: since(3, nullableString),
  topics: array(
    struct({
      name: string,
      partitions: array(
        struct({ index: int32, offset: int64, leaderEpoch: since(2, int32, -1), metadata: nullableString }),
      ),
    }),
  ),
});

const response = struct({
  throttleTimeMs: int32,
  topics: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
});

export const txnOffsetCommit = defineApi({
  key: 28,
  name: "TxnOffsetCommit",
  versions: [0, 3],
  flexibleFrom: 3,
  request,
  response,
  async handle(wanted, { broker }) {
    const { transactionalId, groupId, producerId, producerEpoch, topics } = wanted;
    const { memberId, groupInstanceId, generationId } = wanted;
    const checked = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ index, metadata, offset, leaderEpoch }) => ({
        refusal: refuseOffset(broker, name, index, metadata ?? ""),
        offset: { topic: name, partition: index, offset, leaderEpoch, metadata: metadata ?? "" },
      })),
    );
    const accepted = checked.filter(({ refusal }) => refusal === ErrorCode.NONE).map(({ offset }) => offset);
    const producer = { producerId, producerEpoch };
    const written = await broker.groups.commitInTransaction(
      groupId,
      { memberId, groupInstanceId, generationId },
      accepted,
      producer,
      () => broker.transactions.check(transactionalId, producer, toPartitionName(OFFSETS_TOPIC, 0)),
    );
    const errorCode = toFencedError(written, 0, NEVER);
    let next = 0;
    return {
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index }) => ({
          index,
          errorCode: checked[next++]!.refusal || errorCode,
        })),
      })),
    };
  },
});
