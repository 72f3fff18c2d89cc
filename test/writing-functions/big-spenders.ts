import { z } from "zod";
import { defineTopic } from "../../runtime/define.ts";

export default defineTopic({
  name: "big-spenders",
  description: "Users whose purchases have reached the limit",
  partitions: 1,
  key: "user_id",
  schema: z.looseObject({
    id: z.string(),
    user_id: z.string(),
    purchases: z.int().positive(),
    total_usd: z.number().positive(),
  }),
});
