import { describe, expect, it } from "vitest";
import eventProducer from "../../functions/produce/event-producer.ts";
import { runConsumer, toRecords } from "../drive.ts";
import { obeysConsumerLaws } from "../laws.ts";
import { mutatedRecords } from "../mutate.ts";
import spenderConsumer from "./spender-consumer.ts";

const purchase = (amount: number) => ({
  key: "user_1000",
  value: {
    event_id: "e",
    event_type: "purchase",
    user_id: "user_1000",
    timestamp: "2026-11-22T12:00:00Z",
    session_id: "s",
    ip_address: "192.0.2.1",
    user_agent: "test",
    product: "Laptop",
    amount,
    quantity: 1,
    currency: "USD",
  },
});

describe("spender-consumer", () => {
  it("tells once when a user's purchases reach the limit", () => {
    const given = [400, 599.99, 0.01, 500].map(purchase);
    const { emits } = runConsumer(spenderConsumer, toRecords(given));
    expect(emits).toMatchObject([
      { topic: "big-spenders", key: "user_1000", cause: "2", value: { purchases: 3, total_usd: 1_000 } },
    ]);
  });

  obeysConsumerLaws(
    spenderConsumer,
    mutatedRecords(eventProducer, { config: { ratePerSecond: 20 }, ticks: 60, keyField: "user_id" }),
    { config: { limitUsd: 100 } },
  );
});
