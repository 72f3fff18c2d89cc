/** The fields that a schema says a value has. */
import { type FieldRow, fieldRows, type JsonSchema } from "./fields.ts";

export function FieldTable({ label, schema }: { label: string; schema: JsonSchema }) {
  const rows = fieldRows(schema);
  if (rows.length === 0) return <p class="quiet">It has no fields.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="table-scroll" aria-label={label} tabIndex={0}>
      <table class="field-table">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">Bounds</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <Row key={at} row={row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row: { path, depth, type, required, bounds, description } }: { row: FieldRow }) {
  return (
    <tr>
      <th scope="row" class={`mono depth-${depth}`}>
        {path}
        {!required && <span class="quiet"> optional</span>}
      </th>
      <td>{type}</td>
      <td>
        {bounds && <span class="field-bounds">{bounds}</span>}
        {description && <span class="quiet field-says">{description}</span>}
      </td>
    </tr>
  );
}
