/** A number that matters, with its name and what is behind it. */
import type { ComponentChildren } from "preact";
import type { Tone } from "./status.tsx";

export interface TileProps {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly unit?: string;
  /** Below the number: a sparkline, a sentence. */
  readonly children?: ComponentChildren;
  readonly tone?: Tone;
  /** Makes the label a link. */
  readonly href?: string;
}

export function Tile({ label, value, unit, children, tone = "neutral", href }: TileProps) {
  return (
    <div class={`tile ${tone}`}>
      <h2 class="tile-label">{href ? <a href={href}>{label}</a> : label}</h2>
      <p class="tile-value">
        {value}
        {unit && <span class="tile-unit"> {unit}</span>}
      </p>
      {children && <div class="tile-more">{children}</div>}
    </div>
  );
}

/** Tiles side by side, as many as fit. */
export function Tiles({ children }: { children: ComponentChildren }) {
  return <div class="tiles">{children}</div>;
}
