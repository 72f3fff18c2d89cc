import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFs, writeFileAtomically } from "../log/log-fs.ts";
import { StartupError } from "../startup-error.ts";

export interface TopicMetadata {
  readonly name: string;
  /** 22 characters of base64url. */
  readonly id: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** What the broker remembers besides its logs: the file `metadata.json` of the data folder. */
export interface Metadata {
  readonly version: 1;
  /** 22 characters of base64url. */
  readonly clusterId: string;
  /** The first producer id that no broker process has reserved yet. */
  readonly nextProducerId: number;
  readonly topics: readonly TopicMetadata[];
}

/** Metadata on disk: every change is there before it takes effect. */
export class MetadataFile {
  private readonly path: string;
  private metadata: Metadata;

  private constructor(path: string, metadata: Metadata) {
    this.path = path;
    this.metadata = metadata;
  }

  /** Reads the file, or writes a first one. @throws StartupError DAMAGED */
  static open(dataDir: string): MetadataFile {
    const path = join(dataDir, "metadata.json");
    if (existsSync(path)) return new MetadataFile(path, parse(path, readFileSync(path, "utf8")));
    const clusterId = randomBytes(16).toString("base64url");
    const file = new MetadataFile(path, { version: 1, clusterId, nextProducerId: 0, topics: [] });
    file.update({});
    return file;
  }

  get current(): Readonly<Metadata> {
    return this.metadata;
  }

  /** @throws the file system's error; nothing has changed then */
  update(change: Partial<Omit<Metadata, "version">>): void {
    const metadata = { ...this.metadata, ...change };
    writeFileAtomically(nodeFs, this.path, `${JSON.stringify(metadata, null, 1)}\n`);
    this.metadata = metadata;
  }
}

function parse(path: string, text: string): Metadata {
  try {
    const metadata: unknown = JSON.parse(text);
    checkMetadata(metadata);
    return metadata;
  } catch (error) {
    const reason = (error as Error).message;
    throw new StartupError(
      "DAMAGED",
      `${path} is not readable as the broker's metadata (${reason}). Restore the file, or start with an empty data folder.`,
    );
  }
}

/** By hand: a schema library would take a third of the broker's start. */
function checkMetadata(metadata: unknown): asserts metadata is Metadata {
  const { version, clusterId, nextProducerId, topics } = toFields("the file", metadata);
  check("version", version, "1", version === 1);
  check("clusterId", clusterId, "22 characters", isId(clusterId));
  check("nextProducerId", nextProducerId, "a whole number", isWhole(nextProducerId, 0));
  check("topics", topics, "a list", Array.isArray(topics));
  (topics as unknown[]).forEach((topic, i) => {
    const { name, id, partitions, configs } = toFields(`topics[${i}]`, topic);
    check(`topics[${i}].name`, name, "text", typeof name === "string");
    check(`topics[${i}].id`, id, "22 characters", isId(id));
    check(`topics[${i}].partitions`, partitions, "a whole number from 1", isWhole(partitions, 1));
    for (const [key, value] of Object.entries(toFields(`topics[${i}].configs`, configs))) {
      check(`topics[${i}].configs.${key}`, value, "text", typeof value === "string");
    }
  });
}

const isId = (value: unknown): boolean => typeof value === "string" && value.length === 22;
const isWhole = (value: unknown, min: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= min;

function toFields(where: string, value: unknown): Record<string, unknown> {
  check(where, value, "an object", typeof value === "object" && value !== null && !Array.isArray(value));
  return value as Record<string, unknown>;
}

function check(where: string, value: unknown, expected: string, fits: boolean): void {
  if (!fits) throw new Error(`${where}: expected ${expected}, got ${JSON.stringify(value)}`);
}
