import type { LogFs } from "./log-fs.ts";

/** The bytes of a file; the name is another matter. */
interface Inode {
  content: Buffer;
  /** The content at the last sync, and what was written or cut since. */
  synced: Buffer;
  changes: ((content: Buffer, part: number) => Buffer)[];
}

/**
 * For tests: a disk in memory that loses power. What was not synced is kept up to some point in time, in each file and in the
 * folder: the last write up to there is torn, and the rest is gone. A name is kept only once its folder was synced, or by
 * chance. Folders themselves are always kept.
 */
export class LossyDisk {
  #names = new Map<string, Inode>();
  #syncedNames = new Map<string, Inode>();
  #nameChanges: ((names: Map<string, Inode>) => void)[] = [];
  #open = new Map<number, { inode: Inode | null }>();
  #nextFd = 100;
  #boots = 0;

  /** The power comes back: everything that was open is closed. `random` gives 0 up to, not including, 1. */
  losePower(random: () => number): void {
    const kept = Math.floor(random() * (this.#nameChanges.length + 1));
    for (const change of this.#nameChanges.slice(0, kept)) change(this.#syncedNames);
    this.#nameChanges = [];
    for (const inode of new Set(this.#syncedNames.values())) {
      const whole = Math.floor(random() * (inode.changes.length + 1));
      let content = inode.synced;
      for (const change of inode.changes.slice(0, whole)) content = change(content, 1);
      const torn = inode.changes[whole];
      if (torn) content = torn(content, random());
      inode.content = content;
      inode.synced = content;
      inode.changes = [];
    }
    this.#names = new Map(this.#syncedNames);
    this.#open.clear();
    this.#boots++;
  }

  /** The file system until the next power failure: whoever still uses it then is refused. */
  boot(): LogFs {
    const boot = ++this.#boots;
    return new Proxy(this.#fs, {
      get: (fs, call: keyof LogFs) => {
        if (boot !== this.#boots) throw new Error("the power is gone");
        return fs[call];
      },
    });
  }

  readonly #fs: LogFs = {
    openSync: (path, flags) => this.#openFile(path, flags),
    closeSync: (fd) => void this.#open.delete(fd),
    readSync: (fd, buffer, offset, length, position) =>
      this.#inode(fd).content.copy(buffer, offset, position, position + length),
    writevSync: (fd, buffers, position) => this.#write(this.#inode(fd), Buffer.concat(buffers), position),
    ftruncateSync: (fd, length) => this.#change(this.#inode(fd), (content) => content.subarray(0, length)),
    fstatSync: (fd) => ({ size: this.#inode(fd).content.length, mtimeMs: 0 }),
    fsync: async (fd) => this.#sync(fd),
    fdatasync: async (fd) => this.#sync(fd),
    fsyncSync: (fd) => this.#sync(fd),
    readFileSync: (path) => this.#named(path).content,
    writeFileSync: (path, content) => {
      const fd = this.#openFile(path, "w+");
      this.#write(this.#inode(fd), Buffer.from(content), 0);
      this.#open.delete(fd);
    },
    renameSync: (from, to) => {
      const inode = this.#named(from);
      this.#rename((names) => {
        names.delete(from);
        names.set(to, inode);
      });
    },
    linkSync: () => {
      throw new Error("Expected no links");
    },
    unlinkSync: (path) => {
      this.#named(path);
      this.#rename((names) => void names.delete(path));
    },
    readdirSync: (dir) =>
      [...this.#names.keys()]
        .filter((path) => path.startsWith(`${dir}/`))
        .map((path) => path.slice(dir.length + 1)),
    mkdirSync() {},
    rmSync() {},
  };

  #openFile(path: string, flags: string): number {
    const fd = this.#nextFd++;
    if (flags === "r" && !this.#names.has(path)) {
      this.#open.set(fd, { inode: null }); // the folder
      return fd;
    }
    if (flags.startsWith("w") && !this.#names.has(path)) {
      const inode: Inode = { content: Buffer.alloc(0), synced: Buffer.alloc(0), changes: [] };
      this.#rename((names) => void names.set(path, inode));
    }
    const inode = this.#named(path);
    if (flags === "w+") this.#change(inode, () => Buffer.alloc(0));
    this.#open.set(fd, { inode });
    return fd;
  }

  #sync(fd: number): void {
    const { inode } = this.#opened(fd);
    if (inode === null) {
      this.#syncedNames = new Map(this.#names);
      this.#nameChanges = [];
    } else {
      inode.synced = inode.content;
      inode.changes = [];
    }
  }

  #write(inode: Inode, bytes: Buffer, position: number): number {
    this.#change(inode, (content, part) => {
      const written = bytes.subarray(0, Math.floor(bytes.length * part));
      const end = Math.max(content.length, position + written.length);
      const result = Buffer.alloc(written.length === 0 ? content.length : end);
      content.copy(result);
      written.copy(result, position);
      return result;
    });
    return bytes.length;
  }

  #change(inode: Inode, change: (content: Buffer, part: number) => Buffer): void {
    inode.content = change(inode.content, 1);
    inode.changes.push(change);
  }

  #rename(change: (names: Map<string, Inode>) => void): void {
    change(this.#names);
    this.#nameChanges.push(change);
  }

  #named(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode) return inode;
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
  }

  #opened(fd: number): { inode: Inode | null } {
    const opened = this.#open.get(fd);
    if (opened) return opened;
    throw Object.assign(new Error(`EBADF: ${fd}`), { code: "EBADF" });
  }

  #inode(fd: number): Inode {
    return this.#opened(fd).inode!;
  }
}
