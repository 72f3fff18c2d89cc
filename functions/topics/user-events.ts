import { z } from "zod";
import { defineTopic } from "../../runtime/define.ts";
import { isoTimestamp } from "./fields/iso-timestamp.ts";
import { oneOf, unknownKind } from "./fields/one-of.ts";

export const eventTypes = [
  "click",
  "purchase",
  "signup",
  "login",
  "logout",
  "view",
  "search",
  "cart_add",
  "cart_remove",
] as const;

export type EventType = (typeof eventTypes)[number];

const text = z.string().min(1);
const quantity = z.int().min(1).max(1_000_000);

/** One kind of event: the fields that all have, and its own. */
function event<Type extends EventType, Fields extends z.ZodRawShape>(event_type: Type, fields: Fields) {
  return z.looseObject({
    event_id: text.describe("A UUID"),
    event_type: z.literal(event_type),
    user_id: text.describe("user_1000 to user_9999"),
    timestamp: isoTimestamp,
    session_id: text.describe("8 hex digits"),
    ip_address: text.describe("IPv4"),
    user_agent: z.string(),
    ...fields,
  });
}

const cartChange = { product: text, quantity: quantity.describe("1 to 3") };

/** What users do, in the order in which each of them did it. */
export default defineTopic({
  name: "user-events",
  description: "What users do on the site: logins, views, searches, carts, purchases",
  partitions: 3,
  key: "user_id",
  schema: z.discriminatedUnion(
    "event_type",
    [
      event("click", { element: oneOf(["button", "link", "image", "menu"]), element_id: text }),
      event("purchase", {
        product: text,
        amount: z.number().min(0).max(1e9).describe("What was paid in all; two decimals"),
        quantity: quantity.describe("1 to 5"),
        currency: oneOf(["USD"]),
      }),
      event("signup", { username: text, email: text, method: oneOf(["email", "google", "facebook"]) }),
      event("login", { method: oneOf(["password", "oauth", "sso"]), success: z.boolean() }),
      event("logout", {}),
      event("view", {
        page: oneOf(["home", "products", "cart", "checkout", "profile", "search", "about", "contact"]),
        duration: z.number().nonnegative().describe("Seconds, 1 to 300"),
      }),
      event("search", { query: z.string(), results_count: z.int().nonnegative() }),
      event("cart_add", cartChange),
      event("cart_remove", cartChange),
    ],
    { error: unknownKind("event_type", eventTypes) },
  ),
});
