/**
 * Random and mutated frames and batches against a broker process, while another client is checked to be served as
 * ever. `npx tsx bench/fuzz.ts [frames, default 1,000,000] [seed, default 1]`. Fails when the broker dies, answers the other
 * client wrongly, or needs more memory than the ceiling.
 */
import { fuzzBroker } from "../test/fuzz/fuzz-broker.ts";

const CEILING_MIB = 400;
const frames = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? 1);

const started = performance.now();
const outcome = await fuzzBroker({ frames, seed });
const row = {
  ...outcome,
  ceilingMiB: CEILING_MIB,
  canaryMaxMs: Math.round(outcome.canaryMaxMs),
  seconds: Math.round((performance.now() - started) / 1000),
};
for (const [name, value] of Object.entries(row)) process.stdout.write(`${name.padEnd(12)} ${value}\n`);
if (outcome.peakMiB > CEILING_MIB) {
  process.stderr.write(`Expected at most ${CEILING_MIB} MiB resident, got ${outcome.peakMiB}\n`);
  process.exitCode = 1;
}
