/** The keys that work everywhere. */
import { useLocation } from "preact-iso/router";
import { type Shortcuts, useKeys } from "../data/keys.ts";
import { NAV } from "../routes.tsx";
import { helpOpen, paletteOpen } from "./open.ts";

export function GlobalKeys() {
  const { route } = useLocation();
  const jumps = Object.fromEntries(
    NAV.map(({ key, label, href }) => [`g ${key}`, { label, group: "Go to", run: () => route(href) }]),
  );
  useKeys({
    "mod+k": { label: "Go to or do anything", run: () => toggle(paletteOpen) },
    "/": { label: "Search on this page", run: focusSearch },
    "?": { label: "This help", run: () => toggle(helpOpen) },
    Escape: { label: "Leave a field", run: () => (document.activeElement as HTMLElement | null)?.blur() },
    ...jumps,
  } satisfies Shortcuts);
  return null;
}

function toggle(open: { value: boolean }): void {
  open.value = !open.value;
}

/** The page's own search; where it has none, the palette. */
function focusSearch(): void {
  const search = document.querySelector<HTMLInputElement>("main input[type=search]");
  if (!search) {
    paletteOpen.value = true;
    return;
  }
  search.focus();
  search.select();
}
