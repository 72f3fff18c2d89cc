/** Something to open: rendered only once it is. And a list of which only the first are shown until asked. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { formatCount } from "../../data/format.ts";

export interface FoldProps {
  readonly summary: ComponentChildren;
  readonly open?: boolean;
  readonly children: () => ComponentChildren;
}

export function Fold({ summary, open = false, children }: FoldProps) {
  const [isOpen, setOpen] = useState(open);
  return (
    <details class="fold" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && <div class="fold-body">{children()}</div>}
    </details>
  );
}

const FEW = 20;

export function Some<Item>({
  items,
  render,
}: {
  items: readonly Item[];
  render: (item: Item, index: number) => ComponentChildren;
}) {
  const [all, setAll] = useState(false);
  return (
    <>
      {(all ? items : items.slice(0, FEW)).map(render)}
      {!all && items.length > FEW && (
        <button type="button" class="button" onClick={() => setAll(true)}>
          Show all {formatCount(items.length)}
        </button>
      )}
    </>
  );
}
