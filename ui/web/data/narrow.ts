/** Whether the screen is narrow, for what styles alone cannot settle. The same width as in the styles. */
import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 800px)");
const isNarrow = signal(query.matches);
query.addEventListener("change", () => {
  isNarrow.value = query.matches;
});

/** Re-renders the component that asks when the answer changes. */
export const useNarrow = (): boolean => isNarrow.value;
