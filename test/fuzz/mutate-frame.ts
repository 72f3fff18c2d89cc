import { crc32c } from "../../infra/embedded/wire/crc32c.ts";
import type { Random } from "./random.ts";
import type { Seed } from "./seeds.ts";

const INTERESTING = [0x00, 0x01, 0x7f, 0x80, 0xff];
const HEADER_END = 14;

/** A sound Produce with some bytes of its batch changed, every other time with a CRC that is right. */
export function mutateBatch({ frame: sound, batchAt }: Seed, random: Random): Buffer {
  const frame = Buffer.from(sound);
  const changes = 1 + random.below(4);
  for (let i = 0; i < changes; i++) overwrite(frame, batchAt + random.below(frame.length - batchAt), random);
  if (random.below(2) === 0) renewCrc(frame, batchAt);
  return frame;
}

/** A frame that no client would send: a sound one with some bytes changed, or none that makes sense at all. */
export function mutateFrame(seed: Seed, random: Random): Buffer {
  if (random.below(50) === 0) return randomFrame(random);
  let frame: Buffer = Buffer.from(seed.frame);
  const changes = 1 + random.below(4);
  for (let i = 0; i < changes; i++) frame = change(frame, random);
  // Most keep a true length and many a true CRC, so that they get past the first checks.
  if (random.below(20) !== 0 && frame.length >= 4) frame.writeInt32BE(frame.length - 4, 0);
  const { batchAt } = seed;
  if (batchAt > 0 && random.below(2) === 0) renewCrc(frame, batchAt);
  return frame;
}

function renewCrc(frame: Buffer, batchAt: number): void {
  if (frame.length < batchAt + 61) return;
  const end = batchAt + 12 + frame.readInt32BE(batchAt + 8);
  if (end > batchAt + 21 && end <= frame.length) {
    frame.writeUInt32BE(crc32c(frame, batchAt + 21, end), batchAt + 17);
  }
}

function randomFrame(random: Random): Buffer {
  const frame = random.bytes(4 + random.below(200));
  if (random.below(2) === 0) frame.writeInt32BE(frame.length - 4, 0);
  return frame;
}

function change(frame: Buffer, random: Random): Buffer {
  // The header now and then, the body mostly.
  const from = random.below(10) === 0 ? 4 : Math.min(HEADER_END, frame.length - 1);
  const at = from + random.below(Math.max(1, frame.length - from));
  switch (random.below(6)) {
    case 0:
      return frame.subarray(0, Math.max(4, at));
    case 1:
      return Buffer.concat([frame.subarray(0, at), random.bytes(1 + random.below(16)), frame.subarray(at)]);
    case 2:
      return Buffer.concat([frame.subarray(0, at), frame.subarray(Math.max(4, at - random.below(40)))]);
    default:
      overwrite(frame, at, random);
      return frame;
  }
}

/** Changes a bit, a byte, or the bytes of an integer. */
function overwrite(frame: Buffer, at: number, random: Random): void {
  const size = random.pick([0, 1, 2, 4, 8]);
  if (size === 0) frame[at]! ^= 1 << random.below(8);
  else frame.fill(random.pick(INTERESTING), at, Math.min(frame.length, at + size));
}
