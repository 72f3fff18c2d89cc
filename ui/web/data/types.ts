/** What the API answers, as /openapi.json describes it: snake_case, offsets as decimal strings, times ISO 8601. */

export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly requestId?: string;
  readonly errors?: readonly { readonly parameter?: string; readonly detail: string }[];
}

export interface Health {
  readonly status: "healthy" | "unhealthy";
  readonly checks: Readonly<
    Record<string, { readonly status: "healthy" | "unhealthy"; readonly reason?: string }>
  >;
}

export interface TopicPartition {
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly start_offset: string;
  readonly end_offset: string;
  readonly size_bytes?: number | null;
}

export interface Topic {
  readonly name: string;
  readonly partitions: number;
  readonly replication_factor: number;
  readonly message_count: number;
  readonly recent_messages: number;
  readonly total_consumed: number;
  readonly rate: number;
  readonly defined: boolean;
  readonly description: string | null;
  readonly key: string | null;
  readonly partition_details: readonly TopicPartition[];
  readonly retention_ms?: number | null;
  readonly size_bytes?: number | null;
  readonly cleanup_policy?: string | null;
  readonly role?: "input" | "derived" | "dlq" | "other";
  readonly alerts?: boolean;
  readonly unreadable?: string | null;
}

export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  readonly is_default: boolean;
  readonly is_sensitive?: boolean;
}

export interface TopicDetails extends Topic {
  readonly config: readonly ConfigEntry[];
  readonly producers: readonly string[];
  readonly consumers: readonly { readonly function: string | null; readonly group: string }[];
}

export type FunctionStatus = "stopped" | "starting" | "running" | "waiting" | "failing";

export interface FunctionInfo {
  readonly name: string;
  readonly kind: "producer" | "consumer";
  readonly description: string;
  readonly code_hash: string;
  readonly config: unknown;
  readonly topic: string | null;
  readonly group: string | null;
  readonly emits: readonly string[];
  readonly status: FunctionStatus;
  readonly reason: string | null;
  readonly invocations: { readonly ok: number; readonly error: number; readonly invalid: number };
  readonly records_in: number;
  readonly records_out: number;
  readonly dead_letters: number;
  readonly retries: number;
  readonly impure: number;
  readonly restarts: number;
  readonly rebalances: number;
  readonly last_invocation_at: string | null;
  readonly last_error: string | null;
  readonly mean_duration_ms: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly state: { readonly durability: string; readonly keys: number };
  readonly assignment: readonly number[];
  readonly lag: number | null;
}

export interface GroupPartition {
  readonly topic: string;
  readonly partition: number;
  readonly committed_offset: string | null;
  readonly end_offset: string;
  readonly lag: number;
  readonly lag_seconds?: number | null;
  readonly member_id: string | null;
}

export interface Group {
  readonly id: string;
  readonly state: string;
  readonly protocol: string;
  readonly lag: number;
  readonly lag_seconds?: number | null;
  readonly members: readonly {
    readonly id: string;
    readonly client_id: string;
    readonly host: string;
    readonly assignment: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  }[];
  readonly partitions: readonly GroupPartition[];
}

export interface AppConfig {
  readonly version: string;
  readonly read_only: boolean;
  readonly started_at: string;
  readonly embedded: boolean;
  readonly needs_token: boolean;
}

/** Event `stats` of /api/stream, every second. */
export interface StatsEvent {
  readonly health: Health["status"];
  readonly topics: readonly {
    readonly name: string;
    readonly rate: number;
    readonly message_count: number;
    readonly recent_count: number;
  }[];
  readonly functions: readonly {
    readonly name: string;
    readonly status: FunctionStatus;
    readonly reason: string | null;
    readonly lag: number | null;
    readonly records_in: number;
    readonly records_out: number;
    readonly dead_letters: number;
    readonly invocations: { readonly ok: number; readonly error: number; readonly invalid: number };
    readonly mean_duration_ms: number | null;
    readonly rate_in: number;
    readonly rate_out: number;
  }[];
  readonly rate_in: number;
  readonly rate_out: number;
}

/** Event `lag` of /api/stream, every 2 s. */
export interface LagEvent {
  readonly groups: readonly {
    readonly id: string;
    readonly state: string;
    readonly members: number;
    readonly lag: number;
    readonly lag_seconds: number | null;
    readonly partitions: readonly {
      readonly topic: string;
      readonly partition: number;
      readonly lag: number;
      readonly lag_seconds: number | null;
      readonly committed_offset: string | null;
      readonly end_offset: string;
    }[];
  }[];
}

/** Event `invocation` of /api/stream. */
export interface InvocationEvent {
  readonly id: string;
  readonly function: string;
  readonly at: string;
  readonly trigger: string;
  readonly outcome: "ok" | "error" | "invalid";
  readonly error: string | null;
  readonly records: number;
  readonly first_offset: string | null;
  readonly last_offset: string | null;
  readonly partition: number | null;
  readonly emits: number;
  readonly duration_ms: number;
}

/** Event `dropped` of /api/stream: what was not sent. */
export interface DroppedEvent {
  readonly event: "message" | "invocation";
  readonly count: number;
  /** Left out as more than can be read, or lost as this page read too slowly or came back too late. */
  readonly reason: "sampled" | "slow";
  readonly topic: string | null;
  readonly function: string | null;
}
