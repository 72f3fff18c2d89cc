/** The address as the page's state: each filter, tab and selection is a part of it, so that every view is a link. */

import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { type Query, withQuery } from "./api.ts";

export interface UrlState {
  /** The query as it is; what is not there is undefined. */
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Changes parts of the query (null, undefined and "" remove). Replaces the address; `push` lets Back undo it. */
  set(patch: Query, options?: { push?: boolean }): void;
  /** The address with parts of the query changed, for a link. */
  href(patch: Query): string;
}

export function useUrlState(): UrlState {
  const { path, query, route } = useLocation();
  const href = (patch: Query) => {
    // Of the address itself: several changes of one moment must not undo each other.
    const current = Object.fromEntries(new URLSearchParams(location.search));
    return withQuery(path, { ...current, ...patch });
  };
  return {
    query,
    href,
    set: (patch, { push = false } = {}) => {
      const next = href(patch);
      if (next !== location.pathname + location.search) route(next, !push);
    },
  };
}

/** Sets the tab's title while the page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Kafka streaming platform`;
  }, [title]);
}

/** The path of a page of given segments: `pagePath("topics", "a")` is `/topics/a`. */
export const pagePath = (...segments: readonly (string | number)[]): string =>
  `/${segments.map(encodeURIComponent).join("/")}`;
