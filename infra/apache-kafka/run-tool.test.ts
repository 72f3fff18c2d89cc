import { describe, expect, it } from "vitest";
import { runTool } from "./run-tool.ts";

const nothingInstalled = { PATH: "/nonexistent" };

describe("runTool", () => {
  it("says which tool is missing and how to get it", async () => {
    await expect(runTool("mvn", [], nothingInstalled, "Install Maven")).rejects.toThrow(
      "Expected mvn on the PATH, found none. Install Maven",
    );
  });

  it("shows the end of a failing tool's output, stderr too", async () => {
    const script = "console.error('no such artifact'); process.exitCode = 3";
    await expect(runTool(process.execPath, ["-e", script], process.env, "")).rejects.toThrow(
      /ended with 3:\nno such artifact/,
    );
  });

  it("returns what a tool printed on stdout", async () => {
    const script = "process.stdout.write('out'); process.stderr.write('err')";
    expect(await runTool(process.execPath, ["-e", script], process.env, "")).toBe("out");
  });
});
