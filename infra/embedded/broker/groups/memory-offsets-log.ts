import type { OffsetsLog, OffsetsReplay } from "./group-store.ts";

interface Entry {
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly producerId: number | null;
}

/** For tests: an offsets log that can be held back, fail, and be handed to the next coordinator. */
export class MemoryOffsetsLog implements OffsetsLog {
  /** Records, and ends of transactions, by their offset. */
  readonly entries: (Entry | { readonly ended: number; readonly committed: boolean })[] = [];
  failure: Error | null = null;
  private held: (() => void)[] | null = null;

  async append(
    records: readonly { key: Buffer; value: Buffer | null }[],
    producer: { producerId: number } | null,
  ): Promise<number> {
    const { held } = this;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    if (this.failure) throw this.failure;
    const baseOffset = this.entries.length;
    this.entries.push(...records.map((record) => ({ ...record, producerId: producer?.producerId ?? null })));
    return baseOffset;
  }

  /** As the transaction coordinator's marker. */
  end(producerId: number, committed: boolean): void {
    this.entries.push({ ended: producerId, committed });
  }

  get records(): Entry[] {
    return this.entries.filter((entry) => "key" in entry);
  }

  /** Appends wait from now on. */
  hold(): void {
    this.held = [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const resolve of held) resolve();
  }

  replay(to: OffsetsReplay): void {
    for (const [offset, entry] of this.entries.entries()) {
      if ("ended" in entry) to.onEnd(entry.ended, entry.committed);
      else to.onRecord({ ...entry, offset });
    }
  }
}
