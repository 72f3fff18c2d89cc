import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openDataDir } from "./data-dir.ts";
import { nodeFs } from "./log-fs.ts";
import { systemError, temporaryDir } from "./testing.ts";

const hasProc = existsSync("/proc/self/stat");

/** The id of a process that has ended. */
function deadPid(): number {
  return Number(execFileSync(process.execPath, ["-p", "process.pid"]).toString());
}

describe("openDataDir", () => {
  it("makes the folder, says its format in it, and opens it again after release", () => {
    const path = `${temporaryDir()}/a/b`;
    openDataDir(path).release();
    expect(JSON.parse(readFileSync(`${path}/format.json`, "utf8"))).toEqual({
      format: "ksp-embedded-log",
      version: 1,
    });
    openDataDir(path).release();
    expect(readdirSync(path)).toEqual(["format.json"]);
  });

  it("is refused while a living process has it, and names that process", () => {
    const path = temporaryDir();
    const first = openDataDir(path);
    expect(() => openDataDir(path)).toThrow(`${path} is in use by process ${process.pid}: stop it`);
    first.release();
    openDataDir(path).release();
  });

  it("takes over from a process that was killed", async () => {
    const path = temporaryDir();
    const script = `const { openDataDir } = await import(${JSON.stringify(new URL("./data-dir.ts", import.meta.url).href)});
      openDataDir(${JSON.stringify(path)}); console.log("open"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
    await once(child.stdout, "data");
    expect(() => openDataDir(path)).toThrow(`in use by process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    openDataDir(path).release();
  });

  it.skipIf(!hasProc)("takes over from a dead process whose id another one has now", () => {
    const path = temporaryDir();
    writeFileSync(`${path}/lock`, `${process.pid} 1\n`); // started right after boot: not this process
    openDataDir(path).release();
    writeFileSync(`${path}/lock`, `${deadPid()} 1\n`);
    openDataDir(path).release();
  });

  it.skipIf(!hasProc)("gives a lock back that it moved away though another process had just taken it", () => {
    const path = temporaryDir();
    openDataDir(path).release();
    writeFileSync(`${path}/lock`, `${deadPid()} 1\n`);
    const winner = readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ")[19];
    const fs = {
      ...nodeFs,
      renameSync(from: string, to: string) {
        writeFileSync(`${path}/lock`, `${process.pid} ${winner}\n`); // the other one was faster
        nodeFs.renameSync(from, to);
      },
    };
    expect(() => openDataDir(path, fs)).toThrow(`in use by process ${process.pid}`);
    expect(readdirSync(path).sort()).toEqual(["format.json", "lock"]);
  });

  it("refuses data of a newer format, and says which", () => {
    const path = temporaryDir();
    writeFileSync(`${path}/format.json`, '{"format":"ksp-embedded-log","version":2}');
    expect(() => openDataDir(path)).toThrow(`Expected data of format version 1 in ${path}, got version 2`);
    expect(existsSync(`${path}/lock`)).toBe(false);
  });

  it.each(["", "{", "null", '{"format":"other","version":1}', '{"format":"ksp-embedded-log"}'])(
    "refuses a format file of %j",
    (content) => {
      const path = temporaryDir();
      writeFileSync(`${path}/format.json`, content);
      expect(() => openDataDir(path)).toThrow('Expected {"format":"ksp-embedded-log","version":1}');
    },
  );

  it("refuses a folder with somebody else's files, and leaves it as it was", () => {
    const path = temporaryDir();
    writeFileSync(`${path}/thesis.txt`, "");
    expect(() => openDataDir(path)).toThrow(`got ${path} with "thesis.txt" in it: choose another folder`);
    expect(readdirSync(path)).toEqual(["thesis.txt"]);
  });

  it("removes logs whose deletion was cut short", () => {
    const path = temporaryDir();
    openDataDir(path).release();
    mkdirSync(`${path}/topic-0.deleted`);
    openDataDir(path).release();
    expect(readdirSync(path)).toEqual(["format.json"]);
  });

  it("says that a file is in the way", () => {
    const path = `${temporaryDir()}/file`;
    writeFileSync(path, "");
    expect(() => openDataDir(path)).toThrow(`Cannot use ${path} as data folder: a file is in the way`);
    expect(() => openDataDir(`${path}/below`)).toThrow("a file is in the way");
  });

  it.each([
    ["EACCES", "make it writable for this user"],
    ["EROFS", "its file system is read-only"],
    ["ENOSPC", "the disk is full"],
  ])("says what to do about %s", (code, advice) => {
    const path = temporaryDir();
    const fs = {
      ...nodeFs,
      writeFileSync() {
        throw systemError(code);
      },
    };
    expect(() => openDataDir(path, fs)).toThrow(`Cannot use ${path} as data folder: ${advice}`);
  });
});
