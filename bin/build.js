// Builds dist/ from the sources; `buildIfStale` does so only when a source has changed since.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWeb } from "./build-web.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const stampFile = join(root, "dist", ".stamp");
const folders = ["functions", "runtime", "ui", "infra/embedded", "bin"];

function sources() {
  return folders
    .flatMap((folder) =>
      existsSync(join(root, folder))
        ? readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
        : [],
    )
    .filter(
      (entry) =>
        entry.isFile() && /\.(ts|tsx|js|css|html|svg)$/.test(entry.name) && !entry.name.includes(".test."),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** Of paths, sizes and times: a file that is added, changed or removed changes it. */
function stampOf(files) {
  const hash = createHash("sha256");
  for (const file of [...files, "package.json"]) {
    const { mtimeMs, size } = statSync(join(root, file));
    hash.update(`${file}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest("hex");
}

export async function buildIfStale() {
  const files = sources();
  // An image that holds only what was built has nothing to build from.
  if (files.every((file) => !file.endsWith(".ts"))) return;
  const stamp = stampOf(files);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  await build(files, stamp);
}

async function build(files, stamp) {
  const { build: bundle, stop } = await import("esbuild");
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const server = bundle({
    absWorkingDir: root,
    // Each function and topic stays a file of its own: they are found by folder.
    entryPoints: [
      "runtime/main.ts",
      "infra/embedded/main.ts",
      ...files.filter((file) => /^functions\/(topics|produce|consume)\/[^/]+\.ts$/.test(file)),
    ],
    outdir: "dist",
    outbase: ".",
    bundle: true,
    splitting: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20.19",
    sourcemap: "linked",
    logLevel: "warning",
  });
  await Promise.all([server, buildWeb()]);
  await stop(); // its service would live on as long as the platform
  writeFileSync(stampFile, stamp);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = sources();
  await build(files, stampOf(files));
}
