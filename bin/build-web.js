// Builds the browser app of ui/web: scripts split by page, one stylesheet, and an index.html that names them.
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const web = join(root, "ui", "web");

/** In the order of the cascade: what comes later may change what came before. */
const STYLE_FOLDERS = ["styles", "shell", "parts", "pages"];

/** One stylesheet of all: a page's own styles are found, not imported (a lazy script cannot bring its own). */
function stylesheet() {
  const files = STYLE_FOLDERS.flatMap((folder) =>
    readdirSync(join(web, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".css"))
      .sort()
      .map((file) => `./${folder}/${file.replaceAll("\\", "/")}`),
  );
  return ["uplot/dist/uPlot.min.css", ...files].map((file) => `@import ${JSON.stringify(file)};`).join("\n");
}

/** A built file and all that it imports at once, to the last. */
function withImports(outputs, file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path, kind } of outputs[file].imports) {
    if (kind === "import-statement") withImports(outputs, path, found);
  }
  return found;
}

/** The page itself, with the names of the built files in the place that index.html marks. */
function page({ outputs }, styles) {
  const built = (source) => Object.keys(outputs).find((path) => outputs[path].entryPoint === source);
  const entry = built("ui/web/main.tsx");
  // Most of what the first page needs is what every page needs: asked for at once, not one after the other.
  const shared = new Set([
    ...withImports(outputs, entry),
    ...withImports(outputs, built("ui/web/pages/overview/index.tsx")),
  ]);
  shared.delete(entry);
  const url = (path) => `/assets/${basename(path)}`;
  const tags = [
    `<link rel="stylesheet" href="${url(styles)}">`,
    ...[...shared].map((path) => `<link rel="modulepreload" href="${url(path)}">`),
    // The first paint waits for it: it sets the theme that was chosen.
    `<script type="module" blocking="render" src="${url(entry)}"></script>`,
  ];
  return readFileSync(join(web, "index.html"), "utf8").replace("<!-- built files -->", tags.join("\n    "));
}

/** Builds into `outdir`, and removes what an earlier build left there once this one has succeeded. */
export async function buildWeb(outdir = join(root, "dist", "web")) {
  const { build } = await import("esbuild");
  const common = {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    target: ["chrome114", "firefox115", "safari17"],
    sourcemap: "linked",
    logLevel: "warning",
    outdir: join(outdir, "assets"),
  };
  const [script, style] = await Promise.all([
    build({
      ...common,
      entryPoints: { app: "ui/web/main.tsx" },
      entryNames: "[name]-[hash]",
      chunkNames: "[name]-[hash]",
      format: "esm",
      splitting: true,
      jsx: "automatic",
      jsxImportSource: "preact",
    }),
    build({
      ...common,
      stdin: { contents: stylesheet(), loader: "css", resolveDir: web, sourcefile: "app.css" },
      entryNames: "app-[hash]",
    }),
  ]);
  const styles = Object.keys(style.metafile.outputs).find((path) => path.endsWith(".css"));
  const files = new Map(
    [...script.outputFiles, ...style.outputFiles].map((file) => [file.path, file.contents]),
  );
  files.set(join(outdir, "icon.svg"), readFileSync(join(web, "icon.svg")));
  // Last: whoever reads it finds all that it names.
  files.set(join(outdir, "index.html"), Buffer.from(page(script.metafile, styles)));
  await writeAll(files);
  removeOthers(outdir, files);
}

async function writeAll(files) {
  for (const [path, contents] of [...files]) {
    mkdirSync(join(path, ".."), { recursive: true });
    if (/\.(js|css)$/.test(path)) {
      files.set(`${path}.gz`, null);
      writeFileSync(`${path}.gz`, await promisify(gzip)(contents, { level: 9 }));
    }
    writeFileSync(path, contents);
  }
}

function removeOthers(outdir, files) {
  for (const file of readdirSync(outdir, { withFileTypes: true, recursive: true })) {
    const path = join(file.parentPath, file.name);
    if (file.isFile() && !files.has(path)) rmSync(path);
  }
}

/** esbuild has told what is wrong with the sources already; the last build stays. */
function expectSourceErrors(error) {
  if (!error.errors) throw error;
}

/** Rebuilds whenever a source of the browser app changes, until the process ends. */
export async function watchWeb() {
  const rebuild = () => buildWeb().catch(expectSourceErrors);
  await rebuild();
  let pending;
  watch(web, { recursive: true }, (_event, file) => {
    if (/\.test\./.test(file ?? "")) return;
    clearTimeout(pending);
    pending = setTimeout(rebuild, 50);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildWeb().catch((error) => {
    expectSourceErrors(error);
    process.exitCode = 1;
  });
  const { stop } = await import("esbuild");
  await stop();
}
