/** A transaction of one partition whose records a read_committed consumer is to skip. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** That of its abort marker. */
  readonly lastOffset: number;
  /** Where the last stable offset was once it had ended: whatever is aborted later begins there or behind. */
  readonly lastStableOffset: number;
}

/** The aborted transactions of one partition, in the order of their markers. */
export class AbortedTransactions {
  private transactions: AbortedTransaction[];

  constructor(transactions: readonly AbortedTransaction[] = []) {
    this.transactions = [...transactions];
  }

  /** `transaction` ended behind all others. */
  add(transaction: AbortedTransaction): void {
    this.transactions.push(transaction);
  }

  /**
   * What a consumer that was sent the offsets `from` up to, not including, `end` must know, sorted by first offset. Apache
   * Kafka sends them in the order of their markers and leaves the sorting to its client; others rely on it.
   */
  between(from: number, end: number): AbortedTransaction[] {
    const found: AbortedTransaction[] = [];
    for (let i = this.indexOfEndAt(from); i < this.transactions.length; i++) {
      const transaction = this.transactions[i]!;
      if (transaction.firstOffset < end) found.push(transaction);
      if (transaction.lastStableOffset >= end) break;
    }
    return found.sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Whether the producer's record at `offset` belongs to one of them. */
  includes(producerId: number, offset: number): boolean {
    for (let i = this.indexOfEndAt(offset); i < this.transactions.length; i++) {
      const { producerId: of, firstOffset, lastStableOffset } = this.transactions[i]!;
      if (of === producerId && firstOffset <= offset) return true;
      if (lastStableOffset > offset) return false;
    }
    return false;
  }

  /** Lets go of those whose marker lies before `offset`. */
  forgetBefore(offset: number): void {
    const kept = this.indexOfEndAt(offset);
    if (kept > 0) this.transactions = this.transactions.slice(kept);
  }

  get isEmpty(): boolean {
    return this.transactions.length === 0;
  }

  list(): readonly AbortedTransaction[] {
    return this.transactions;
  }

  /** The index of the first that ends at `offset` or behind it. */
  private indexOfEndAt(offset: number): number {
    let low = 0;
    let high = this.transactions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.transactions[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
