/** What can be asked for, by examples that can be taken over. */
import type { TopicSchema } from "../schemas/use-schema.ts";
import { examplesFor } from "./filter-examples.ts";

export interface FilterHelpProps {
  readonly schema: TopicSchema | null;
  readonly onTake: (expression: string) => void;
}

export function FilterHelp({ schema, onTake }: FilterHelpProps) {
  return (
    <details class="filter-help">
      <summary>How to write a filter</summary>
      <div class="filter-help-body">
        <p>
          A filter is an expression in <abbr title="Common Expression Language">CEL</abbr> that is true for
          the records wanted. It sees <code>key</code>, <code>value</code> (its JSON), <code>headers</code>,{" "}
          <code>partition</code>, <code>offset</code>, <code>timestamp</code> and <code>topic</code>. A record
          without a field that it asks for does not match.
        </p>
        <ul class="filter-examples">
          {examplesFor(schema?.json_schema ?? null).map(({ expression, says }) => (
            <li key={expression}>
              <button type="button" class="link mono" onClick={() => onTake(expression)}>
                {expression}
              </button>
              <span class="quiet">{says}</span>
            </li>
          ))}
        </ul>
        <p>
          Text and pattern are looked for in the key, the value as it is written, and the names and values of
          headers. The pattern is a regular expression in RE2 syntax, which has no back-references:{" "}
          <code>user_1\d+</code>, <code>(?i)timeout|refused</code>.
        </p>
      </div>
    </details>
  );
}
