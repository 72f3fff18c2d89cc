/** Views of one thing, of which the address says which is shown. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useUrlState } from "../data/location.ts";

export interface Tab {
  readonly id: string;
  readonly label: string;
  /** Beside the label: a count. */
  readonly badge?: ComponentChildren;
  /** Called only while the tab is shown. */
  readonly render: () => ComponentChildren;
}

export interface TabsProps {
  /** What the tabs are views of. */
  readonly label: string;
  readonly tabs: readonly Tab[];
  /** The name in the address. */
  readonly param?: string;
}

/** The first tab is shown where the address names none. */
export function Tabs({ label, tabs, param = "tab" }: TabsProps) {
  const { query, set } = useUrlState();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const current = tabs.find((tab) => tab.id === query[param]) ?? tabs[0];
  const select = (tab: Tab | undefined) => tab && set({ [param]: tab === tabs[0] ? null : tab.id });

  // On a narrow screen the list scrolls, and the address may name any of them.
  useEffect(() => {
    list.current
      ?.querySelector("[aria-selected=true]")
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current?.id]);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = current ? tabs.indexOf(current) : 0;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + tabs.length) % tabs.length;
    select(tabs[next]);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };

  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            aria-selected={tab === current}
            aria-controls={tab === current ? `${id}-panel` : undefined}
            tabIndex={tab === current ? 0 : -1}
            onClick={() => select(tab)}
          >
            {tab.label}
            {tab.badge !== undefined && <span class="tab-badge">{tab.badge}</span>}
          </button>
        ))}
      </div>
      {current && (
        <div key={current.id} role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current.id}`}>
          {current.render()}
        </div>
      )}
    </div>
  );
}
