/** A titled part of what is told of an invocation. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export function Part({
  title,
  count,
  children,
}: {
  title: string;
  count?: number;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class="invocation-part" aria-labelledby={id}>
      <h3 id={id}>
        {title} {count !== undefined && <span class="quiet">{count}</span>}
      </h3>
      {children}
    </section>
  );
}
