import { z } from "zod";
import { defineProducer, emit, type Tick } from "../../../runtime/define.ts";
import readings from "../topics/readings.ts";

export default defineProducer({
  description: "Reads ten meters every four seconds",
  emits: [readings],
  everyMs: 4_000,
  config: z.object({}),
  handler: ({ seq }: Tick) => ({
    emit: Array.from({ length: 10 }, (_, i) => emit(readings, { meter: `meter-${i}`, n: 10 * seq + i })),
  }),
});
