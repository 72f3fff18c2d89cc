import { z } from "zod";
import { defineConsumer, eachRecord, emit, type Rec } from "../../../runtime/define.ts";
import orders from "../topics/orders.ts";
import shipments from "../topics/shipments.ts";

export default defineConsumer({
  description: "Ships orders; throws a TypeError on one without a customer, as careless code does",
  topic: orders,
  group: "order-group",
  emits: [shipments],
  config: z.object({}),
  commitEveryMs: 500,
  handler: eachRecord((record: Rec<z.output<typeof orders.schema>>) => {
    const { id, number, customer } = record.value;
    return { emit: [emit(shipments, { id, number, to: customer!.name })] };
  }),
});
