// Builds dist/ from the sources; `buildIfStale` does so only when a source has changed since.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
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

const isBuilt = (stamp) => existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;

export async function buildIfStale() {
  const files = sources();
  // An image that holds only what was built has nothing to build from.
  if (files.every((file) => !file.endsWith(".ts"))) return;
  const stamp = stampOf(files);
  if (isBuilt(stamp)) return;
  await build(files, stamp);
}

/**
 * Builds beside `dist` and then puts that in its place: a platform that runs from it, and others that start meanwhile,
 * never see half of it, and a build that fails leaves the last one.
 */
async function build(files, stamp) {
  const staging = join(root, `dist.${process.pid}`);
  const old = `${staging}.old`;
  try {
    await buildInto(staging, files);
    writeFileSync(join(staging, ".stamp"), stamp);
    await alone(() => {
      if (isBuilt(stamp)) return; // somebody else was faster
      if (existsSync(join(root, "dist"))) renameSync(join(root, "dist"), old);
      renameSync(staging, join(root, "dist"));
    });
  } finally {
    for (const folder of [staging, old]) rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs what takes a moment while no other process does. Who died within it holds nobody up for more than two seconds. */
async function alone(job) {
  const lock = join(root, "dist.lock");
  for (let tries = 0; tries < 200; tries++) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  try {
    job();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** With its own dependencies in it, but for what is loaded later or is not JavaScript: finding files is half of a start. */
export const brokerBundle = {
  absWorkingDir: root,
  entryPoints: ["infra/embedded/main.ts"],
  bundle: true,
  splitting: true,
  external: ["@node-rs/crc32", "snappy", "lz4-napi", "@mongodb-js/zstd", "pino-pretty", "prom-client"],
  // For those of them that are CommonJS and ask for Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  format: /** @type {const} */ ("esm"),
  platform: /** @type {const} */ ("node"),
  target: "node20.19",
  logLevel: /** @type {const} */ ("warning"),
};

async function buildInto(outdir, files) {
  const { build: bundle, stop } = await import("esbuild");
  const server = bundle({
    absWorkingDir: root,
    // Each function and topic stays a file of its own: they are found by folder.
    entryPoints: [
      "runtime/main.ts",
      "infra/embedded/registry/main.ts",
      ...files.filter((file) => /^functions\/(topics|produce|consume)\/[^/]+\.ts$/.test(file)),
    ],
    outdir,
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
  const broker = bundle({ ...brokerBundle, outdir: join(outdir, "infra", "embedded"), sourcemap: "linked" });
  try {
    await Promise.all([server, broker, buildWeb(join(outdir, "web"))]);
  } finally {
    await stop(); // its service would live on as long as the platform
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = sources();
  rmSync(stampFile, { force: true });
  await build(files, stampOf(files));
}
