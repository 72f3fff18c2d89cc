/** How many records a tick owes at a rate, and when in the tick's time they happen. */
import { type Random, waitFor } from "./draw.ts";

/** A tick never emits more than this of one thing: the rest stays owed, so a long outage is made up in steps. */
export const MAX_PER_TICK = 20_000;

/** Of `owed` records and those of `elapsedMs` at a rate: how many are due now, and what is owed after them. */
export function due(owed: number, ratePerSecond: number, elapsedMs: number): { count: number; owed: number } {
  const total = owed + (ratePerSecond * elapsedMs) / 1_000;
  const count = Math.min(Math.floor(total), MAX_PER_TICK);
  return { count, owed: total - count };
}

/** `count` rising times (ms since 1970), spread by chance over the `elapsedMs` that end at `endMs`. */
export function* timesIn(count: number, endMs: number, elapsedMs: number, chance: Random): Generator<number> {
  const step = elapsedMs / Math.max(count, 1);
  for (let i = 0; i < count; i++) yield Math.floor(endMs - elapsedMs + (i + chance.random()) * step);
}

/** Something that comes over the base load now and then and lasts a while: an incident, an attack. */
export interface Episodes<E> {
  readonly nextInMs: number;
  readonly current: { readonly what: E; readonly leftMs: number } | null;
}

/** Soon, so that whoever has just started the platform sees one. */
export const firstEpisodes = <E>(chance: Random): Episodes<E> => ({
  nextInMs: 3_000 + chance.random() * 9_000,
  current: null,
});

export interface EpisodeStep<E> {
  readonly episodes: Episodes<E>;
  /** What goes on in this tick, if anything, and for how much of its time. */
  readonly active: { readonly what: E; readonly forMs: number; readonly ends: boolean } | null;
}

/**
 * Lets `elapsedMs` pass. Between two episodes are `everyMs` on average; 0 is for none at all.
 * `begin` makes up a new one and says how long it lasts.
 */
export function passEpisodes<E>(
  episodes: Episodes<E>,
  elapsedMs: number,
  everyMs: number,
  chance: Random,
  begin: () => { what: E; durationMs: number },
): EpisodeStep<E> {
  if (everyMs === 0) return { episodes: { ...episodes, current: null }, active: null };
  let { current } = episodes;
  if (current === null) {
    const nextInMs = episodes.nextInMs - elapsedMs;
    if (nextInMs > 0) return { episodes: { nextInMs, current: null }, active: null };
    const { what, durationMs } = begin();
    current = { what, leftMs: durationMs };
  }
  const leftMs = current.leftMs - elapsedMs;
  const ends = leftMs <= 0;
  return {
    active: { what: current.what, forMs: Math.min(elapsedMs, current.leftMs), ends },
    episodes: {
      nextInMs: ends ? waitFor(chance, everyMs) : 0,
      current: ends ? null : { what: current.what, leftMs },
    },
  };
}
