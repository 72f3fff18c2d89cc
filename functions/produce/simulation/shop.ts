/** What the shop sells, and what people look for. */
import type { Random } from "./draw.ts";
import { between, pick } from "./draw.ts";

/** Prices in US cents. */
const prices: readonly (readonly [product: string, cents: number])[] = [
  ["Laptop", 89_900],
  ["Phone", 64_900],
  ["Tablet", 32_900],
  ["Headphones", 14_950],
  ["Mouse", 2_499],
  ["Keyboard", 7_990],
  ["Monitor", 24_900],
  ["Camera", 47_500],
  ["Speaker", 9_900],
  ["Watch", 19_900],
];

const priceOf = new Map(prices);

/** No order is above this, in cents, nor of more than five pieces. */
const MAX_ORDER_CENTS = 99_999;
const MAX_ORDER_PIECES = 5;

export interface CartLine {
  readonly product: string;
  readonly quantity: number;
}

export const products: readonly string[] = prices.map(([product]) => product);

/** How many pieces of a product one order may hold. */
export const maxPieces = (product: string): number =>
  Math.min(MAX_ORDER_PIECES, Math.floor(MAX_ORDER_CENTS / centsOf(product)));

/** What a cart line costs, in USD with two decimals; every now and then a voucher takes up to a tenth off. */
export function amountOf({ product, quantity }: CartLine, chance: Random): number {
  const percentOff = chance.random() < 0.15 ? between(chance, 5, 10) : 0;
  return Math.round((centsOf(product) * quantity * (100 - percentOff)) / 100) / 100;
}

function centsOf(product: string): number {
  const cents = priceOf.get(product);
  if (cents === undefined)
    throw new Error(`Expected a product of ${products.join(", ")}, got ${JSON.stringify(product)}`);
  return cents;
}

const adjectives = ["wireless", "cheap", "best", "used", "gaming", "small", "black", "new"];

export const searchQuery = (chance: Random): string =>
  `${pick(chance, adjectives)} ${pick(chance, products).toLowerCase()}`;
