/** A table: sorted by a click on a head, walked by j and k, opened by Enter. It scrolls inside its card. */
import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { useKeys } from "../data/keys.ts";
import { useUrlState } from "../data/location.ts";
import { Icon } from "./icon.tsx";
import { parseSort, sortRows } from "./sort.ts";

export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  readonly render: (row: Row) => ComponentChildren;
  /** What to sort by; without it the column cannot be sorted. Null sorts last. */
  readonly value?: (row: Row) => string | number | null;
  /** Numbers stand at the end. */
  readonly align?: "end";
  /** Left out on narrow screens. */
  readonly wide?: boolean;
  /** Starts with the largest when its head is clicked first. */
  readonly largestFirst?: boolean;
}

export interface TableProps<Row> {
  /** What the table holds, for who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** The page of a row: makes the first cell a link, and rows walkable by j and k. */
  readonly href?: (row: Row) => string;
  /** In place of `href`: what opening a row does. Makes the first cell a button. */
  readonly onOpen?: (row: Row) => void;
  readonly selectedKey?: string | null;
  /** The name in the address that keeps the order; tables of one page need different ones. */
  readonly sortParam?: string;
  /** As in the address: `name`, or `-rate` for the largest first. */
  readonly defaultSort?: string;
  /** In place of the rows where there are none. */
  readonly empty?: ComponentChildren;
}

export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, keyOf, href, onOpen, selectedKey, empty, defaultSort } = props;
  const { sortParam = "sort" } = props;
  const { query, set } = useUrlState();
  const body = useRef<HTMLTableSectionElement>(null);
  const sort = parseSort(query[sortParam] ?? defaultSort ?? "");
  const value = columns.find((column) => column.id === sort.id)?.value;
  const sorted = useMemo(
    () => (value ? sortRows(rows, value, sort.descending) : rows),
    [rows, sort.id, sort.descending],
  );
  const opens = href !== undefined || onOpen !== undefined;
  useKeys(
    {
      j: { label: "Next row", group: "Lists", run: () => moveFocus(body.current, 1) },
      k: { label: "Previous row", group: "Lists", run: () => moveFocus(body.current, -1) },
    },
    opens,
  );

  const sortBy = (column: Column<Row>) => {
    const descending = sort.id === column.id ? !sort.descending : (column.largestFirst ?? false);
    const next = `${descending ? "-" : ""}${column.id}`;
    set({ [sortParam]: next === defaultSort ? null : next });
  };

  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div class="table-scroll" tabIndex={0}>
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                class={classOf(column)}
                {...(column.value && { "aria-sort": ariaSort(sort, column.id) })}
              >
                {column.value ? (
                  <button type="button" class="sort" onClick={() => sortBy(column)}>
                    {column.label}
                    <span
                      class={`sort-mark ${sort.id === column.id ? (sort.descending ? "down" : "up") : ""}`}
                    >
                      <Icon name="chevron" />
                    </span>
                  </button>
                ) : (
                  column.label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {sorted.map((row) => {
            const key = keyOf(row);
            return (
              <tr key={key} class={key === selectedKey ? "selected" : undefined}>
                {columns.map((column, index) => (
                  <td key={column.id} class={classOf(column)}>
                    {index === 0 ? opener(row, column.render(row), href, onOpen) : column.render(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function opener<Row>(
  row: Row,
  content: ComponentChildren,
  href: TableProps<Row>["href"],
  onOpen: TableProps<Row>["onOpen"],
): ComponentChildren {
  if (href) {
    return (
      <a href={href(row)} data-row-opener>
        {content}
      </a>
    );
  }
  if (!onOpen) return content;
  return (
    <button type="button" class="link" data-row-opener onClick={() => onOpen(row)}>
      {content}
    </button>
  );
}

const classOf = <Row,>({ align, wide }: Column<Row>): string =>
  `${align === "end" ? "number" : ""} ${wide ? "wide" : ""}`.trim();

const ariaSort = (
  sort: { id: string; descending: boolean },
  id: string,
): "none" | "ascending" | "descending" =>
  sort.id !== id ? "none" : sort.descending ? "descending" : "ascending";

/** Focuses the next opener of a row in the direction given; the first where none has the focus. */
function moveFocus(body: HTMLElement | null, by: 1 | -1): void {
  const openers = [...(body?.querySelectorAll<HTMLElement>("[data-row-opener]") ?? [])];
  const at = openers.indexOf(document.activeElement as HTMLElement);
  openers[at === -1 ? 0 : Math.min(openers.length - 1, Math.max(0, at + by))]?.focus();
}
