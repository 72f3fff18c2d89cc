/** Changing compatibility levels and modes. */
import { invalidLevel, invalidMode, notPermitted, subjectNotFound } from "./api-error.ts";
import { versionsOf } from "./queries.ts";
import type { Decision } from "./register.ts";
import { asLevel, asMode, type Level, levelOf, type Mode, modeOf, ownLevel, ownMode } from "./settings.ts";
import type { RegistryState } from "./state.ts";
import type { StoredConfig } from "./stored-records.ts";

export interface ConfigRequest {
  readonly compatibility?: string | null | undefined;
  readonly normalize?: boolean | null | undefined;
}

/** What is not given stays as it is. `subject` null: globally. Throws ApiError. */
export function decideConfig(
  state: RegistryState,
  subject: string | null,
  { compatibility, normalize }: ConfigRequest,
): Decision<object> {
  requireWritable(state, subject);
  const level = asLevel(compatibility);
  if (level === null && compatibility !== undefined && compatibility !== null) throw invalidLevel();
  if (level === null && (normalize === undefined || normalize === null)) throw invalidLevel();
  const given = { ...(level && { compatibilityLevel: level }), ...(normalize != null && { normalize }) };
  const value: StoredConfig = { ...state.configs.get(subject), ...given };
  return {
    write: [{ type: "config", subject, value }],
    answer: { ...(level && { compatibility: level }), ...(normalize != null && { normalize }) },
  };
}

/** Answers what held until now. Throws ApiError 40401 for a subject that has none. */
export function decideDeleteConfig(
  state: RegistryState,
  subject: string | null,
): Decision<{ readonly compatibilityLevel: Level }> {
  requireWritable(state, subject);
  if (subject !== null && !state.configs.has(subject)) throw subjectNotFound(subject);
  const compatibilityLevel = ownLevel(state, subject) ?? levelOf(state, subject);
  return { write: [{ type: "config", subject, value: null }], answer: { compatibilityLevel } };
}

/** To import, there must be nothing yet, unless `force`. Throws ApiError. */
export function decideMode(
  state: RegistryState,
  subject: string | null,
  text: string | null | undefined,
  force: boolean,
): Decision<{ readonly mode: Mode }> {
  const mode = asMode(text);
  if (mode === null) throw invalidMode();
  if (mode === "IMPORT" && !force && modeOf(state, subject) !== "IMPORT") {
    const subjects = subject === null ? [...state.subjects.keys()] : [subject];
    if (subjects.some((name) => versionsOf(state, name).length > 0)) {
      throw notPermitted("Cannot import since found existing subjects");
    }
  }
  return { write: [{ type: "mode", subject, mode }], answer: { mode } };
}

/** Answers what held until now. Throws ApiError 40401 for a subject that has none. */
export function decideDeleteMode(
  state: RegistryState,
  subject: string | null,
): Decision<{ readonly mode: Mode }> {
  if (subject !== null && ownMode(state, subject) === null) throw subjectNotFound(subject);
  return { write: [{ type: "mode", subject, mode: null }], answer: { mode: modeOf(state, subject) } };
}

function requireWritable(state: RegistryState, subject: string | null): void {
  const mode = modeOf(state, subject);
  if (mode === "READONLY" || mode === "READONLY_OVERRIDE") {
    throw notPermitted(`${subject === null ? "The registry" : `Subject ${subject}`} is in read-only mode`);
  }
}
