/** A live stream to test the API against: a test says what happens, and when. */
import type { Invocation } from "../runtime/invoke.ts";
import type {
  FunctionRate,
  LagPoint,
  LiveBatch,
  MissedRecords,
  Positions,
  StreamView,
} from "../runtime/stream-view.ts";
import type { GroupView, RecordView } from "../runtime/view.ts";

export class FakeStream implements StreamView {
  /** Where `listen` goes on, by topic and partition. */
  at = new Map<string, Map<number, bigint>>();
  /** All that a partition holds, by `topic/partition`. */
  readonly records = new Map<string, RecordView[]>();
  readonly batchListeners = new Set<(batch: LiveBatch) => void>();
  readonly invocationListeners = new Set<(invocation: Invocation) => void>();
  readonly lagListeners = new Set<(groups: readonly GroupView[]) => void>();
  alerts = new Set<string>();
  groups: readonly GroupView[] | null = null;
  points: readonly LagPoint[] | null = null;

  async ready(): Promise<void> {}
  positions(): Positions {
    return this.at;
  }
  listen(listener: (batch: LiveBatch) => void): () => void {
    this.batchListeners.add(listener);
    return () => this.batchListeners.delete(listener);
  }
  async missed(topic: string, partition: number, from: bigint, to: bigint): Promise<MissedRecords> {
    const all = this.records.get(`${topic}/${partition}`) ?? [];
    return { records: all.filter(({ offset }) => BigInt(offset) >= from && BigInt(offset) < to), gone: 0 };
  }
  alertTopics(): ReadonlySet<string> {
    return this.alerts;
  }
  onInvocation(listener: (invocation: Invocation) => void): () => void {
    this.invocationListeners.add(listener);
    return () => this.invocationListeners.delete(listener);
  }
  rates(): ReadonlyMap<string, FunctionRate> {
    return new Map();
  }
  lag(): readonly GroupView[] | null {
    return this.groups;
  }
  onLag(listener: (groups: readonly GroupView[]) => void): () => void {
    this.lagListeners.add(listener);
    return () => this.lagListeners.delete(listener);
  }
  lagHistory(_group: string): readonly LagPoint[] | null {
    return this.points;
  }

  /** Writes records to a partition, as the tail would tell them. */
  write(topic: string, partition: number, records: readonly RecordView[], skipped = 0): void {
    const id = `${topic}/${partition}`;
    this.records.set(id, [...(this.records.get(id) ?? []), ...records]);
    const last = records[records.length - 1];
    const positions = this.at.get(topic) ?? new Map<number, bigint>();
    this.at.set(topic, positions);
    if (last) positions.set(partition, BigInt(last.offset) + 1n);
    const live = records.map((record) => ({ offset: BigInt(record.offset), toView: () => record }));
    for (const listener of this.batchListeners) listener({ topic, partition, skipped, records: live });
  }
  invoked(invocation: Invocation): void {
    for (const listener of this.invocationListeners) listener(invocation);
  }
  measured(groups: readonly GroupView[]): void {
    this.groups = groups;
    for (const listener of this.lagListeners) listener(groups);
  }
}
