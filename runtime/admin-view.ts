/**
 * What the API needs to administer topics, groups and functions, as types: beside the read view it asks Kafka on
 * request and writes. Offsets are decimal strings, times ms since 1970. What Kafka or a function refuses is a result
 * with a `kind`; a promise rejects only when Kafka does not answer.
 */
import type { InvocationDiff } from "./capture/diff.ts";
import type { Invocation } from "./invoke.ts";
import type { CapturedInvocation } from "./view.ts";

/** A setting of a topic or a broker, without its value where that is a secret. */
export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  /** Nobody set it: for a topic, on the topic itself. */
  readonly isDefault: boolean;
  readonly isSensitive: boolean;
}

export interface LogDirEntry {
  readonly broker: number;
  readonly topic: string;
  readonly partition: number;
  readonly sizeBytes: number;
}

export interface BrokersView {
  readonly clusterId: string | null;
  readonly controllerId: number | null;
  readonly brokers: readonly {
    readonly id: number;
    readonly host: string;
    readonly port: number;
    readonly rack: string | null;
  }[];
  /** Of the controller, or of the first broker where none is known. */
  readonly config: readonly ConfigEntry[];
  readonly logDirs: readonly LogDirEntry[];
  /** Why some sizes are not known, or null. */
  readonly logDirsTrouble: string | null;
}

export interface TopicDetail {
  readonly config: readonly ConfigEntry[];
  /** Functions that write to it. */
  readonly producers: readonly string[];
  readonly consumers: readonly { readonly function: string; readonly group: string }[];
}

export interface TopicSchemaView {
  /** JSON Schema 2020-12 of the value; null for a topic without a definition. */
  readonly jsonSchema: Readonly<Record<string, unknown>> | null;
  /** A value that the schema accepts; null where none is known. */
  readonly sample: unknown;
}

export interface ProduceRequest {
  readonly topic: string;
  /** Left out: the field of the value that the topic's definition names, if there is one. */
  readonly key?: string | null;
  /** JSON, which is written as it stands; null for a tombstone. */
  readonly valueText: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Left out: chosen by the key. */
  readonly partition?: number;
  /** Left out: now. */
  readonly timestamp?: number;
  /** Whether the value must be what the topic's schema says; a topic without a definition takes anything. */
  readonly validate: boolean;
}

export type ProduceResult =
  | { readonly kind: "written"; readonly topic: string; readonly partition: number; readonly offset: string }
  /** The schema or Kafka does not take it. */
  | { readonly kind: "refused"; readonly reason: string };

/** Where a group is to go on. */
export type ResetTarget =
  | { readonly kind: "earliest" | "latest" }
  | { readonly kind: "offset"; readonly offset: string }
  /** The first record at or after it, or the end where there is none. */
  | { readonly kind: "timestamp"; readonly timestamp: number };

export interface ResetRequest {
  readonly group: string;
  readonly topic: string;
  /** Left out: all. */
  readonly partitions?: readonly number[];
  readonly to: ResetTarget;
  /** Only say what would be done. */
  readonly dryRun: boolean;
}

export interface ResetPartition {
  readonly partition: number;
  /** Null: nothing committed yet. */
  readonly from: string | null;
  readonly to: string;
  readonly endOffset: string;
  readonly lagAfter: number;
}

export type ResetResult =
  | { readonly kind: "reset"; readonly partitions: readonly ResetPartition[] }
  | { readonly kind: "unknown_group" }
  /** Offsets of a group with members cannot be set: they would be overwritten. */
  | { readonly kind: "has_members"; readonly state: string; readonly members: readonly string[] }
  /** What was asked for does not fit the topic: which partition, what was expected and what came. */
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

export type ReplayRequest =
  /** Invocations as a capture holds them. */
  | { readonly kind: "invocations"; readonly invocations: readonly unknown[] }
  /** Of the last ones, by id. */
  | { readonly kind: "ids"; readonly ids: readonly string[] }
  /** One record through a consumer whose state is empty. */
  | { readonly kind: "record"; readonly topic: string; readonly partition: number; readonly offset: string };

export interface ReplayedView {
  readonly id: string;
  /** Null for a record: there is nothing recorded to compare with. */
  readonly same: boolean | null;
  readonly diff: InvocationDiff | null;
  /** The function's code is not what it was; null for a record. */
  readonly codeChanged: boolean | null;
  readonly invocation: Invocation;
}

export type ReplayResult =
  | { readonly kind: "replayed"; readonly results: readonly ReplayedView[] }
  | { readonly kind: "not_found"; readonly reason: string }
  /** Not an invocation, or not one that this function can run. */
  | { readonly kind: "refused"; readonly reason: string };

export interface SchemaVersionView {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** AVRO, JSON or PROTOBUF. */
  readonly type: string;
}

export interface SubjectView {
  readonly subject: string;
  /** What a next version must be, such as BACKWARD; null where the registry does not tell. */
  readonly compatibility: string | null;
  /** How many versions there are. */
  readonly count: number;
  /** Newest first, fifty at most. */
  readonly versions: readonly (SchemaVersionView & { readonly schema: string })[];
}

/** The schema registry in use. Promises reject when it does not answer. */
export interface SchemasView {
  readonly url: string;
  /** The newest version of each subject. */
  list(): Promise<readonly SchemaVersionView[]>;
  /** Null for a subject that is not there. */
  subject(name: string): Promise<SubjectView | null>;
}

export interface AdminApi {
  /** Null: no schema registry is in use. */
  readonly schemas: SchemasView | null;
  /** For a topic that is there. */
  topicDetail(name: string): Promise<TopicDetail>;
  topicSchema(name: string): TopicSchemaView;
  brokers(): Promise<BrokersView>;
  /** An AsyncAPI 3.0 document of the topics that have a definition, and of who writes and reads them. */
  asyncApi(): Record<string, unknown>;
  produce(request: ProduceRequest): Promise<ProduceResult>;
  resetOffsets(request: ResetRequest): Promise<ResetResult>;
  /** `recent` are the function's last invocations. Nothing is sent and no state is kept. */
  replay(name: string, request: ReplayRequest, recent: readonly CapturedInvocation[]): Promise<ReplayResult>;
}
