/** Two texts as one, with what was removed and added; told by sign as well as by colour. */
import { diffLines } from "./diff-lines.ts";

export interface DiffProps {
  readonly before: string;
  readonly after: string;
  readonly beforeLabel?: string;
  readonly afterLabel?: string;
}

const SIGNS = { same: " ", removed: "−", added: "+" } as const;
const WORDS = { same: "", removed: "removed: ", added: "added: " } as const;

export function Diff({ before, after, beforeLabel = "Before", afterLabel = "After" }: DiffProps) {
  const lines = diffLines(before, after);
  const changes = lines.filter(({ kind }) => kind !== "same").length;
  if (changes === 0) return <p class="quiet">No difference.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <figure class="code diff" aria-label={`From ${beforeLabel} to ${afterLabel}`} tabIndex={0}>
      <p class="diff-legend">
        <span class="removed">− {beforeLabel}</span> <span class="added">+ {afterLabel}</span>
      </p>
      <pre>
        {lines.map(({ kind, text }, index) => (
          <span key={index} class={kind}>
            <span aria-hidden="true">{SIGNS[kind]} </span>
            <span class="visually-hidden">{WORDS[kind]}</span>
            {text}
            {"\n"}
          </span>
        ))}
      </pre>
    </figure>
  );
}
