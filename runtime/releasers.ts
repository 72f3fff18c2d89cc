/** Shutdown as a stack: whoever acquires a resource pushes its release; release runs them last in, first out. */
export interface Releasers {
  push(name: string, release: () => Promise<void> | void): void;
  /** Runs them all, even when one fails; a failure is reported by `onError` and does not stop the rest. */
  release(onError: (name: string, error: unknown) => void): Promise<void>;
}

export function createReleasers(): Releasers {
  const stack: { name: string; release: () => Promise<void> | void }[] = [];
  return {
    push: (name, release) => {
      stack.push({ name, release });
    },
    async release(onError) {
      for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
        try {
          await top.release();
        } catch (error) {
          onError(top.name, error);
        }
      }
    },
  };
}
