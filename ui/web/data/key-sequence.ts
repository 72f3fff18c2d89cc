/** Two keys one after the other, as in `g t`. Pure but for what it remembers. */

/** How long the second may take, ms. */
const PATIENCE_MS = 1200;

/** Takes each key with its time and gives the key, or `g` and the key where `g` came just before. */
export function createSequence(): (key: string, at: number) => string {
  let leaderAt = Number.NEGATIVE_INFINITY;
  return (key, at) => {
    const follows = at - leaderAt <= PATIENCE_MS;
    leaderAt = key === "g" && !follows ? at : Number.NEGATIVE_INFINITY;
    return follows ? `g ${key}` : key;
  };
}
