import type { Command } from "commander";
import { subjectOf } from "../avro-serde.ts";
import { printable } from "../capture/render.ts";
import type { Topic } from "../define.ts";
import { nearest } from "../did-you-mean.ts";
import { checkSchema, listSchemas, registerSchema, schemaTextOf } from "../schemas.ts";
import { addConfigFlags, givenConfig } from "./config-flags.ts";
import { CliError, UsageError } from "./errors.ts";
import type { Cli } from "./program.ts";
import { table } from "./table.ts";

const KEYS = [
  "SERDE",
  "SCHEMA_REGISTRY_URL",
  "SCHEMA_REGISTRY_USERNAME",
  "SCHEMA_REGISTRY_CA_FILE",
  "EMBEDDED_REGISTRY_PORT",
];

export function registerSchemas(program: Command, { deps, out }: Cli): void {
  const flags = deps.configFlags.filter(({ key }) => KEYS.includes(key));
  const schemas = program.command("schemas").description("the topics' Avro schemas in the schema registry");
  const verb = (name: string, description: string): Command =>
    addConfigFlags(schemas.command(name).description(description).option("--json", "print JSON"), flags);

  const list = verb("list", "list the subjects of the registry with their newest version");
  list.action(async ({ json }: { json?: boolean }) => {
    const { registry } = await deps.schemaRegistry(givenConfig(list, flags));
    const found = await listSchemas(registry);
    if (json) return out.writeJson(found, "line");
    const rows = found.map((one) => [
      printable(one.subject),
      String(one.version),
      String(one.id),
      printable(one.schemaType ?? "AVRO"),
    ]);
    return out.write(table(["SUBJECT", "VERSION", "ID", "TYPE"], rows));
  });

  const show = verb("show", "print a topic's schema: as registered, or as its definition says")
    .argument("<topic>", "a topic, or a subject of the registry")
    .argument("[version]", "default: the newest", toVersion)
    .option("--defined", "what the topic's definition says, without asking the registry");
  show.action(
    async (
      name: string,
      version: number | undefined,
      { json, defined }: { json?: boolean; defined?: boolean },
    ) => {
      if (defined) {
        const [topic] = find(await deps.loadTopics(), [name]);
        return out.writeJson(JSON.parse(schemaTextOf(topic!)), json ? "line" : "indented");
      }
      const { registry } = await deps.schemaRegistry(givenConfig(show, flags));
      const wanted = version ?? "latest";
      const found =
        (await registry.version(subjectOf(name), wanted)) ?? (await registry.version(name, wanted));
      if (!found) {
        const what = version === undefined ? "a subject" : `version ${version} of a subject`;
        throw new CliError(`expected ${what} that the registry knows, got "${name}" ("${subjectOf(name)}")`);
      }
      if (json) return out.writeJson(found, "line");
      out.note(`${found.subject}, version ${found.version}, id ${found.id}`);
      return out.writeJson(JSON.parse(found.schema), "indented");
    },
  );

  const check = verb(
    "check",
    "tell whether changed definitions break those who read the topics; exit code 1 if so",
  );
  check.argument("[topics...]", "default: all topics in Avro");
  check.action(async (names: string[], { json }: { json?: boolean }) => {
    const { registry, topics } = await chosen(names, check);
    const functions = await deps.loadFunctions();
    const results = [];
    for (const topic of topics) results.push(await checkSchema(registry, topic, functions));
    if (json) await out.writeJson(results, "line");
    else {
      const rows = results.map((one) => [
        one.topic,
        one.result,
        one.version === null ? "-" : String(one.version),
        one.consumers.join(",") || "-",
      ]);
      await out.write(table(["TOPIC", "RESULT", "VERSION", "CONSUMERS"], rows));
      for (const { topic, problems } of results)
        for (const problem of problems) out.note(`${topic}: ${printable(problem)}`);
    }
    if (results.some(({ problems }) => problems.length > 0)) throw new CliError("");
  });

  const register = verb("register", "register the schemas of topics; exit code 1 if one is refused");
  register.argument("[topics...]", "default: all topics in Avro");
  register.action(async (names: string[], { json }: { json?: boolean }) => {
    const { registry, topics } = await chosen(names, register);
    const results = [];
    for (const topic of topics) results.push(await registerSchema(registry, topic));
    if (json) await out.writeJson(results, "line");
    else {
      const rows = results.map(({ topic, result, id }) => [topic, result, id === null ? "-" : String(id)]);
      await out.write(table(["TOPIC", "RESULT", "ID"], rows));
      for (const { topic, reason } of results)
        if (reason !== null) out.note(`${topic}: ${printable(reason)}`);
    }
    if (results.some(({ result }) => result === "refused")) throw new CliError("");
  });

  async function chosen(names: readonly string[], command: Command) {
    const { registry, isAvro } = await deps.schemaRegistry(givenConfig(command, flags));
    const all = await deps.loadTopics();
    if (names.length > 0) return { registry, topics: find(all, names) };
    const topics = all.filter(({ name }) => isAvro(name));
    if (topics.length === 0)
      throw new UsageError("SERDE: expected avro for a topic, or topics by name, got none");
    return { registry, topics };
  }
}

function find(topics: readonly Topic[], names: readonly string[]): readonly Topic[] {
  const known = topics.map(({ name }) => name);
  return names.map((name) => {
    const topic = topics.find((one) => one.name === name);
    if (topic) return topic;
    const close = nearest(name, known);
    const hint = close === null ? "." : `; did you mean ${close}?`;
    throw new UsageError(`unknown topic ${JSON.stringify(name)}${hint} Known: ${known.join(", ") || "none"}`);
  });
}

function toVersion(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`version: expected a whole number from 1, got "${text}"`);
}
