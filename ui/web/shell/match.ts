/** Finds by a few letters. Pure. */

/** The items whose text has all words of `query` (or its letters in order), the best first; all of them for an empty one. */
export function match<Item>(items: readonly Item[], query: string, textOf: (item: Item) => string): Item[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return items
    .map((item, order) => ({ item, order, score: scoreOf(textOf(item).toLowerCase(), words) }))
    .filter(({ score }) => score !== null)
    .sort((a, b) => a.score! - b.score! || a.order - b.order)
    .map(({ item }) => item);
}

/** Lower is better; null where it does not match. */
function scoreOf(text: string, words: readonly string[]): number | null {
  let total = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    const atStart = at === 0 || (at > 0 && /[^a-z0-9]/.test(text[at - 1]!));
    if (at !== -1) total += atStart ? 0 : 1;
    else if (hasInOrder(text, word)) total += 3;
    else return null;
  }
  return total;
}

function hasInOrder(text: string, letters: string): boolean {
  let at = 0;
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
