/** The filters of a request as one test of raw records. */
import { compileCel } from "./browse-cel.ts";
import { containsText, holdsAnywhere, matchesRegex, type TextTest } from "./browse-text.ts";
import type { BrowseFilters, FilterErrors } from "./browse-view.ts";
import type { RawKafkaRecord } from "./codec.ts";

export interface RecordFilter {
  /** Whether there is anything to test at all. */
  readonly isEmpty: boolean;
  /** A record that a filter fails on does not match, and is counted in `errors()`. */
  matches(partition: number, record: RawKafkaRecord): boolean;
  errors(): FilterErrors | null;
}

/** Throws a refusal that names the bad one. `now`: ms, of any start. */
export function compileFilters(topic: string, filters: BrowseFilters, now: () => number): RecordFilter {
  const texts: TextTest[] = [];
  if (filters.q !== null) texts.push(containsText(filters.q));
  if (filters.regex !== null) texts.push(matchesRegex(filters.regex, "regex"));
  const cel = filters.filter === null ? null : compileCel(filters.filter, now);
  let count = 0;
  let first = "";
  return {
    isEmpty: texts.length === 0 && cel === null,
    matches(partition, record) {
      try {
        // Cheap ones first: most records are decoded by none.
        return (
          texts.every((test) => holdsAnywhere(record, test)) && (cel?.(topic, partition, record) ?? true)
        );
      } catch (error) {
        count += 1;
        if (count === 1) first = `partition ${partition}, offset ${record.offset}: ${reasonOf(error)}`;
        return false;
      }
    },
    errors: () => (count === 0 ? null : { count, first }),
  };
}

/** CEL's errors have their message and below it a picture of the place. */
const reasonOf = (error: unknown): string => {
  const { summary, message } = error as { summary?: string; message: string };
  return summary ?? message;
};
