/** How far back a page looks, as its address says. */
import { useUrlState } from "../../data/location.ts";

/** The minutes that an address asks for; `usual` where it asks for none that there are. */
export const spanFrom = (text: string | undefined, spans: readonly number[], usual: number): number =>
  spans.find((span) => String(span) === text) ?? usual;

const labelOf = (minutes: number): string => (minutes < 120 ? `${minutes} min` : `${minutes / 60} h`);

export interface SpanPickerProps {
  readonly spans: readonly number[];
  readonly minutes: number;
  /** Not named in the address. */
  readonly usual: number;
}

export function SpanPicker({ spans, minutes, usual }: SpanPickerProps) {
  const { set } = useUrlState();
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">How far back</legend>
      {spans.map((span) => (
        <button
          key={span}
          type="button"
          aria-pressed={span === minutes}
          onClick={() => set({ minutes: span === usual ? null : span })}
        >
          {labelOf(span)}
        </button>
      ))}
    </fieldset>
  );
}
