/** Prometheus's text format, read. */

/** `name{labels}` → value. */
export type Exposition = ReadonlyMap<string, number>;

export function readExposition(text: string): Exposition {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))] as const;
    }),
  );
}

/** The names that occur: a histogram's with their endings. */
export const namesOf = (exposition: Exposition): ReadonlySet<string> =>
  new Set([...exposition.keys()].map((series) => series.replace(/\{.*$/, "")));
