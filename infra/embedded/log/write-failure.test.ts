import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type LogFs, nodeFs } from "./log-fs.ts";
import { batchOf, openLog, systemError, temporaryDir } from "./testing.ts";

const FIRST = "00000000000000000000.log";

/** A disk with room for `room` more bytes; writes take at most `perCall` bytes a call. */
function smallDisk(room: number, perCall = Number.POSITIVE_INFINITY): LogFs & { room: number } {
  return {
    ...nodeFs,
    room,
    writevSync(fd, buffers, position) {
      if (this.room === 0) throw systemError("ENOSPC");
      const bytes = Buffer.concat(buffers).subarray(0, Math.min(this.room, perCall));
      this.room -= bytes.length;
      return nodeFs.writevSync(fd, [bytes], position);
    },
  };
}

describe("an append that the disk refuses", () => {
  it("is rejected with the system's code, leaves no bytes behind, and the log goes on when there is room", async () => {
    const dir = temporaryDir();
    const size = batchOf([1]).length;
    const fs = smallDisk(2 * size + 30);
    const log = openLog(dir, {}, { fs });
    await log.append(batchOf([1]));
    const refused = [batchOf([2]), batchOf([3]), batchOf([4])].map((batch) => log.append(batch));
    for (const result of await Promise.allSettled(refused)) {
      expect(result).toMatchObject({ status: "rejected", reason: { name: "LogWriteError", code: "ENOSPC" } });
    }
    expect(statSync(`${dir}/${FIRST}`).size).toBe(size);
    expect(log.endOffset).toBe(1);
    expect(log.read(1, 1000, true)).toEqual([]);

    fs.room = 10_000;
    expect(await log.append(batchOf([5]))).toMatchObject({ baseOffset: 1 });
    await log.close();
    const reopened = openLog(dir);
    expect(reopened.endOffset).toBe(2);
    await reopened.close();
  });

  it("takes those down that wait behind it, so that none overtakes it", async () => {
    const fs = smallDisk(100);
    const log = openLog(temporaryDir(), {}, { fs });
    const results = await Promise.allSettled(Array.from({ length: 600 }, (_, i) => log.append(batchOf([i]))));
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(600);
    await log.close();
  });

  it("does not take down those that were written to the segment before", async () => {
    const size = batchOf([1]).length;
    const fs = smallDisk(2 * size);
    const log = openLog(temporaryDir(), { segmentBytes: 2 * size }, { fs });
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => log.append(batchOf([1]))));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
    expect(log.endOffset).toBe(2);
    await log.close();
  });

  it("stops the log when its bytes cannot be cut off again; reading goes on", async () => {
    const size = batchOf([1]).length;
    const fs: LogFs = {
      ...smallDisk(size + 30),
      ftruncateSync() {
        throw systemError("EIO");
      },
    };
    const log = openLog(temporaryDir(), {}, { fs });
    await log.append(batchOf([1]));
    await expect(log.append(batchOf([2]))).rejects.toMatchObject({ code: "ENOSPC" });
    (fs as LogFs & { room: number }).room = 10_000;
    await expect(log.append(batchOf([3]))).rejects.toThrow(
      /Cannot cut a failed write off .*; restart the broker/,
    );
    expect(log.read(0, 1000, true)).toHaveLength(1);
    await log.close();
  });

  it("is no failure when the disk only takes it in small pieces", async () => {
    const dir = temporaryDir();
    const log = openLog(dir, {}, { fs: smallDisk(1_000_000, 7) });
    await Promise.all([batchOf([1]), batchOf([2], 500), batchOf([3])].map((batch) => log.append(batch)));
    const onDisk = readFileSync(`${dir}/${FIRST}`);
    expect(Buffer.concat(log.read(0, 10_000, true)).equals(onDisk)).toBe(true);
    await log.close();
  });

  it("leaves the log usable when no new segment could be made", async () => {
    const size = batchOf([1]).length;
    let full = false;
    const fs: LogFs = {
      ...nodeFs,
      openSync(path, flags) {
        if (full) throw systemError("ENOSPC");
        return nodeFs.openSync(path, flags);
      },
    };
    const log = openLog(temporaryDir(), { segmentBytes: size }, { fs });
    await log.append(batchOf([1]));
    full = true;
    await expect(log.append(batchOf([2]))).rejects.toMatchObject({ code: "ENOSPC" });
    full = false;
    expect(await log.append(batchOf([3]))).toMatchObject({ baseOffset: 1 });
    await log.close();
  });
});

describe("a sync that fails", () => {
  it("stops the log: what the disk holds is unknown", async () => {
    const size = batchOf([1]).length;
    const fs: LogFs = { ...nodeFs, fsync: () => Promise.reject(systemError("EIO")) };
    const log = openLog(temporaryDir(), { segmentBytes: size }, { fs });
    await log.append(batchOf([1]));
    await log.append(batchOf([2])); // rolls, and so syncs the first segment
    await expect(log.append(batchOf([3]))).rejects.toMatchObject({ code: "EIO", name: "LogWriteError" });
    await log.close();
  });

  it("is told by close", async () => {
    const fs: LogFs = { ...nodeFs, fsync: () => Promise.reject(systemError("EIO")) };
    const log = openLog(temporaryDir(), {}, { fs });
    await log.append(batchOf([1]));
    await expect(log.close()).rejects.toMatchObject({ code: "EIO" });
  });
});

describe("an index file that cannot be written", () => {
  it("is only missed: the next opening scans, and loses nothing", async () => {
    const dir = temporaryDir();
    const fs: LogFs = {
      ...nodeFs,
      writeFileSync(path, content) {
        if (path.includes(".index")) throw systemError("ENOSPC");
        nodeFs.writeFileSync(path, content);
      },
    };
    const log = openLog(dir, { segmentBytes: 100 }, { fs });
    for (let i = 0; i < 5; i++) await log.append(batchOf([i]));
    await log.close();
    const reopened = openLog(dir);
    expect(reopened.endOffset).toBe(5);
    await reopened.close();
  });
});
