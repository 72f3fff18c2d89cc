/** The browser app as it is built: what a visit loads, and how much of it. */
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
// @ts-expect-error: plain JavaScript, which runs before anything is built
import { buildWeb } from "../bin/build-web.js";

/** Compressed script of a first visit, in bytes: the promise is 60 kB. */
const BUDGET = 60_000;

let out: string;
let html: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "ksp-web-"));
  await buildWeb(out);
  html = await readFile(join(out, "index.html"), "utf8");
});
afterAll(() => rm(out, { recursive: true, force: true }));

const named = () => [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
const assets = () => join(out, "assets");
const entries = () =>
  named()
    .filter((path) => path.endsWith(".js"))
    .map((path) => basename(path));

async function pageScript(page: string): Promise<string> {
  const found = (await readdir(assets())).filter((file) => new RegExp(`^${page}-\\w+\\.js$`).test(file));
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** Files, and those that they import at once, to the last. */
async function withImports(files: readonly string[]): Promise<string[]> {
  const all = new Set(files);
  for (const file of all) {
    const source = await readFile(join(assets(), file), "utf8");
    for (const [, imported] of source.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) all.add(imported!);
  }
  return [...all];
}

describe("the built browser app", () => {
  it("names files that are there, and holds no script or style of its own", async () => {
    expect(named().filter((path) => path.endsWith(".js")).length).toBeGreaterThan(0);
    for (const path of named()) {
      const plain = await readFile(join(out, path));
      expect(gunzipSync(await readFile(join(out, `${path}.gz`)))).toEqual(plain);
    }
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|<!-- built files -->/i);
  });

  it("loads its first page within the budget", async () => {
    const scripts = await withImports([...entries(), await pageScript("overview")]);
    const sizes = await Promise.all(
      scripts.map(async (file) => (await stat(join(assets(), `${file}.gz`))).size),
    );
    expect(scripts.length).toBeGreaterThan(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BUDGET);
  });

  it("loads the chart library only with a chart", async () => {
    const isChart = async (file: string) => (await readFile(join(assets(), file), "utf8")).includes("u-over");
    const all = (await readdir(assets())).filter((file) => file.endsWith(".js"));
    expect((await Promise.all(all.map(isChart))).filter(Boolean)).toHaveLength(1);
    const first = await withImports([...entries(), await pageScript("overview")]);
    expect((await Promise.all(first.map(isChart))).filter(Boolean)).toHaveLength(0);
  });

  it("leaves nothing of an earlier build behind", async () => {
    const before = await readdir(out, { recursive: true });
    await buildWeb(out);
    expect((await readdir(out, { recursive: true })).sort()).toEqual(before.sort());
  });
});
