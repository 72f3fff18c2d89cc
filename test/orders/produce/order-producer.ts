import { z } from "zod";
import { defineProducer, emit, type Tick, type TickCtx } from "../../../runtime/define.ts";
import orders from "../topics/orders.ts";

const config = z.object({
  perTick: z.int().positive().default(20),
  last: z.int().positive().default(5_000).describe("The number of the last order; none come after it"),
});

interface State {
  readonly next: number;
}

export default defineProducer({
  description: "Places orders, numbered from 1",
  emits: [orders],
  everyMs: 20,
  config,
  handler(tick: Tick<State>, ctx: TickCtx<z.output<typeof config>>) {
    const from = tick.state?.next ?? 1;
    const next = Math.min(from + ctx.config.perTick, ctx.config.last + 1);
    const numbers = Array.from({ length: next - from }, (_, i) => from + i);
    return {
      state: { next },
      emit: numbers.map((number) =>
        emit(orders, {
          id: `order-${number}`,
          number,
          customer: number % 100 === 0 ? null : { name: `customer ${number % 7}` },
        }),
      ),
    };
  },
});
