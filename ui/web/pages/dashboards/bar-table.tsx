/** Amounts by name as bars, which are a table: what it says to the eye it says to a screen reader. */

export interface BarRow {
  readonly name: string;
  readonly value: number;
  /** The value as it reads. */
  readonly text: string;
}

export interface BarTableProps {
  readonly label: string;
  /** Heads of the names and of the values. */
  readonly columns: readonly [string, string];
  readonly rows: readonly BarRow[];
}

export function BarTable({ label, columns, rows }: BarTableProps) {
  const top = Math.max(...rows.map(({ value }) => value), Number.MIN_VALUE);
  if (rows.length === 0) return <p class="quiet bar-none">None in this time.</p>;
  return (
    <table class="bar-table">
      <caption class="visually-hidden">{label}</caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">{columns[0]}</th>
          <td />
          <th scope="col">{columns[1]}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, value, text }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="bar-cell">
              <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect width={(value / top) * 100} height="10" />
              </svg>
            </td>
            <td class="number">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
