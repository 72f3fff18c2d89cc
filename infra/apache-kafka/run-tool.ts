import { spawn } from "node:child_process";

/**
 * Runs a command line tool to its end and returns what it printed on stdout.
 * Throws with `hint` when the tool is not installed, and with the end of its output when it fails.
 */
export async function runTool(
  tool: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  hint: string,
): Promise<string> {
  const child = spawn(tool, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let all = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk;
    all += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    all += chunk;
  });
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT" ? new Error(`Expected ${tool} on the PATH, found none. ${hint}`) : error,
      ),
    );
    child.once("close", (exitCode, signal) => resolve(exitCode ?? signal ?? "unknown"));
  });
  if (code !== 0) throw new Error(`${tool} ended with ${code}:\n${all.trim().slice(-2000)}`);
  return out;
}
