/** Administration to test the API against: fixed answers, which a test may replace. */
import type {
  AdminApi,
  ProduceRequest,
  ProduceResult,
  ReplayRequest,
  ReplayResult,
  ResetRequest,
  ResetResult,
  TopicSchemaView,
} from "../runtime/admin-view.ts";

/** Answers what it is given to answer, and keeps what it was asked. */
export class FakeAdmin implements AdminApi {
  readonly requests: unknown[] = [];
  produced: ProduceResult = {
    kind: "written",
    topic: "user-events",
    partition: 1,
    offset: "9007199254740994",
  };
  reset: ResetResult = { kind: "reset", partitions: [] };
  replayed: ReplayResult = { kind: "replayed", results: [] };
  schema: TopicSchemaView = { jsonSchema: { type: "object" }, sample: { user_id: "user_1000" } };

  readonly schemas: AdminApi["schemas"] = null;

  async topicDetail(): ReturnType<AdminApi["topicDetail"]> {
    return {
      config: [{ name: "retention.ms", value: "86400000", isDefault: false, isSensitive: false }],
      producers: ["event-producer"],
      consumers: [{ function: "analytics-consumer", group: "analytics-group" }],
    };
  }
  topicSchema(): TopicSchemaView {
    return this.schema;
  }
  async brokers(): ReturnType<AdminApi["brokers"]> {
    return {
      clusterId: "cluster-1",
      controllerId: 1,
      brokers: [{ id: 1, host: "127.0.0.1", port: 9092, rack: null }],
      config: [{ name: "ssl.key.password", value: null, isDefault: false, isSensitive: true }],
      logDirs: [{ broker: 1, topic: "user-events", partition: 0, sizeBytes: 1_000 }],
      logDirsTrouble: null,
    };
  }
  asyncApi(): Record<string, unknown> {
    return { asyncapi: "3.0.0" };
  }
  async produce(request: ProduceRequest): Promise<ProduceResult> {
    this.requests.push(request);
    return this.produced;
  }
  async resetOffsets(request: ResetRequest): Promise<ResetResult> {
    this.requests.push(request);
    return this.reset;
  }
  async replay(name: string, request: ReplayRequest): Promise<ReplayResult> {
    this.requests.push({ name, ...request });
    return this.replayed;
  }
}
