import { z } from "zod";
import { defineConsumer, eachRecord, type Rec, type RecordCtx } from "../../../runtime/define.ts";
import readings from "../topics/readings.ts";

export default defineConsumer({
  description: "Keeps each meter's last reading, and refuses one reading in ten",
  topic: readings,
  group: "picky-group",
  emits: [],
  config: z.object({}),
  commitEveryMs: 200,
  handler: eachRecord(
    (record: Rec<z.output<typeof readings.schema>>, _: unknown, ctx: RecordCtx<Record<string, never>>) => {
      const { n } = record.value;
      if (n % 10 === 3) return { failure: "a three" };
      ctx.metric("readings", 1, { parity: n % 2 === 0 ? "even" : "odd" });
      return { state: { n } };
    },
  ),
});
