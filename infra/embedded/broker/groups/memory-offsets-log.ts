import type { OffsetsLog } from "./group-store.ts";

/** For tests: an offsets log that can be held back, fail, and be handed to the next coordinator. */
export class MemoryOffsetsLog implements OffsetsLog {
  readonly records: { key: Buffer; value: Buffer | null }[] = [];
  failure: Error | null = null;
  private held: (() => void)[] | null = null;

  async append(records: { key: Buffer; value: Buffer | null }[]): Promise<void> {
    const { held } = this;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    if (this.failure) throw this.failure;
    this.records.push(...records);
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

  replay(each: (key: Buffer, value: Buffer | null, timestamp: number) => void): void {
    for (const { key, value } of this.records) each(key, value, 0);
  }
}
