import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { fetchTools, type ToolsVersion } from "./jars.ts";

it("keeps nothing of a fetch that did not bring the jar: the next one fetches again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "maven-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const maven = join(folder, "mvn");
  await writeFile(maven, "#!/bin/sh\n");
  await chmod(maven, 0o755);
  const none = "0.0.0" as ToolsVersion;
  for (const _ of ["first", "next"]) {
    await expect(fetchTools(none, { PATH: folder })).rejects.toThrow(
      "Expected Maven to fetch kafka-tools-0.0.0.jar",
    );
  }
});
