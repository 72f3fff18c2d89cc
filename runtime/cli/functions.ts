import type { Command } from "commander";
import { redact } from "../capture/redact.ts";
import { printable } from "../capture/render.ts";
import type { LoadedFunction } from "../invoke.ts";
import { createPlatform } from "./platform.ts";
import type { Cli } from "./program.ts";
import { table } from "./table.ts";

interface Options {
  readonly url?: string | true;
  readonly json?: boolean;
}

export function registerFunctions(program: Command, { deps, out }: Cli): void {
  program
    .command("functions")
    .description("list the functions: those defined here, or those of a running platform")
    .option("--url [url]", "ask the platform that runs there (default: on this machine)")
    .option("--json", "print JSON")
    .action(async ({ url, json }: Options) => {
      if (url === undefined) {
        const functions = (await deps.loadFunctions()).map(toSummary);
        if (json) return out.writeJson(functions, "line");
        const rows = functions.map((f) => [
          f.name,
          f.kind,
          f.topic ?? "-",
          f.emits.join(",") || "-",
          f.description,
        ]);
        return out.write(table(["NAME", "KIND", "READS", "EMITS", "DESCRIPTION"], rows));
      }
      const answer = await createPlatform({ deps, out }, url === true ? null : url).get("/api/functions");
      if (json) return out.writeJson(answer, "line");
      const { functions } = answer as { functions: readonly Running[] };
      const rows = functions.map((f) =>
        [
          f.name,
          f.kind,
          f.status,
          f.records_in,
          f.records_out,
          f.dead_letters,
          f.lag ?? "-",
          f.reason ?? "",
        ].map((cell) => printable(String(cell))),
      );
      return out.write(table(["NAME", "KIND", "STATUS", "IN", "OUT", "DLQ", "LAG", "REASON"], rows));
    });
}

/** What the platform's API says of a function, as far as the table shows it. */
interface Running {
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly reason: string | null;
  readonly records_in: number;
  readonly records_out: number;
  readonly dead_letters: number;
  readonly lag: number | null;
}

function toSummary({ name, codeHash, definition, config }: LoadedFunction) {
  return {
    name,
    kind: definition.kind,
    description: definition.description,
    topic: definition.kind === "consumer" ? (definition.topic.name as string) : null,
    group: definition.kind === "consumer" ? definition.group : null,
    emits: definition.emits.map((topic: { name: string }) => topic.name) as readonly string[],
    code_hash: codeHash,
    config: redact(config),
  };
}
