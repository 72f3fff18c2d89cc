/** The pages: where each is, what it is called, how its script is loaded. The server knows the same paths. */
import type { ComponentType } from "preact";
import lazy from "preact-iso/lazy";
import type { IconName } from "./parts/icon.tsx";
import { MissingPage } from "./shell/missing-page.tsx";

export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  /** Follows `g`. */
  readonly key: string;
}

/** What the navigation lists, in this order. */
export const NAV: readonly NavItem[] = [
  { href: "/", label: "Overview", icon: "overview", key: "o" },
  { href: "/topics", label: "Topics", icon: "topics", key: "t" },
  { href: "/functions", label: "Functions", icon: "functions", key: "f" },
  { href: "/groups", label: "Groups", icon: "groups", key: "g" },
  { href: "/alerts", label: "Alerts", icon: "alerts", key: "a" },
  { href: "/dashboards", label: "Dashboards", icon: "dashboards", key: "d" },
  { href: "/dead-letters", label: "Dead letters", icon: "dead-letters", key: "l" },
  { href: "/schemas", label: "Schemas", icon: "schemas", key: "s" },
  { href: "/broker", label: "Broker", icon: "broker", key: "b" },
];

/** A page by its script, which is loaded when the page is first shown. */
const page = (load: () => Promise<{ default: ComponentType }>): ComponentType =>
  lazy(() =>
    load().catch((cause: unknown) => ({ default: () => <MissingPage cause={cause} /> })),
  ) as ComponentType;

/**
 * Each page's index.tsx exports its component as default. One that has views of its own at deeper paths takes them
 * from `useRoute()`: `/functions/:name?` and `/groups/:id?`.
 */
export const ROUTES = [
  { path: "/", page: page(() => import("./pages/overview/index.tsx")) },
  { path: "/topics", page: page(() => import("./pages/topics/index.tsx")) },
  { path: "/topics/:topic", page: page(() => import("./pages/topic/index.tsx")) },
  { path: "/functions/:name?", page: page(() => import("./pages/functions/index.tsx")) },
  { path: "/groups/:id?", page: page(() => import("./pages/groups/index.tsx")) },
  { path: "/alerts", page: page(() => import("./pages/alerts/index.tsx")) },
  { path: "/dashboards/:domain?", page: page(() => import("./pages/dashboards/index.tsx")) },
  { path: "/dead-letters", page: page(() => import("./pages/dead-letters/index.tsx")) },
  { path: "/schemas/:subject?", page: page(() => import("./pages/schemas/index.tsx")) },
  { path: "/broker", page: page(() => import("./pages/broker/index.tsx")) },
] as const;

/** Whether a path is under a navigation item. */
export const isUnder = (path: string, href: string): boolean =>
  href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`);
