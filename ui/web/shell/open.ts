/** Whether the shell's own dialogs are open: keys, buttons and the palette itself open them. */
import { signal } from "@preact/signals";

export const paletteOpen = signal(false);
export const helpOpen = signal(false);
