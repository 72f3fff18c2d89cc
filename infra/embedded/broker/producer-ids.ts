import type { MetadataFile } from "./metadata-file.ts";

const BLOCK = 1_000;

/** Hands out producer ids that no producer of this data folder ever had: reserved on disk a block at a time. */
export class ProducerIds {
  private readonly file: MetadataFile;
  private next: number;
  private reservedUpTo: number;

  constructor(file: MetadataFile) {
    this.file = file;
    this.next = file.current.nextProducerId;
    this.reservedUpTo = this.next;
  }

  /** @throws the file system's error when a new block cannot be reserved */
  allocate(): number {
    if (this.next === this.reservedUpTo) {
      const reservedUpTo = this.next + BLOCK;
      this.file.update({ nextProducerId: reservedUpTo });
      this.reservedUpTo = reservedUpTo;
    }
    return this.next++;
  }
}
