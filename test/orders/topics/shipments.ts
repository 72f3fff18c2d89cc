import { z } from "zod";
import { defineTopic } from "../../../runtime/define.ts";

export default defineTopic({
  name: "shipments",
  description: "An order that was handled",
  partitions: 3,
  key: "id",
  schema: z.object({ id: z.string(), number: z.int(), to: z.string() }),
});
