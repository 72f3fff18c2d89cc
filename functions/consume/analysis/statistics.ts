/** Mean and spread of a stream of numbers in constant space, in which old samples fade. */

export interface Statistics {
  readonly samples: number;
  readonly mean: number;
  readonly variance: number;
}

export const noSamples: Statistics = { samples: 0, mean: 0, variance: 0 };

/**
 * Takes one sample in. Exact mean and population variance over the first `horizon` samples; from then on each new
 * sample weighs 1/horizon, so that older ones fade.
 */
export function addSample(before: Statistics, value: number, horizon: number): Statistics {
  const samples = before.samples + 1;
  const weight = 1 / Math.min(samples, horizon);
  const distance = value - before.mean;
  return {
    samples,
    mean: before.mean + weight * distance,
    variance: (1 - weight) * (before.variance + weight * distance * distance),
  };
}

export const stddev = (statistics: Statistics): number => Math.sqrt(statistics.variance);

/** How many standard deviations `value` is above the mean; null while there is no spread to measure by. */
export function zScore(statistics: Statistics, value: number): number | null {
  const spread = stddev(statistics);
  return spread > 0 ? (value - statistics.mean) / spread : null;
}
