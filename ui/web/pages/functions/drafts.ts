/** The input being edited of each function, and what it is compared with: kept while one looks at other pages. */
import { signal } from "@preact/signals";
import type { Outcome } from "./invocation.ts";

export interface Draft {
  /** JSON, or what is on the way to it. */
  readonly text: string;
  /** What came out of it before, and where: the invocation it was taken from, or the last run. */
  readonly baseline: { readonly outcome: Outcome; readonly label: string } | null;
}

export const drafts = signal<ReadonlyMap<string, Draft>>(new Map());

export function setDraft(name: string, draft: Draft): void {
  drafts.value = new Map(drafts.peek()).set(name, draft);
}
