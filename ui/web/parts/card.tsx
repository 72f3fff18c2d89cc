/** A titled surface. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface CardProps {
  readonly title?: string;
  /** At the right of the title. */
  readonly aside?: ComponentChildren;
  /** Without padding: for a table or list that goes to the edges. */
  readonly flush?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Card({ title, aside, flush = false, class: extra = "", children }: CardProps) {
  const id = useId();
  return (
    <section class={`card ${flush ? "flush" : ""} ${extra}`} {...(title && { "aria-labelledby": id })}>
      {(title || aside) && (
        <header class="card-head">
          {title && <h2 id={id}>{title}</h2>}
          {aside && <div class="card-aside">{aside}</div>}
        </header>
      )}
      <div class="card-body">{children}</div>
    </section>
  );
}
