/** One reason why what was written with one schema cannot be read with another. */
export interface Incompatibility {
  /** In the terms of Confluent's registry: READER_FIELD_MISSING_DEFAULT_VALUE, TYPE_MISMATCH, … */
  readonly type: string;
  /** JSON pointer into the reader's schema. */
  readonly path: string;
  /** A clause that speaks of the reader's and the writer's schema. */
  readonly text: string;
}
