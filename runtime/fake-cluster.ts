/** A Kafka cluster to test readers against. */
import { type Cluster, EARLIEST, LATEST } from "./cluster.ts";

/** A cluster with one topic `t` of one partition, led by node 1: `log` from offset `start` on, ten records a fetch. */
export class FakeCluster implements Cluster {
  start = 0;
  log: { offset: string; timestamp: string; key: null; value: Buffer }[];
  leader = 1;
  /** What a fetch does first: it may throw, or change the cluster. */
  onFetch: (offset: bigint) => void | Promise<void> = () => {};
  fetches = 0;
  isConnected = true;

  constructor(records: number) {
    this.log = Array.from({ length: records }, (_, i) => ({
      offset: String(i),
      timestamp: String(1_000 + i),
      key: null,
      value: Buffer.from(JSON.stringify({ i })),
    }));
  }
  async metadata() {
    return new Map([["t", [{ partition: 0, leader: this.leader, replicas: [1], isr: [1] }]]]);
  }
  async brokers() {
    return [{ id: 1, host: "127.0.0.1", port: 9092 }];
  }
  async offsets(_topics: unknown, timestamp: number) {
    const at = timestamp === EARLIEST ? this.start : timestamp === LATEST ? this.log.length : -1;
    return new Map([["t", new Map([[0, BigInt(at)]])]]);
  }
  async fetch(nodeId: number, [from]: readonly { offset: bigint }[]) {
    this.fetches += 1;
    await this.onFetch(from!.offset);
    if (!this.isConnected) throw kafkaError("CONNECTION_CLOSED");
    if (nodeId !== this.leader) throw kafkaError("NOT_LEADER_FOR_PARTITION");
    const offset = Number(from!.offset);
    if (offset < this.start || offset > this.log.length) throw kafkaError("OFFSET_OUT_OF_RANGE");
    const records = this.log.slice(offset, offset + 10);
    const nextOffset = BigInt(offset + records.length);
    return [{ topic: "t", partition: 0, highWatermark: BigInt(this.log.length), records, nextOffset }];
  }
  async disconnect() {
    this.isConnected = false;
  }
}

export const kafkaError = (type: string): Error =>
  Object.assign(new Error(`told so: ${type}`), { name: "KafkaJSProtocolError", type });
