import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addSample, noSamples, stddev, zScore } from "./statistics.ts";

const statisticsOf = (values: readonly number[], horizon = 1_000) =>
  values.reduce((before, value) => addSample(before, value, horizon), noSamples);

describe("statistics", () => {
  it("are the exact mean and standard deviation within the horizon", () => {
    const values = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), {
      minLength: 1,
      maxLength: 100,
    });
    const law = fc.property(values, (given) => {
      const mean = given.reduce((a, b) => a + b) / given.length;
      const variance = given.reduce((sum, value) => sum + (value - mean) ** 2, 0) / given.length;
      const found = statisticsOf(given);
      expect(found.samples).toBe(given.length);
      expect(found.mean).toBeCloseTo(mean, 6);
      expect(Math.abs(found.variance - variance)).toBeLessThan(1e-6 * Math.max(1, variance));
    });
    fc.assert(law);
  });

  it("let what is beyond the horizon fade", () => {
    const shifted = statisticsOf([...Array<number>(100).fill(10), ...Array<number>(100).fill(50)], 10);
    expect(shifted.mean).toBeCloseTo(50, 1);
  });

  it("have no z-score while there is no spread", () => {
    expect(zScore(noSamples, 5)).toBeNull();
    expect(zScore(statisticsOf([7, 7, 7]), 9)).toBeNull();
  });

  it("measure a value in standard deviations from the mean", () => {
    const found = statisticsOf([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(stddev(found)).toBeCloseTo(2, 10);
    expect(zScore(found, 11)).toBeCloseTo(3, 10);
  });
});
