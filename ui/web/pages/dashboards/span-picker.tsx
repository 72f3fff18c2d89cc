/** How far back a page looks, as its address says. */
import { useUrlState } from "../../data/location.ts";

/** The minutes that an address asks for; the first where it asks for none that there are. */
export const spanFrom = (text: string | undefined, spans: readonly number[]): number =>
  spans.find((span) => String(span) === text) ?? spans[0]!;

const labelOf = (minutes: number): string => (minutes < 120 ? `${minutes} min` : `${minutes / 60} h`);

export function SpanPicker({ spans, minutes }: { spans: readonly number[]; minutes: number }) {
  const { set } = useUrlState();
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">How far back</legend>
      {spans.map((span) => (
        <button
          key={span}
          type="button"
          aria-pressed={span === minutes}
          onClick={() => set({ minutes: span === spans[0] ? null : span })}
        >
          {labelOf(span)}
        </button>
      ))}
    </fieldset>
  );
}
