import type { Command } from "commander";
import { sampleInput } from "../sample.ts";
import { findFunction } from "./find-function.ts";
import type { Cli } from "./program.ts";

export function registerSample(program: Command, { deps, out }: Cli): void {
  program
    .command("sample")
    .description("print a valid input of a function, to start from")
    .argument("<function>", "its name")
    .option("--json", "in one line")
    .action(async (name: string, { json }: { json?: boolean }) => {
      const functions = await deps.loadFunctions();
      await out.writeJson(sampleInput(findFunction(functions, name), functions), json ? "line" : "indented");
    });
}
