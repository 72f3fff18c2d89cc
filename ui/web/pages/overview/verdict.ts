/** Whether all is well, in a word and a sentence. Pure. */
import { plural } from "../../data/format.ts";
import type { FunctionInfo, StatsEvent } from "../../data/types.ts";

export interface Verdict {
  readonly word: string;
  readonly tone: "good" | "warn" | "bad" | "neutral";
  readonly text: string;
  /** Where to look closer. */
  readonly href: string;
}

type State = Pick<FunctionInfo, "name" | "status" | "reason">;

/** `now` is null until the stream has told anything; `lost` once it is cut off. */
export function verdict(now: StatsEvent | null, loaded: readonly State[], lost = false): Verdict {
  if (lost)
    return { word: "Unknown", tone: "neutral", text: "Disconnected from the platform.", href: "/functions" };
  const functions: readonly State[] = now?.functions ?? loaded;
  const of = (status: State["status"]) => functions.filter((fn) => fn.status === status);
  const [failing, waiting] = [of("failing"), of("waiting")];
  if (failing.length > 0) {
    return {
      word: "Failing",
      tone: "bad",
      text: `${named(failing)}: ${reason(failing)}`,
      href: hrefOf(failing),
    };
  }
  if (waiting.length > 0) {
    return {
      word: "Waiting",
      tone: "warn",
      text: `${named(waiting)}: ${reason(waiting)}`,
      href: hrefOf(waiting),
    };
  }
  if (now?.health === "unhealthy") {
    return { word: "Unhealthy", tone: "bad", text: "A dependency does not answer.", href: "/broker" };
  }
  if (functions.length === 0)
    return { word: "–", tone: "neutral", text: "No function yet.", href: "/functions" };
  const running = of("running").length;
  const text =
    running === functions.length
      ? `${plural(running, "function")} running`
      : `${running} of ${plural(functions.length, "function")} running`;
  return { word: "Healthy", tone: "good", text, href: "/functions" };
}

const named = (functions: readonly State[]): string =>
  functions.length === 1 ? functions[0]!.name : plural(functions.length, "function");

const reason = (functions: readonly State[]): string =>
  functions.find((fn) => fn.reason !== null)?.reason ?? "no reason given";

const hrefOf = (functions: readonly State[]): string =>
  functions.length === 1 ? `/functions/${encodeURIComponent(functions[0]!.name)}` : "/functions";
