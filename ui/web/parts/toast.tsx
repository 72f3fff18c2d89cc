/** Short messages at the edge: what was done, or why not. */
import { signal } from "@preact/signals";
import { Icon } from "./icon.tsx";
import type { Tone } from "./status.tsx";

export interface ToastOptions {
  readonly tone?: Extract<Tone, "good" | "warn" | "bad" | "info">;
  /** A link to what it is about. */
  readonly link?: { readonly label: string; readonly href: string };
}

interface Shown extends ToastOptions {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 6000;
const MOST = 4;
const shown = signal<readonly Shown[]>([]);
let nextId = 0;

const dismiss = (id: number) => {
  shown.value = shown.peek().filter((one) => one.id !== id);
};

/** Shows a message for some seconds; an error stays until it is closed. */
export function toast(text: string, options: ToastOptions = {}): void {
  const id = nextId++;
  shown.value = [...shown.peek(), { ...options, id, text }].slice(-MOST);
  if (options.tone !== "bad") setTimeout(dismiss, SHOWN_MS, id);
}

/** The place where they show; the shell has it once. */
export function Toasts() {
  return (
    <section class="toasts" aria-label="Messages" aria-live="polite">
      {shown.value.map(({ id, text, tone = "info", link }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon
            name={tone === "good" ? "check" : tone === "bad" ? "error" : tone === "warn" ? "warning" : "info"}
          />
          <p>
            {text} {link && <a href={link.href}>{link.label}</a>}
          </p>
          <button
            type="button"
            class="button icon-only quiet"
            aria-label="Dismiss"
            onClick={() => dismiss(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </section>
  );
}
