/**
 * A user's session as a small machine: each step is one event and leads to the session after it, or to none.
 *
 *     arrive ─ login (may fail, three times at most) or signup ─▶ browse ─ logout or just gone ─▶ (none)
 *     browse ─ fills the cart, goes to the checkout ─▶ checkout ─ buys line by line, or thinks again ─▶ browse
 */
import type { Chance, ValueOf } from "../../../runtime/define.ts";
import type userEvents from "../../topics/user-events.ts";
import { between, happens, hex8, pick, type Random, weighted } from "./draw.ts";
import { amountOf, type CartLine, maxPieces, products, searchQuery } from "./shop.ts";

export type UserEvent = ValueOf<typeof userEvents>;

export interface Session {
  readonly userId: string;
  readonly sessionId: string;
  readonly ip: string;
  /** Index into the known user agents: a session in state stays small. */
  readonly agent: number;
  readonly stage: "arrive" | "browse" | "checkout";
  readonly events: number;
  readonly failedLogins: number;
  readonly cart: readonly CartLine[];
}

/** An event and the session after it; null when that was its last. */
export interface Step {
  readonly event: UserEvent;
  readonly session: Session | null;
}

const userAgents = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
  "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
];

/** Regulars come back often enough for their sessions to follow one another on the topic. */
const REGULARS = 20;
const USERS = 9_000;

/** Someone arrives who is not there yet. */
export function openSession(chance: Random, isThere: (userId: string) => boolean): Session {
  let number = happens(chance, 0.7) ? between(chance, 0, REGULARS - 1) : between(chance, 0, USERS - 1);
  while (isThere(`user_${1_000 + number}`)) number = between(chance, 0, USERS - 1);
  return newSession(`user_${1_000 + number}`, chance);
}

export function newSession(userId: string, chance: Random): Session {
  return {
    userId,
    sessionId: hex8(chance),
    ip: `${between(chance, 11, 197)}.${between(chance, 0, 255)}.${between(chance, 0, 255)}.${between(chance, 1, 254)}`,
    agent: between(chance, 0, userAgents.length - 1),
    stage: "arrive",
    events: 0,
    failedLogins: 0,
    cart: [],
  };
}

/** The session's next event, at `at` ms since 1970. */
export function nextStep(session: Session, at: number, chance: Chance): Step {
  const after = { ...session, events: session.events + 1 };
  switch (session.stage) {
    case "arrive":
      return happens(chance, 0.08)
        ? signUp(after, at, chance)
        : logIn(after, at, chance, happens(chance, 0.75));
    case "browse":
      return browse(after, at, chance);
    case "checkout":
      return checkOut(after, at, chance);
  }
}

/** A login; who fails for the third time gives up. */
export function logIn(session: Session, at: number, chance: Chance, success: boolean): Step {
  const method = weighted(chance, [
    ["password", 6],
    ["oauth", 3],
    ["sso", 1],
  ] as const);
  const event: UserEvent = toEvent(session, "login", at, chance, { method, success });
  if (success) return { event, session: { ...session, stage: "browse", failedLogins: 0 } };
  const failedLogins = session.failedLogins + 1;
  return { event, session: failedLogins < 3 ? { ...session, failedLogins } : null };
}

function signUp(session: Session, at: number, chance: Chance): Step {
  const username = `${session.userId.replace("user_", "shopper")}_${between(chance, 10, 99)}`;
  return {
    event: toEvent(session, "signup", at, chance, {
      username,
      email: `${username}@example.com`,
      method: pick(chance, ["email", "google", "facebook"] as const),
    }),
    session: { ...session, stage: "browse" },
  };
}

function browse(session: Session, at: number, chance: Chance): Step {
  const full = session.cart.length > 0;
  const action = weighted(chance, [
    ["view", 38],
    ["click", 20],
    ["search", 12],
    ["cart_add", session.cart.length < 3 ? 12 : 0],
    ["cart_remove", full ? 4 : 0],
    ["checkout", full ? 9 : 0],
    ["logout", Math.min(session.events, 20) / 3],
  ] as const);
  if (action === "logout") return { event: toEvent(session, "logout", at, chance, {}), session: null };
  const step = browseStep(action, session, at, chance);
  // Some just close the tab, with what is in the cart.
  return happens(chance, 0.025) ? { ...step, session: null } : step;
}

function browseStep(
  action: "view" | "click" | "search" | "cart_add" | "cart_remove" | "checkout",
  session: Session,
  at: number,
  chance: Chance,
): Step {
  switch (action) {
    case "view":
      return view(session, at, chance, pick(chance, pages));
    case "click": {
      const element = pick(chance, ["button", "link", "image", "menu"] as const);
      const element_id = `elem_${between(chance, 1, 100)}`;
      return { event: toEvent(session, "click", at, chance, { element, element_id }), session };
    }
    case "search": {
      const query = searchQuery(chance);
      const results_count = between(chance, 0, 100);
      return { event: toEvent(session, "search", at, chance, { query, results_count }), session };
    }
    case "cart_add":
      return addToCart(session, at, chance);
    case "cart_remove":
      return removeFromCart(session, at, chance);
    case "checkout":
      return view({ ...session, stage: "checkout" }, at, chance, "checkout");
  }
}

function addToCart(session: Session, at: number, chance: Chance): Step {
  const product = pick(chance, products);
  const line = session.cart.find((one) => one.product === product);
  const has = line?.quantity ?? 0;
  const room = maxPieces(product) - has;
  // No more of it to be had: they look at the product again instead.
  if (room === 0) return view(session, at, chance, "products");
  const quantity = between(chance, 1, Math.min(3, room));
  const cart = [...session.cart.filter((one) => one !== line), { product, quantity: has + quantity }];
  return {
    event: toEvent(session, "cart_add", at, chance, { product, quantity }),
    session: { ...session, cart },
  };
}

function removeFromCart(session: Session, at: number, chance: Chance): Step {
  const line = pick(chance, session.cart);
  const quantity = between(chance, 1, Math.min(3, line.quantity));
  const left = line.quantity - quantity;
  const others = session.cart.filter((one) => one !== line);
  return {
    event: toEvent(session, "cart_remove", at, chance, { product: line.product, quantity }),
    session: { ...session, cart: left > 0 ? [...others, { ...line, quantity: left }] : others },
  };
}

/** Buys the first line of the cart; or, now and then, goes back to look at the cart again. */
function checkOut(session: Session, at: number, chance: Chance): Step {
  const [line, ...rest] = session.cart;
  if (line === undefined || happens(chance, 0.25)) {
    return view({ ...session, stage: "browse" }, at, chance, "cart");
  }
  return {
    event: toEvent(session, "purchase", at, chance, {
      product: line.product,
      amount: amountOf(line, chance),
      quantity: line.quantity,
      currency: "USD" as const,
    }),
    session: { ...session, cart: rest, stage: rest.length > 0 ? "checkout" : "browse" },
  };
}

const pages = [
  "home",
  "products",
  "products",
  "products",
  "search",
  "cart",
  "profile",
  "about",
  "contact",
] as const;

function view(session: Session, at: number, chance: Chance, page: (typeof pages)[number] | "checkout"): Step {
  // Most look shortly, a few stay for minutes.
  const duration = 1 + Math.floor(chance.random() ** 3 * 300);
  return { event: toEvent(session, "view", at, chance, { page, duration }), session };
}

/** One event of a session: what all events have, and its own fields. */
function toEvent<Type extends UserEvent["event_type"], Fields extends object>(
  session: Session,
  event_type: Type,
  at: number,
  chance: Chance,
  fields: Fields,
) {
  return {
    event_id: chance.uuid(),
    event_type,
    user_id: session.userId,
    timestamp: new Date(at).toISOString(),
    session_id: session.sessionId,
    ip_address: session.ip,
    user_agent: userAgents[session.agent]!,
    ...fields,
  };
}
