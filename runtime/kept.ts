/** An answer of Kafka that is kept for a while, so that many who ask cost one request. */

export interface Kept<T> {
  /** What is known, however old; null before the first answer. Asks anew, in the background, when that is old. */
  known(): T | null;
  /** Waits for an answer that is not old. Rejects when Kafka does not answer. */
  fresh(): Promise<T>;
}

export interface KeptOptions<T> {
  ask(): Promise<T>;
  readonly maxAgeMs: number;
  now(): number;
  /** Told when nobody waits for an answer that did not come. */
  onError(error: unknown): void;
}

/** Asks only while somebody looks: at most once at a time, and for `known` at most once in `maxAgeMs`. */
export function createKept<T>(options: KeptOptions<T>): Kept<T> {
  let answer: { readonly value: T; readonly at: number } | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<T> | null = null;

  const ask = (): Promise<T> => {
    askedAt = options.now();
    asking = options
      .ask()
      .then((value) => {
        answer = { value, at: options.now() };
        return value;
      })
      .finally(() => {
        asking = null;
      });
    return asking;
  };
  const isOld = (at: number): boolean => options.now() - at > options.maxAgeMs;

  return {
    known() {
      if (!asking && isOld(askedAt)) ask().catch(options.onError);
      return answer?.value ?? null;
    },
    async fresh() {
      return asking ?? (answer === null || isOld(answer.at) ? ask() : answer.value);
    },
  };
}
