/** Where a single record is shown: on its topic's page, beside whatever is open there. Pure. */
import { withQuery } from "./api.ts";
import { pagePath } from "./location.ts";

/** What tells a record from every other. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** The page that shows one record: `/topics/user-events?record=0:42`. */
export const recordHref = ({ topic, partition, offset }: RecordPlace): string =>
  withQuery(pagePath("topics", topic), { record: `${partition}:${offset}` });

/** Of `0:42`, as in the address; null where it is not of that form. */
export function parsePlace(topic: string, text: string | undefined): RecordPlace | null {
  const [, partition, offset] = /^(\d{1,9}):(\d{1,19})$/.exec(text ?? "") ?? [];
  return partition === undefined || offset === undefined
    ? null
    : { topic, partition: Number(partition), offset };
}

/** Of `user-events/0:42`, as `idOf` gives it; null where it is not of that form. */
export function parseId(text: string | undefined): RecordPlace | null {
  const [, topic, place] = /^(.+)\/(\d+:\d+)$/.exec(text ?? "") ?? [];
  return topic === undefined ? null : parsePlace(topic, place);
}
