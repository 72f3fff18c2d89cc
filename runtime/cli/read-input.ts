import { readFile } from "node:fs/promises";
import { FORMAT } from "../capture/format.ts";
import type { CliDeps } from "./deps.ts";
import { UsageError } from "./errors.ts";

/** The one JSON document in the file `source`, or on stdin for `-`. Throws UsageError saying what came instead. */
export async function readInput(deps: Pick<CliDeps, "stdin">, source: string): Promise<unknown> {
  const name = source === "-" ? "stdin" : source;
  const text = source === "-" ? await readAll(deps.stdin) : await readText(source);
  if (text.trim() === "") throw new UsageError(`${name}: expected a JSON document, got nothing`);
  if (text.startsWith(`{"format":"${FORMAT}"`)) {
    throw new UsageError(
      `${name}: this is a whole capture: use "ksp replay", or give one of its invocations (sed -n 2p ${name} | ksp invoke … --input -)`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name}: expected one JSON document: ${(error as Error).message}`);
  }
}

async function readAll(stdin: CliDeps["stdin"]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${path}: ${code === "ENOENT" ? "no such file" : message}`);
  }
}
