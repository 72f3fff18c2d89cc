// `npm run dev`: the platform from its sources, restarted when they change, and the browser app rebuilt when its do.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { watchWeb } from "./build-web.js";

await watchWeb();
const tsx = fileURLToPath(import.meta.resolve("tsx/cli"));
const platform = spawn(
  process.execPath,
  [tsx, "watch", "--clear-screen=false", "runtime/main.ts", "start", "--dev", ...process.argv.slice(2)],
  { cwd: fileURLToPath(new URL("..", import.meta.url)), stdio: "inherit" },
);
// A terminal's Ctrl-C reaches the platform by itself; this process waits until it has drained.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => platform.kill("SIGTERM"));
platform.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 0)));
