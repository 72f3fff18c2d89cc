/** Runs the benches, or those that are named: `npm run bench -- log stream`. Each prints a table of its own. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const known = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts")
  .map((file) => file.replace(/\.ts$/, ""));
const named = process.argv.slice(2);
const unknown = named.find((name) => !known.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`Expected benches out of ${known.join(", ")}, got "${unknown}"\n`);
  process.exit(2);
}
for (const name of named.length > 0 ? named : known) {
  process.stdout.write(`\n# ${name}\n`);
  const { status } = spawnSync(process.execPath, ["--import", "tsx", join(folder, `${name}.ts`)], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
