/** There is no Docker where this is developed: its steps are done by hand, file by file, in folders. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ksp-image-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Instruction {
  readonly name: string;
  readonly words: readonly string[];
}

/** The stages of the Dockerfile: instructions after each FROM. */
const stages: Instruction[][] = readFileSync(join(PROJECT, "infra/Dockerfile"), "utf8")
  .split(/^FROM .*$/m)
  .slice(1)
  .map((stage) =>
    stage
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [name = "", ...words] = line.split(" ");
        return { name, words };
      }),
  );

/** Does the COPY instructions of a stage, from the project or from the stage before. */
function copyInto(root: string, stage: readonly Instruction[], before: string): void {
  for (const { words } of stage.filter(({ name }) => name === "COPY")) {
    const fromBefore = words[0]?.startsWith("--from=");
    const [to = "", ...from] = (fromBefore ? words.slice(1) : [...words]).reverse();
    for (const path of from) {
      const source = fromBefore ? join(before, path.replace(/^\/app\//, "")) : join(PROJECT, path);
      const target = resolve(root, to.endsWith("/") ? join(to, path.split("/").at(-1)!) : to);
      if (path.endsWith("node_modules")) continue; // npm's work, linked below
      cpSync(source, target === root ? join(root, path.split("/").at(-1)!) : target, { recursive: true });
    }
  }
  symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
}

describe("infra/Dockerfile", () => {
  it("copies what the build needs, and what the program needs of the build", () => {
    const [building, running] = stages as [Instruction[], Instruction[]];
    expect(stages).toHaveLength(2);
    const app = join(folder, "build");
    const image = join(folder, "image");
    mkdirSync(app);
    mkdirSync(image);

    copyInto(app, building, "");
    const run = building.filter(({ name }) => name === "RUN").map(({ words }) => words.join(" "));
    expect(run).toEqual(["npm ci", "npm run build && npm prune --omit=dev"]);
    const built = spawnSync("npm", ["run", "build"], { cwd: app, encoding: "utf8" });
    expect([built.status, built.stderr.replace(/^npm warn .*\n/gm, "")]).toEqual([0, ""]);

    copyInto(image, running, app);
    expect(existsSync(join(image, "dist", "web", "index.html"))).toBe(true);
    expect(existsSync(join(image, "runtime"))).toBe(false);
    const listed = spawnSync("node", ["bin/ksp.js", "functions"], { cwd: image, encoding: "utf8" });
    expect(listed.stderr).toBe("");
    expect(listed.stdout).toContain("analytics-consumer");
  });

  it("runs the program as a user without rights, on Node", () => {
    const running = stages[1]!;
    expect(running).toContainEqual({ name: "USER", words: ["node"] });
    expect(running).toContainEqual({ name: "ENTRYPOINT", words: ['["node",', '"bin/ksp.js"]'] });
  });
});
