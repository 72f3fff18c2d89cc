/**
 * How far a client has read each partition, as the id of an event: `user-events/0:42,user-events/1:17`, each with the
 * offset of the next record. It comes back as `Last-Event-ID`.
 */

/** The header it comes back in has its limits; where partitions are very many, those that moved last are named. */
const MAX_CHARS = 6_000;
const ENTRY = /^([a-zA-Z0-9._-]{1,249})\/(\d{1,9}):(\d{1,19})$/;

export interface PartitionPosition {
  readonly topic: string;
  readonly partition: number;
  readonly next: bigint;
}

export class Vector {
  /** By `topic/partition`; those that moved last are last. */
  readonly #positions = new Map<string, PartitionPosition & { readonly text: string }>();

  set(topic: string, partition: number, next: bigint): void {
    const id = `${topic}/${partition}`;
    this.#positions.delete(id);
    this.#positions.set(id, { topic, partition, next, text: `${id}:${next}` });
  }

  get(topic: string, partition: number): bigint | null {
    return this.#positions.get(`${topic}/${partition}`)?.next ?? null;
  }

  get positions(): readonly PartitionPosition[] {
    return [...this.#positions.values()];
  }

  clear(): void {
    this.#positions.clear();
  }

  copy(): Vector {
    const copy = new Vector();
    for (const { topic, partition, next } of this.positions) copy.set(topic, partition, next);
    return copy;
  }

  toString(): string {
    const texts = Array.from(this.#positions.values(), ({ text }) => text);
    let chars = -1;
    let from = texts.length;
    while (from > 0 && chars + texts[from - 1]!.length + 1 <= MAX_CHARS) {
      from -= 1;
      chars += texts[from]!.length + 1;
    }
    return texts.slice(from).join(",");
  }
}

/** Reads what `toString` wrote. Throws an error that names what was expected and what came. */
export function parseVector(text: string): Vector {
  const vector = new Vector();
  for (const entry of text === "" ? [] : text.split(",")) {
    const [, topic, partition, next] = ENTRY.exec(entry) ?? [];
    if (topic === undefined) {
      throw new Error(
        `expected positions such as user-events/0:42,user-events/1:17, got ${JSON.stringify(entry.slice(0, 80))}`,
      );
    }
    vector.set(topic, Number(partition), BigInt(next!));
  }
  return vector;
}
