import { describe, expect, it } from "vitest";
import type { Topic } from "../../data/types.ts";
import { filterTopics } from "./filter.ts";

const topic = (name: string, rest: Partial<Topic> = {}) =>
  ({ name, defined: true, description: null, ...rest }) as Topic;
const topics = [
  topic("user-events", { description: "What users do", role: "input" }),
  topic("processed-events", { role: "derived" }),
  topic("user-events.dlq"),
  topic("__consumer_offsets", { defined: false }),
  topic("theirs", { defined: false }),
];
const names = (text: string, role = "") => filterTopics(topics, text, role).map(({ name }) => name);

describe("the list of topics", () => {
  it("leaves out Kafka's own unless they are asked for", () => {
    expect(names("")).toEqual(["user-events", "processed-events", "user-events.dlq", "theirs"]);
    expect(names("", "internal")).toEqual(["__consumer_offsets"]);
  });

  it("has those whose name or description holds every word", () => {
    expect(names("EVENTS user")).toEqual(["user-events", "user-events.dlq"]);
    expect(names("users do")).toEqual(["user-events"]);
  });

  it("has those of a role, told by the name where the server does not tell", () => {
    expect(names("", "dlq")).toEqual(["user-events.dlq"]);
    expect(names("", "other")).toEqual(["theirs"]);
    expect(names("processed", "input")).toEqual([]);
  });
});
