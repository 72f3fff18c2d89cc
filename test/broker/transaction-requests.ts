/** Raw requests of a transactional producer, in the versions that kafkajs speaks. */
import { Code, only, produce, type Target } from "./log-requests.ts";
import type { RawConnection } from "./raw-connection.ts";
import { toBatch } from "./record-batch.ts";
import { Writer } from "./wire.ts";

/** The coordinator is being made or found, or the last transaction is still being ended: ask again. */
const NOT_YET: readonly number[] = [14, 15, 16, Code.CONCURRENT_TRANSACTIONS];

async function untilDecided<T>(ask: () => Promise<T>, errorOf: (answer: T) => number): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (!NOT_YET.includes(errorOf(answer))) return answer;
  }
}

/** InitProducerId v1, after FindCoordinator v1 of a transaction, without which Kafka makes no coordinator. */
async function init(connection: RawConnection, transactionalId: string, timeoutMs: number) {
  await connection.request(10, 1, new Writer().string(transactionalId).int8(1));
  const response = await connection.request(22, 1, new Writer().string(transactionalId).int32(timeoutMs));
  response.int32(); // throttle time
  return { error: response.int16(), producerId: response.int64(), producerEpoch: response.int16() };
}

/** A transactional producer by hand. Its methods return error codes, and ask again where Kafka wants that. */
export class RawProducer {
  readonly #connection: RawConnection;
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Of the last InitProducerId. */
  readonly error: number;
  readonly #sequences = new Map<string, number>();

  private constructor(
    connection: RawConnection,
    transactionalId: string,
    init: { error: number; producerId: number; producerEpoch: number },
  ) {
    this.#connection = connection;
    this.transactionalId = transactionalId;
    this.error = init.error;
    this.producerId = init.producerId;
    this.producerEpoch = init.producerEpoch;
  }

  static async start(
    connection: RawConnection,
    transactionalId: string,
    timeoutMs = 60_000,
  ): Promise<RawProducer> {
    const answer = await untilDecided(
      () => init(connection, transactionalId, timeoutMs),
      ({ error }) => error,
    );
    return new RawProducer(connection, transactionalId, answer);
  }

  /** One that claims another's producer id and epoch. */
  static withIdentity(
    connection: RawConnection,
    transactionalId: string,
    { producerId, producerEpoch }: RawProducer,
  ) {
    return new RawProducer(connection, transactionalId, { error: Code.NONE, producerId, producerEpoch });
  }

  #identity(): Writer {
    return new Writer().string(this.transactionalId).int64(this.producerId).int16(this.producerEpoch);
  }

  /** AddPartitionsToTxn v1 of one partition each: the error codes by topic, whose order is the broker's. */
  addAll(targets: readonly Target[]): Promise<Record<string, number>> {
    const ask = async () => {
      const body = this.#identity();
      body.array(targets, ({ topic, partition = 0 }) =>
        body.string(topic).array([partition], (p) => body.int32(p)),
      );
      const response = await this.#connection.request(24, 1, body);
      response.int32(); // throttle time
      const topics = response.array(() => {
        const topic = response.string() ?? "";
        const [partition] = response.array(() => [response.int32(), response.int16()] as const);
        return [topic, partition![1]] as const;
      });
      return Object.fromEntries(topics);
    };
    return untilDecided(ask, (errors) => Object.values(errors).find((error) => NOT_YET.includes(error)) ?? 0);
  }

  async add(target: Target): Promise<number> {
    return (await this.addAll([target]))[target.topic]!;
  }

  /** Produce v7 of one record each in the next sequence, to a partition that was added, or not. */
  async send(target: Target, ...values: string[]) {
    const at = `${target.topic}-${target.partition ?? 0}`;
    const baseSequence = this.#sequences.get(at) ?? 0;
    const { producerId, producerEpoch } = this;
    const options = { producerId, producerEpoch, baseSequence, transactional: true };
    const batch = await toBatch(
      values.map((value) => ({ value })),
      options,
    );
    const answer = await produce(this.#connection, target, batch, -1, this.transactionalId);
    if (answer.error === Code.NONE) this.#sequences.set(at, baseSequence + values.length);
    return answer;
  }

  /** AddOffsetsToTxn v1. */
  addOffsets(groupId: string): Promise<number> {
    const ask = async () => {
      const response = await this.#connection.request(25, 1, this.#identity().string(groupId));
      response.int32(); // throttle time
      return response.int16();
    };
    return untilDecided(ask, (error) => error);
  }

  /** TxnOffsetCommit v1 of one partition. */
  commitOffset(groupId: string, { topic, partition = 0 }: Target, offset: number): Promise<number> {
    const ask = async () => {
      const body = new Writer().string(this.transactionalId).string(groupId);
      body.int64(this.producerId).int16(this.producerEpoch);
      body.array([topic], (name) =>
        body.string(name).array([partition], (p) => body.int32(p).int64(offset).string(null)),
      );
      const response = await this.#connection.request(28, 1, body);
      response.int32(); // throttle time
      return only(
        response.array(() => {
          response.string();
          return response.array(() => [response.int32(), response.int16()] as const);
        }),
      )[1];
    };
    return untilDecided(ask, (error) => error);
  }

  /** EndTxn v1. */
  end(committed: boolean): Promise<number> {
    const ask = async () => {
      const response = await this.#connection.request(26, 1, this.#identity().boolean(committed));
      response.int32(); // throttle time
      return response.int16();
    };
    return untilDecided(ask, (error) => error);
  }
}
