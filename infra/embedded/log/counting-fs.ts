import type { LogFs } from "./log-fs.ts";

/** The same file system; `count` is called for each sync that is asked of it. */
export function countSyncs(fs: LogFs, count: () => void): LogFs {
  return {
    ...fs,
    fsync: (fd) => {
      count();
      return fs.fsync(fd);
    },
    fdatasync: (fd) => {
      count();
      return fs.fdatasync(fd);
    },
    fsyncSync: (fd) => {
      count();
      fs.fsyncSync(fd);
    },
  };
}
