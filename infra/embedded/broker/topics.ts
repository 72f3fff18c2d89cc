import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type LogFs, nodeFs } from "../log/log-fs.ts";
import { PartitionLog } from "../log/partition-log.ts";
import { ApiError } from "./api-error.ts";
import { checkPartitionCount, checkRoom, checkTopicName } from "./check-topic.ts";
import type { BrokerConfig } from "./config.ts";
import { ErrorCode } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { MetadataFile, TopicMetadata } from "./metadata-file.ts";
import { Partition } from "./partition.ts";
import { type TopicConfig, toTopicConfig } from "./topic-config.ts";

export const OFFSETS_TOPIC = "__consumer_offsets";
export const TRANSACTIONS_TOPIC = "__transaction_state";
const INTERNAL_TOPICS: readonly string[] = [OFFSETS_TOPIC, TRANSACTIONS_TOPIC];

export interface Topic {
  readonly name: string;
  /** 22 characters of base64url. */
  readonly id: string;
  readonly internal: boolean;
  /** What was set; what was not has its default. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly config: TopicConfig;
  /** By index. */
  readonly partitions: readonly Partition[];
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** The topics and their logs. What changes is on disk before it is seen here. Methods throw ApiError for bad input. */
export class Topics {
  private readonly dataDir: string;
  private readonly file: MetadataFile;
  private readonly config: BrokerConfig;
  private readonly now: () => number;
  private readonly logger: Logger;
  private readonly fs: LogFs;
  private readonly topics = new Map<string, Topic>();
  private readonly namesById = new Map<string, string>();
  /** Deleted, but their files are still being removed. */
  private readonly leaving = new Set<string>();

  private constructor(options: TopicsOptions) {
    this.dataDir = options.dataDir;
    this.file = options.file;
    this.config = options.config;
    this.now = options.now;
    this.logger = options.logger;
    this.fs = options.fs ?? nodeFs;
  }

  /** Opens the logs of all topics; removes what a delete left behind that was cut short. */
  static open(options: TopicsOptions): Topics {
    const topics = new Topics(options);
    topics.removeLeftovers();
    for (const metadata of options.file.current.topics) {
      topics.topics.set(metadata.name, topics.openTopic(metadata));
      topics.namesById.set(metadata.id, metadata.name);
    }
    return topics;
  }

  list(): Topic[] {
    return [...this.topics.values()];
  }

  get(name: string): Topic | undefined {
    return this.topics.get(name);
  }

  byId(id: string): Topic | undefined {
    const name = this.namesById.get(id);
    return name === undefined ? undefined : this.topics.get(name);
  }

  partition(topic: string, index: number): Partition | undefined {
    return this.topics.get(topic)?.partitions[index];
  }

  /** Throws what `create` would throw. */
  checkNew({ name, partitions, configs }: NewTopic): void {
    checkTopicName(name);
    if (this.topics.has(name)) {
      throw new ApiError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
    }
    if (this.leaving.has(name)) {
      throw new ApiError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' is being deleted.`);
    }
    checkPartitionCount(partitions);
    checkRoom(this.list(), partitions, this.config.maxPartitions);
    this.toConfig(name, configs);
  }

  create(topic: NewTopic): Topic {
    this.checkNew(topic);
    const { name, partitions, configs } = topic;
    const metadata: TopicMetadata = { name, id: randomBytes(16).toString("base64url"), partitions, configs };
    const created = this.openTopic(metadata, true);
    this.orRemove(created.partitions, () =>
      this.file.update({ topics: [...this.file.current.topics, metadata] }),
    );
    this.topics.set(name, created);
    this.namesById.set(metadata.id, name);
    return created;
  }

  /** The topic is gone when this returns; its files follow. */
  async delete(name: string): Promise<void> {
    const topic = this.existing(name);
    this.file.update({ topics: this.file.current.topics.filter((other) => other.name !== name) });
    this.topics.delete(name);
    this.namesById.delete(topic.id);
    this.leaving.add(name);
    try {
      for (const partition of topic.partitions) partition.notify();
      await Promise.all(topic.partitions.map((partition) => partition.log.delete()));
    } finally {
      this.leaving.delete(name);
    }
  }

  /** Throws what `addPartitions` would throw. */
  checkPartitions(name: string, count: number): void {
    const topic = this.existing(name);
    if (this.leaving.has(name)) {
      throw new ApiError(ErrorCode.INVALID_REQUEST, `Partitions of ${name} that failed are being removed.`);
    }
    checkPartitionCount(count);
    const now = topic.partitions.length;
    checkRoom(this.list(), count - now, this.config.maxPartitions);
    if (count <= now) {
      throw new ApiError(
        ErrorCode.INVALID_PARTITIONS,
        `Expected more than the ${now} partitions that topic ${name} has, got ${count}`,
      );
    }
  }

  addPartitions(name: string, count: number): void {
    this.checkPartitions(name, count);
    const topic = this.existing(name);
    const added = this.openPartitions(name, topic.partitions.length, count, topic.config, true);
    this.orRemove(added, () => this.replaceMetadata(name, { partitions: count }));
    this.topics.set(name, { ...topic, partitions: [...topic.partitions, ...added] });
  }

  /** Throws what `setConfigs` would throw for an existing topic. */
  checkConfigs(overrides: Readonly<Record<string, string>>): void {
    this.toConfig("", overrides);
  }

  /** `overrides` replaces all that was set before. */
  setConfigs(name: string, overrides: Readonly<Record<string, string>>): void {
    const topic = this.existing(name);
    const config = this.toConfig(name, overrides);
    this.replaceMetadata(name, { configs: overrides });
    for (const partition of topic.partitions) partition.log.setConfig(config.log);
    this.topics.set(name, { ...topic, overrides, config });
  }

  /** Deletes what retention lets go. Returns the bytes freed. */
  enforceRetention(): number {
    let freed = 0;
    for (const topic of this.topics.values()) {
      for (const partition of topic.partitions) freed += partition.log.enforceRetention();
    }
    return freed;
  }

  async close(): Promise<void> {
    const partitions = this.list().flatMap((topic) => topic.partitions);
    await Promise.all(partitions.map((partition) => partition.close()));
  }

  private toConfig(name: string, overrides: Readonly<Record<string, string>>): TopicConfig {
    const { logFlush, logFlushIntervalMs } = this.config;
    const segmentBytes = INTERNAL_TOPICS.includes(name)
      ? this.config.internalSegmentBytes
      : this.config.logSegmentBytes;
    const flush = logFlush === "interval" ? { everyMs: logFlushIntervalMs } : logFlush;
    return toTopicConfig(overrides, segmentBytes, flush);
  }

  private existing(name: string): Topic {
    const topic = this.topics.get(name);
    if (!topic)
      throw new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic ${JSON.stringify(name)}.`);
    return topic;
  }

  private replaceMetadata(name: string, change: Partial<TopicMetadata>): void {
    const topics = this.file.current.topics.map((other) =>
      other.name === name ? { ...other, ...change } : other,
    );
    this.file.update({ topics });
  }

  private openTopic({ name, id, partitions, configs }: TopicMetadata, isNew = false): Topic {
    const config = this.toConfig(name, configs);
    const opened = this.openPartitions(name, 0, partitions, config, isNew);
    const internal = INTERNAL_TOPICS.includes(name);
    return { name, id, internal, overrides: configs, config, partitions: opened };
  }

  /** Should one that is new fail to open, all of them go again. */
  private openPartitions(
    name: string,
    from: number,
    to: number,
    config: TopicConfig,
    isNew: boolean,
  ): Partition[] {
    const partitions: Partition[] = [];
    for (let index = from; index < to; index++) {
      const dir = join(this.dataDir, `${name}-${index}`);
      const open = (): void => void partitions.push(this.openPartition(name, index, dir, config));
      if (!isNew) open();
      else {
        this.orRemove(partitions, () => {
          try {
            open();
          } catch (error) {
            this.fs.rmSync(dir, { recursive: true, force: true });
            throw error;
          }
        });
      }
    }
    return partitions;
  }

  private openPartition(topic: string, index: number, dir: string, config: TopicConfig): Partition {
    const onRecovery = (cut: object): void =>
      this.logger.warn(cut, "cut off a write that a crash had torn: it was never acknowledged");
    const { fs, now } = this;
    const log = PartitionLog.open({ dir, config: config.log, now, fs, onRecovery });
    const { producerIdExpirationMs: producerExpirationMs } = this.config;
    return new Partition({ topic, index, dir, log, producerExpirationMs, now, fs });
  }

  /** Runs `commit`; should it throw, the new partitions go again. */
  private orRemove(partitions: readonly Partition[], commit: () => void): void {
    try {
      commit();
    } catch (error) {
      const removing = partitions.map(({ log, topic, index }) =>
        log.delete().catch((reason: unknown) => {
          this.logger.warn(
            { topic, partition: index, err: reason },
            "could not remove the log of a topic that was not created",
          );
        }),
      );
      // Until that is done nothing new may take their folders.
      for (const { topic } of partitions) this.leaving.add(topic);
      void Promise.all(removing).then(() => {
        for (const { topic } of partitions) this.leaving.delete(topic);
      });
      throw error;
    }
  }

  private removeLeftovers(): void {
    const wanted = new Set<string>();
    for (const { name, partitions } of this.file.current.topics) {
      for (let index = 0; index < partitions; index++) wanted.add(`${name}-${index}`);
    }
    for (const entry of readdirSync(this.dataDir, { withFileTypes: true })) {
      if (!entry.isDirectory() || !/-\d+(\.deleted)?$/.test(entry.name) || wanted.has(entry.name)) continue;
      this.logger.warn(
        { folder: entry.name },
        "removing the log of a topic that was deleted before the last stop",
      );
      rmSync(join(this.dataDir, entry.name), { recursive: true });
    }
  }
}

export interface TopicsOptions {
  readonly dataDir: string;
  readonly file: MetadataFile;
  readonly config: BrokerConfig;
  readonly now: () => number;
  readonly logger: Logger;
  /** For the logs. */
  readonly fs?: LogFs;
}
