import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader } from "./frame.ts";
import { ProtocolError } from "./protocol-error.ts";

function toFrame(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function readAll(reader: FrameReader): Buffer[] {
  const frames: Buffer[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) frames.push(frame);
  return frames;
}

describe("a frame reader", () => {
  it("finds the same frames wherever the stream was cut", () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (wanted, sizes) => {
        const stream = Buffer.concat(wanted.map(toFrame));
        const reader = new FrameReader(1_000);
        const frames: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length]!;
          reader.push(stream.subarray(at, at + size));
          frames.push(...readAll(reader));
          at += size;
        }
        expect(frames.map((frame) => [...frame])).toEqual(wanted.map((body) => [...body]));
        expect(reader.bufferedBytes).toBe(0);
      }),
    );
  });

  it("returns a frame within one chunk as a view of it", () => {
    const chunk = Buffer.concat([toFrame(Buffer.from("one")), toFrame(Buffer.from("two"))]);
    const reader = new FrameReader(100);
    reader.push(chunk);
    for (const frame of readAll(reader)) expect(frame.buffer).toBe(chunk.buffer);
  });

  it.each([
    ["−1", Buffer.from("ffffffff", "hex")],
    ["2^31−1", Buffer.from("7fffffff", "hex")],
    ["more than the limit", Buffer.from("00000065", "hex")],
    ["what HTTP makes of it", Buffer.from("GET / HTTP/1.1\r\n")],
    ["what TLS makes of it", Buffer.from("16030100", "hex")],
  ])("refuses a length of %s before any more of it is there", (_what, start) => {
    const reader = new FrameReader(100);
    reader.push(start);
    expect(() => reader.next()).toThrow(ProtocolError);
  });

  it("refuses a request that is larger than its API may send by its first bytes, wherever they were cut", () => {
    const start = Buffer.from("000000650003", "hex");
    for (let cut = 1; cut <= start.length; cut++) {
      const reader = new FrameReader(1_000, (apiKey) => (apiKey === 3 ? 100 : 1_000));
      reader.push(start.subarray(0, cut));
      if (cut < start.length) {
        expect(reader.next()).toBeNull();
        reader.push(start.subarray(cut));
      }
      expect(() => reader.next()).toThrow("Expected a request of at most 100 bytes for API key 3, got 101");
    }
  });
});
