import type { Command } from "commander";
import { type Acl, aclsOf, toKafkaAcls } from "../acls.ts";
import { findFunction } from "./find-function.ts";
import type { Cli } from "./program.ts";

interface Options {
  readonly principal: string;
  readonly json?: boolean;
  readonly grant?: boolean;
}

/** The shell fills in where Kafka is, and the file with the administrator's credentials. */
const TOOL = 'kafka-acls.sh --bootstrap-server "$KAFKA_BROKERS" --command-config admin.properties';

export function registerAcls(program: Command, { deps, out }: Cli): void {
  program
    .command("acls")
    .description("list the least that Kafka has to allow, as commands for Kafka's own tool")
    .argument("[function]", "for a process that runs this function alone, without the API")
    .option("--principal <principal>", "whom to allow it", "User:ksp")
    .option("--json", "print JSON, without a principal")
    .option("--grant", "tell Kafka to allow it, with the rights of this command's own settings")
    .action(async (name: string | undefined, { principal, json, grant }: Options) => {
      const functions = await deps.loadFunctions();
      const list = aclsOf(await deps.loadTopics(), functions);
      const only = name === undefined ? null : findFunction(functions, name).name;
      const chosen = list.functions.filter((fn) => only === null || fn.name === only);
      if (grant) {
        // To create topics is the administrator's, by `ksp topics create`.
        const acls = [
          ...chosen.flatMap((fn) => fn.acls),
          ...(only === null ? [...list.api, ...list.apiWrites] : []),
        ];
        await deps.grantAcls(acls, principal);
        return out.write(`${principal} is allowed what ${only ?? "the platform"} needs\n`);
      }
      if (json) return out.writeJson(only === null ? list : chosen[0], "line");
      const section = (title: string, acls: readonly Acl[]): string =>
        [`# ${title}`, ...acls.map((acl) => toKafkaAcls(acl, principal, TOOL)), ""].join("\n");
      const sections = chosen.map((fn) => section(fn.name, fn.acls));
      if (only === null) {
        sections.push(
          section("the API and the page", list.api),
          section("what the API changes (not with READ_ONLY=true)", list.apiWrites),
          section("creating missing topics", list.topicCreation),
        );
      }
      return out.write(`${sections.join("\n")}`);
    });
}
