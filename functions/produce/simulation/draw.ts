/** Draws from a function's recorded chance. */
import type { Chance } from "../../../runtime/define.ts";

export type Random = Pick<Chance, "random">;

/** Whether something of this probability (0 to 1) happens. */
export const happens = (chance: Random, probability: number): boolean => chance.random() < probability;

/** A whole number from `min` to `max`, both included. */
export const between = (chance: Random, min: number, max: number): number =>
  min + Math.floor(chance.random() * (max - min + 1));

/** One of `items`, each as likely as the others. */
export function pick<T>(chance: Random, items: readonly T[]): T {
  if (items.length === 0) throw new Error("Expected at least one item to pick from, got none");
  return items[Math.floor(chance.random() * items.length)]!;
}

/** One of the items of a table of `[item, weight]`, as likely as its weight in their sum. */
export function weighted<T>(chance: Random, table: readonly (readonly [item: T, weight: number])[]): T {
  let total = 0;
  for (const [, weight] of table) total += weight;
  let left = chance.random() * total;
  for (const [item, weight] of table) {
    left -= weight;
    if (left < 0) return item;
  }
  throw new Error(`Expected a table with a positive weight, got a sum of ${total}`);
}

/** The wait for something that happens by chance once in `mean` (same unit): exponentially distributed. */
export const waitFor = (chance: Random, mean: number): number => -mean * Math.log(1 - chance.random());

/** Eight hexadecimal digits. */
export const hex8 = (chance: Random): string =>
  Math.floor(chance.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
