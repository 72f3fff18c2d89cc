/** How something does, by shape and word as well as by colour. */
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "good" | "warn" | "bad" | "info" | "neutral";

const ICONS: Readonly<Record<Tone, IconName | null>> = {
  good: "check",
  warn: "warning",
  bad: "error",
  info: "info",
  neutral: null,
};

export interface BadgeProps {
  readonly tone?: Tone;
  /** A longer text for the pointer. */
  readonly title?: string;
  readonly children: ComponentChildren;
}

export function Badge({ tone = "neutral", title, children }: BadgeProps) {
  const icon = ICONS[tone];
  return (
    <span class={`badge ${tone}`} title={title}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

/** Kafka's and our own words for states, as tones. */
const TONES: Readonly<Record<string, Tone>> = {
  healthy: "good",
  running: "good",
  stable: "good",
  ok: "good",
  starting: "info",
  preparingrebalance: "info",
  completingrebalance: "info",
  rebalancing: "info",
  waiting: "warn",
  invalid: "warn",
  warning: "warn",
  empty: "neutral",
  stopped: "neutral",
  unhealthy: "bad",
  failing: "bad",
  error: "bad",
  dead: "bad",
  critical: "bad",
};

/** A badge of a state's name: `running`, `Stable`, `unhealthy`, an outcome or a severity. */
export function Status({ value, title }: { value: string; title?: string | null }) {
  const tone = TONES[value.toLowerCase()] ?? "neutral";
  return (
    <Badge tone={tone} {...(title && { title })}>
      {value}
    </Badge>
  );
}
