/** Compatibility levels and modes, and what holds for a subject. */
import type { RegistryState } from "./state.ts";

export const LEVELS = [
  "NONE",
  "BACKWARD",
  "BACKWARD_TRANSITIVE",
  "FORWARD",
  "FORWARD_TRANSITIVE",
  "FULL",
  "FULL_TRANSITIVE",
] as const;
export type Level = (typeof LEVELS)[number];

export const MODES = ["READWRITE", "READONLY", "READONLY_OVERRIDE", "IMPORT"] as const;
export type Mode = (typeof MODES)[number];

const DEFAULT_LEVEL: Level = "BACKWARD";
const DEFAULT_MODE: Mode = "READWRITE";

/** In any case of letters. */
export const asLevel = (text: string | null | undefined): Level | null =>
  LEVELS.find((level) => level === text?.toUpperCase()) ?? null;
export const asMode = (text: string | null | undefined): Mode | null =>
  MODES.find((mode) => mode === text?.toUpperCase()) ?? null;

/** What is set for exactly this subject (null: globally), or null. */
export const ownLevel = (state: RegistryState, subject: string | null): Level | null =>
  asLevel(state.configs.get(subject)?.compatibilityLevel);

export const levelOf = (state: RegistryState, subject: string | null): Level =>
  ownLevel(state, subject) ?? ownLevel(state, null) ?? DEFAULT_LEVEL;

export const normalizes = (state: RegistryState, subject: string): boolean =>
  state.configs.get(subject)?.normalize ?? state.configs.get(null)?.normalize ?? false;

export const ownMode = (state: RegistryState, subject: string | null): Mode | null =>
  asMode(state.modes.get(subject));

/** A global READONLY_OVERRIDE goes over what a subject has. */
export function modeOf(state: RegistryState, subject: string | null): Mode {
  const everywhere = ownMode(state, null) ?? DEFAULT_MODE;
  return everywhere === "READONLY_OVERRIDE" ? everywhere : (ownMode(state, subject) ?? everywhere);
}
