import { z } from "zod";
import { defineTopic } from "../../../runtime/define.ts";

export default defineTopic({
  name: "readings",
  description: "Numbered readings",
  partitions: 2,
  key: "meter",
  schema: z.object({ meter: z.string(), n: z.number() }),
});
