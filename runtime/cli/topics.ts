import type { Command } from "commander";
import { z } from "zod";
import { printable } from "../capture/render.ts";
import type { Topic } from "../define.ts";
import { addConfigFlags, givenConfig } from "./config-flags.ts";
import { createPlatform } from "./platform.ts";
import type { Cli } from "./program.ts";
import { table } from "./table.ts";

interface Options {
  readonly url?: string | true;
  readonly json?: boolean;
}

export function registerTopics(program: Command, { deps, out }: Cli): void {
  const topicsCommand = program
    .command("topics")
    .description("list the topics: those defined here, or those of a running platform")
    .option("--url [url]", "ask the platform that runs there (default: on this machine)")
    .option("--json", "print JSON, with the values' JSON schema")
    .action(async ({ url, json }: Options) => {
      if (url === undefined) {
        const topics = await deps.loadTopics();
        if (json) return out.writeJson(topics.map(toSummary), "line");
        const rows = topics.map((t) => [
          t.name,
          String(t.partitions),
          t.key ?? "-",
          t.compression,
          t.description,
        ]);
        return out.write(table(["NAME", "PARTITIONS", "KEY", "COMPRESSION", "DESCRIPTION"], rows));
      }
      const answer = await createPlatform({ deps, out }, url === true ? null : url).get("/api/topics");
      if (json) return out.writeJson(answer, "line");
      const { topics } = answer as { topics: readonly Record<string, unknown>[] };
      const rows = topics.map((t) =>
        [t.name, partitionsOf(t.partitions), t.replication_factor, t.message_count].map((cell) =>
          printable(String(cell)),
        ),
      );
      return out.write(table(["NAME", "PARTITIONS", "REPLICAS", "RECORDS"], rows));
    });

  const flags = deps.configFlags.filter(({ key }) => key !== "HTTP_PORT");
  const create = topicsCommand
    .command("create")
    .description("create the topics that are missing, as they are defined, and the dead letter queues");
  addConfigFlags(create, flags).action(async () => {
    const { all, created } = await deps.createTopics(givenConfig(create, flags));
    const rows = all.map((name) => [name, created.includes(name) ? "created" : "there already"]);
    return out.write(table(["NAME", "RESULT"], rows));
  });
}

const partitionsOf = (partitions: unknown): unknown =>
  Array.isArray(partitions) ? partitions.length : partitions;

function toSummary({ schema, kind: _, ...topic }: Topic) {
  return { ...topic, schema: z.toJSONSchema(schema, { unrepresentable: "any" }) };
}
