/** A platform to test the API and the page against: fixed data, whose parts a test may replace. */
import type { ApiNumbers, MetricsPort } from "../runtime/metrics/metrics-view.ts";
import type {
  CapturedInvocation,
  CommandPort,
  FunctionView,
  GroupView,
  ReadView,
  RecordView,
  TopicView,
} from "../runtime/view.ts";
import type { About, ApiDeps } from "./api/api.ts";
import { FakeAdmin } from "./fake-admin.ts";
import { FakeBrowse } from "./fake-browse.ts";
import { FakeStream } from "./fake-stream.ts";

const AT = Date.UTC(2026, 10, 22, 10, 0, 0, 5);

export const aRecord: RecordView = {
  topic: "user-events",
  partition: 1,
  offset: "9007199254740993",
  timestamp: AT,
  key: "user_1000",
  headers: { source: "test" },
  valueText: '{"user_id":"user_1000","amount":9007199254740993,"price":1.50}',
  isJson: true,
  keySize: 9,
  valueSize: 61,
  isCut: false,
};

export const aTopic: TopicView = {
  name: "user-events",
  defined: true,
  description: "What users do",
  key: "user_id",
  partitions: [
    {
      partition: 0,
      leader: 1,
      replicas: [1],
      isr: [1],
      startOffset: "0",
      endOffset: "9007199254740994",
      sizeBytes: 1_000,
    },
    { partition: 1, leader: 1, replicas: [1], isr: [1], startOffset: "5", endOffset: "6", sizeBytes: 24 },
  ],
  replicationFactor: 1,
  messageCount: 7,
  recentCount: 3,
  totalConsumed: 4,
  rate: 0.5,
  retentionMs: 86_400_000,
  cleanupPolicy: "delete",
  sizeBytes: 1_024,
  role: "input",
  alerts: false,
  unreadable: null,
};

export const anEmptyTopic: TopicView = {
  ...aTopic,
  name: "__proto__",
  defined: false,
  description: null,
  key: null,
  partitions: [],
  messageCount: 0,
  recentCount: 0,
  totalConsumed: 0,
  rate: 0,
  retentionMs: null,
  cleanupPolicy: null,
  sizeBytes: null,
  role: "other",
};

export const aFunction: FunctionView = {
  name: "analytics-consumer",
  kind: "consumer",
  description: "Counts what users do",
  codeHash: "abc123",
  config: { windowMs: 60_000 },
  topic: "user-events",
  group: "analytics-group",
  emits: ["processed-events"],
  status: "running",
  reason: null,
  invocations: { ok: 10, error: 1, invalid: 2 },
  recordsIn: 100,
  recordsOut: 50,
  deadLetters: 2,
  retries: 1,
  impure: 0,
  restarts: 0,
  rebalances: 1,
  lastInvocationAt: AT,
  lastError: null,
  meanDurationMs: 1.25,
  metrics: { 'events{type="click"}': 7 },
  state: { durability: "memory", keys: 9 },
  assignment: [0, 1, 2],
  lag: 0,
};

export const aGroup: GroupView = {
  id: "analytics-group",
  state: "Stable",
  protocol: "range",
  members: [
    {
      id: "member-1",
      clientId: "ksp",
      host: "/127.0.0.1",
      assignment: [{ topic: "user-events", partitions: [0, 1] }],
    },
  ],
  partitions: [
    {
      topic: "user-events",
      partition: 0,
      committedOffset: "9007199254740993",
      endOffset: "9007199254740994",
      lag: 1,
      lagSeconds: 1.5,
      memberId: "member-1",
    },
    {
      topic: "user-events",
      partition: 1,
      committedOffset: null,
      endOffset: "6",
      lag: 1,
      lagSeconds: null,
      memberId: null,
    },
  ],
  lag: 2,
  lagSeconds: null,
};

export const anInvocation: CapturedInvocation = {
  id: "i-1",
  function: "analytics-consumer",
  codeHash: "abc123",
  trigger: "kafka",
  attempt: 1,
  input: { kind: "batch", topic: "user-events", partition: 0, records: [], state: {} },
  now: AT,
  seed: "analytics-consumer/user-events/0",
  config: {},
  outcome: { kind: "ok", output: {} },
  logs: [],
  metrics: [],
  durationMs: 0.5,
};

export class FakeView implements ReadView {
  readonly browse = new FakeBrowse();
  readonly stream = new FakeStream();
  readonly listeners = new Set<(invocation: CapturedInvocation) => void>();

  health(): ReturnType<ReadView["health"]> {
    return { status: "healthy", checks: { kafka: { status: "healthy" } } };
  }
  ready(): ReturnType<ReadView["ready"]> {
    return { status: "healthy" };
  }
  topics(): readonly TopicView[] {
    return [aTopic, anEmptyTopic];
  }
  topic(name: string): TopicView | null {
    return this.topics().find((t) => t.name === name) ?? null;
  }
  async messages(topic: string, limit: number): Promise<readonly RecordView[] | null> {
    return topic === aTopic.name ? [aRecord, { ...aRecord, offset: "9007199254740994" }].slice(-limit) : [];
  }
  async latest(topic: string): Promise<RecordView | null> {
    return topic === aTopic.name ? aRecord : null;
  }
  lastUpdate(): number | null {
    return AT;
  }
  functions(): readonly FunctionView[] {
    return [aFunction];
  }
  function(name: string): FunctionView | null {
    return this.functions().find((f) => f.name === name) ?? null;
  }
  invocations(_name: string): readonly CapturedInvocation[] {
    return [anInvocation, { ...anInvocation, id: "i-2" }];
  }
  follow(_name: string, listener: (invocation: CapturedInvocation) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  async groups(): Promise<readonly GroupView[]> {
    return [aGroup];
  }
  async group(id: string): Promise<GroupView | null> {
    return (await this.groups()).find((g) => g.id === id) ?? null;
  }
  publish(invocation: CapturedInvocation): void {
    for (const listener of this.listeners) listener(invocation);
  }
}

export class FakeCommands implements CommandPort {
  readonly inputs: unknown[] = [];
  outcome: CapturedInvocation["outcome"] = { kind: "ok", output: {} };

  async invoke(_name: string, input: unknown): ReturnType<CommandPort["invoke"]> {
    this.inputs.push(input);
    return { ...anInvocation, trigger: "http", outcome: this.outcome };
  }
  async sample(_name: string): Promise<unknown> {
    return anInvocation.input;
  }
}

/** Tells the numbers that the API provides. */
export class FakeMetrics implements MetricsPort {
  readonly #numbers = new Map<keyof ApiNumbers, () => number>();

  provide(name: keyof ApiNumbers, read: () => number): void {
    this.#numbers.set(name, read);
  }
  async scrape(): ReturnType<MetricsPort["scrape"]> {
    const lines = [...this.#numbers].map(([name, read]) => `${name} ${read()}\n`);
    return { contentType: "text/plain; version=0.0.4; charset=utf-8", text: lines.join("") };
  }
}

export class FakeLog {
  readonly errors: Record<string, unknown>[] = [];
  error(fields: Record<string, unknown>): void {
    this.errors.push(fields);
  }
}

const about: About = { version: "0.1.0", readOnly: false, startedAt: AT, embedded: true };

/** All that an app needs; give what should differ. */
export function fakeDeps<Given extends Partial<ApiDeps>>(given: Given) {
  return {
    view: new FakeView(),
    commands: new FakeCommands(),
    admin: new FakeAdmin(),
    metrics: new FakeMetrics(),
    about,
    access: { token: null, allowedHosts: [] },
    log: new FakeLog(),
    webRoot: new URL("./web", import.meta.url).pathname,
    stopping: new AbortController().signal,
    ...given,
  };
}

/** A response's JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into JSON of every shape
export async function jsonOf(response: Response): Promise<any> {
  return JSON.parse(await response.text());
}
