/** Keeps secrets out of captures, and puts the present ones in their place when a capture is replayed. */

export const REDACTED = "[redacted]";

const SECRET_NAME =
  /pass(word|wd|phrase)?$|secret|token|credential|api[-_]?key|private[-_]?key|authorization/i;
const URL_WITH_USER = /^[a-z][a-z0-9+.-]*:\/\/[^/\s]*@/i;

/**
 * A copy of `config` without its secrets: every text under a key such as password, secret, token or apiKey, however
 * deep, and every URL with a user in it, is replaced. Numbers and booleans are not secrets.
 */
export function redact(config: unknown, secret = false): unknown {
  if (typeof config === "string") return secret || URL_WITH_USER.test(config) ? REDACTED : config;
  if (typeof config !== "object" || config === null) return config;
  if (Array.isArray(config)) return config.map((item) => redact(item, secret));
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, redact(value, secret || SECRET_NAME.test(key))]),
  );
}

/** `recorded` with what was redacted taken from the same place of `present`, if there is something. */
export function fillRedacted(recorded: unknown, present: unknown): unknown {
  if (recorded === REDACTED) return present ?? recorded;
  if (typeof recorded !== "object" || recorded === null) return recorded;
  const at = (key: string | number): unknown =>
    typeof present === "object" && present !== null && Object.hasOwn(present, key)
      ? (present as Record<string | number, unknown>)[key]
      : undefined;
  if (Array.isArray(recorded)) return recorded.map((item, i) => fillRedacted(item, at(i)));
  return Object.fromEntries(
    Object.entries(recorded).map(([key, value]) => [key, fillRedacted(value, at(key))]),
  );
}
