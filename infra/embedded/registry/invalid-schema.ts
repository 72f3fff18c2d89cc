/** A schema that cannot be taken, with the place (a JSON pointer) where it is wrong. */
export class InvalidSchema extends Error {
  override readonly name = "InvalidSchema";

  constructor(path: string, problem: string) {
    super(path === "" ? problem : `${path}: ${problem}`);
  }
}

/** What came, for an error text: short, whatever it is. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A name as one step of a JSON pointer. */
export const step = (name: string | number): string =>
  `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
