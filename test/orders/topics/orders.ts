import { z } from "zod";
import { defineTopic } from "../../../runtime/define.ts";

export default defineTopic({
  name: "orders",
  description: "Numbered orders; one in a hundred has no customer, which its type does not tell",
  partitions: 3,
  key: "id",
  schema: z.object({
    id: z.string(),
    number: z.int(),
    customer: z.looseObject({ name: z.string() }).nullable(),
  }),
});
