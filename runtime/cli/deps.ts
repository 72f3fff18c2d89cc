/** What the command line is handed: it reaches the platform, the terminal and the network only through this. */
import type { Readable, Writable } from "node:stream";
import type { Acl } from "../acls.ts";
import type { CapturedBatch } from "../capture/format.ts";
import type { Topic } from "../define.ts";
import type { LoadedFunction } from "../invoke.ts";
import type { Registry } from "../registry-client.ts";

/** A setting that can be given as a flag: `{ key: "HTTP_PORT", flag: "--http-port", … }`. */
export interface ConfigFlag {
  readonly key: string;
  readonly flag: string;
  readonly description: string;
}

/** Settings given as flags, by key, unparsed: they go over the environment. */
export type GivenConfig = Readonly<Record<string, string>>;

export interface StartFlags {
  readonly config: GivenConfig;
  /** Functions to run; null for all. Their names are checked. */
  readonly only: readonly string[] | null;
  readonly api: boolean;
  /** Restart-friendly settings for development: guards always on. */
  readonly dev: boolean;
}

/** A place in a partition. Where it is a time: the first record at or after it. */
export type Bound =
  | { readonly kind: "offset"; readonly offset: string }
  | { readonly kind: "time"; readonly timestampMs: number };

export interface ReadTopicOptions {
  readonly topic: string;
  /** Null: the earliest. It holds for each partition. */
  readonly from: Bound | null;
  /** Exclusive. Null: where the topic ends when reading starts. */
  readonly to: Bound | null;
  readonly config: GivenConfig;
  readonly signal: AbortSignal;
}

interface TerminalOutput extends Writable {
  readonly isTTY?: boolean;
}

export interface CliDeps {
  readonly version: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** ms since 1970. */
  now(): number;
  /** Aborts on the first SIGINT. Asked only by verbs that want to end by themselves, so that others may see to it. */
  interrupted(): AbortSignal;
  readonly configFlags: readonly ConfigFlag[];
  /** Where a platform on this machine answers: `http://127.0.0.1:<HTTP_PORT>`, as the settings say. */
  platformUrl(): string;
  /** What to show a platform that asks for a token (HTTP_TOKEN); null: nothing. */
  token(): string | null;
  loadFunctions(config?: GivenConfig): Promise<readonly LoadedFunction[]>;
  loadTopics(): Promise<readonly Topic[]>;
  /** Runs the platform until it is told to stop; resolves to the exit code. */
  startPlatform(flags: StartFlags): Promise<number>;
  /** Runs the embedded broker alone until it is told to stop; resolves to the exit code. */
  startBroker(config: GivenConfig): Promise<number>;
  /** Runs the embedded schema registry alone until it is told to stop; resolves to the exit code. */
  startRegistry(config: GivenConfig): Promise<number>;
  /** The schema registry of the settings, and which topics they want in Avro. */
  schemaRegistry(
    config: GivenConfig,
  ): Promise<{ readonly registry: Registry; isAvro(topic: string): boolean }>;
  /** Creates the topics that are missing, dead letter queues too; resolves with the names of all, and of the new ones. */
  createTopics(
    config: GivenConfig,
  ): Promise<{ readonly all: readonly string[]; readonly created: readonly string[] }>;
  /** Adds them at the Kafka of the settings. @param principal as Kafka names it: `User:ksp` */
  grantAcls(acls: readonly Acl[], principal: string): Promise<void>;
  /** A topic's records as batches of one partition each, offsets rising within a partition. */
  readTopic(options: ReadTopicOptions): AsyncIterable<CapturedBatch>;
}
