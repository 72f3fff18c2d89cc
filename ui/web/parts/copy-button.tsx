/** Copies a text, and says so. */
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { toast } from "./toast.tsx";

export interface CopyButtonProps {
  /** Given as a function where it is costly to make. */
  readonly text: string | (() => string);
  /** What is copied: "Copy the value". */
  readonly label: string;
  /** Shows the label too, not the icon alone. */
  readonly wide?: boolean;
}

export function CopyButton({ text, label, wide = false }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(setCopied, 1500, false);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setCopied(true);
    } catch {
      toast("The browser did not allow copying.", { tone: "bad" });
    }
  };
  return (
    <button
      type="button"
      class={`button quiet ${wide ? "" : "icon-only"}`}
      title={label}
      onClick={() => void copy()}
      {...(!wide && { "aria-label": label })}
    >
      <Icon name={copied ? "check" : "copy"} />
      {wide && (copied ? "Copied" : label)}
    </button>
  );
}
