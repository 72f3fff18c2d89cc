/** A long list of which only the rows in view are rendered; walked by the keyboard as one control. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { useKeys } from "../data/keys.ts";

export interface VirtualListProps<Item> {
  /** What the list holds, for who cannot see it. */
  readonly label: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  /** A row: text and badges, no links or buttons (the row itself is what one opens). */
  readonly render: (item: Item, index: number) => ComponentChildren;
  /** In px; the same for all. */
  readonly rowHeight?: number;
  /** A css length. */
  readonly height?: string;
  readonly selectedKey?: string | null;
  readonly onOpen?: (item: Item) => void;
  /** Stays at this end while rows are added there, unless the reader has scrolled away. */
  readonly follow?: "start" | "end";
  /** In place of the rows where there are none. */
  readonly empty?: ComponentChildren;
}

/** Closer than this to an end is at the end, px. */
const AT_END = 40;

export function VirtualList<Item>(props: VirtualListProps<Item>) {
  const {
    label,
    items,
    keyOf,
    render,
    rowHeight = 32,
    height = "60vh",
    selectedKey,
    onOpen,
    follow,
    empty,
  } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [, rerender] = useReducer<number, void>((count) => count + 1, 0);
  const virtualizer = useVirtualizer(box, items.length, rowHeight, rerender);
  const selected = items.findIndex((item) => keyOf(item) === selectedKey);

  useFollow(box, items, keyOf, rowHeight, follow);
  // A selection that the address brings is brought into view, once.
  useLayoutEffect(() => {
    if (selected !== -1) virtualizer.scrollToIndex(selected, { align: "auto" });
  }, [selectedKey]);

  const open = (index: number) => {
    const item = items[Math.max(0, Math.min(items.length - 1, index))];
    if (item !== undefined) onOpen?.(item);
  };
  const move = (by: number) => open(selected === -1 ? (by > 0 ? 0 : items.length - 1) : selected + by);
  useKeys(
    {
      j: { label: "Next row", group: "Lists", run: () => move(1) },
      k: { label: "Previous row", group: "Lists", run: () => move(-1) },
    },
    onOpen !== undefined,
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      PageDown: () => move(page),
      PageUp: () => move(-page),
      Home: () => open(0),
      End: () => open(items.length - 1),
      Enter: () => open(Math.max(0, selected)),
    };
    const run = moves[event.key];
    if (!run || !onOpen || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    run();
  };

  if (items.length === 0 && empty) return <div style={{ minHeight: height }}>{empty}</div>;
  return (
    <div
      ref={box}
      class="virtual-list"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={selected === -1 ? undefined : `${id}-${selectedKey}`}
      style={{ height }}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const item = items[index];
          if (item === undefined) return null;
          const key = keyOf(item);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard is the list's, which holds the focus
            <div
              key={key}
              id={`${id}-${key}`}
              class="virtual-row"
              role="option"
              tabIndex={-1}
              aria-selected={index === selected}
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ height: `${rowHeight}px`, transform: `translateY(${start}px)` }}
              onClick={() => onOpen?.(item)}
            >
              {render(item, index)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function useVirtualizer(
  box: { readonly current: HTMLDivElement | null },
  count: number,
  rowHeight: number,
  onChange: () => void,
): Virtualizer<HTMLDivElement, HTMLDivElement> {
  const made = useRef<Virtualizer<HTMLDivElement, HTMLDivElement> | null>(null);
  const options = {
    count,
    estimateSize: () => rowHeight,
    getScrollElement: () => box.current,
    overscan: 8,
    observeElementOffset,
    observeElementRect,
    scrollToFn: elementScroll,
    onChange,
  };
  made.current ??= new Virtualizer(options);
  made.current.setOptions(options);
  useLayoutEffect(() => made.current!._didMount(), []);
  useLayoutEffect(() => made.current!._willUpdate());
  return made.current;
}

/** Keeps the reader where they are: at the end they follow, or at the same rows when others are added above. */
function useFollow<Item>(
  box: { readonly current: HTMLDivElement | null },
  items: readonly Item[],
  keyOf: (item: Item) => string,
  rowHeight: number,
  follow: "start" | "end" | undefined,
): void {
  const firstKey = items.length > 0 ? keyOf(items[0]!) : null;
  const wasFirst = useRef(firstKey);
  const wasAtEnd = useRef(true);
  const element = box.current;
  // Before the rows are rendered: where the reader is now. It costs a layout, so only where it is needed.
  if (element && follow === "end")
    wasAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
  useLayoutEffect(() => {
    const list = box.current;
    if (!list || !follow) return;
    if (follow === "end" && wasAtEnd.current) {
      list.scrollTop = list.scrollHeight;
    } else if (follow === "start" && list.scrollTop > AT_END && wasFirst.current !== firstKey) {
      const added = items.findIndex((item) => keyOf(item) === wasFirst.current);
      if (added > 0) list.scrollTop += added * rowHeight;
    }
    wasFirst.current = firstKey;
  }, [items, follow]);
}
