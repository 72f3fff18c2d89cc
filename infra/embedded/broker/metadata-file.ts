import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { nodeFs, writeFileAtomically } from "../log/log-fs.ts";
import { StartupError } from "../startup-error.ts";

const topicSchema = z.object({
  name: z.string(),
  id: z.string().length(22),
  partitions: z.int().min(1),
  configs: z.record(z.string(), z.string()),
});
const metadataSchema = z.object({
  version: z.literal(1),
  clusterId: z.string().length(22),
  /** The first producer id that no broker process has reserved yet. */
  nextProducerId: z.int().min(0),
  topics: z.array(topicSchema),
});

/** What the broker remembers besides its logs: the file `metadata.json` of the data folder. */
export type Metadata = z.output<typeof metadataSchema>;
export type TopicMetadata = z.output<typeof topicSchema>;

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
    return metadataSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new StartupError(
      "DAMAGED",
      `${path} is not readable as the broker's metadata (${reason}). Restore the file, or start with an empty data folder.`,
    );
  }
}
