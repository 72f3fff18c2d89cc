/** Light, dark, or as the system has it; kept for the next visit. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "ksp.theme";

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    // Storage may be switched off: the choice then lasts as long as the tab.
    return "system";
  }
}

export const theme = signal<Theme>(stored());

const systemDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(systemDark.matches);
systemDark.addEventListener("change", () => {
  systemIsDark.value = systemDark.matches;
});

/** Whether dark colours are shown now: what draws on a canvas reads its colours anew when this changes. */
export const isDark = (): boolean =>
  theme.value === "dark" || (theme.value === "system" && systemIsDark.value);

effect(() => {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  try {
    if (theme.value === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme.value);
  } catch {
    // As above.
  }
});
