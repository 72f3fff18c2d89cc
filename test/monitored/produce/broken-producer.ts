import { z } from "zod";
import { defineProducer } from "../../../runtime/define.ts";

export default defineProducer({
  description: "Throws at every tick",
  emits: [],
  everyMs: 4_000,
  config: z.object({}),
  handler() {
    throw new Error("broken");
  },
});
