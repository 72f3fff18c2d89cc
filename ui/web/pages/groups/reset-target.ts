/** Where a group is to be moved to, as its form says it and as the API takes it. */
export type ResetTo = "earliest" | "latest" | { readonly offset: string } | { readonly timestamp: string };

export interface ResetForm {
  readonly kind: "earliest" | "latest" | "offset" | "timestamp";
  readonly offset: string;
  /** Local time, as `datetime-local` gives it. */
  readonly time: string;
  /** Numbers with commas between; empty for all. */
  readonly partitions: string;
}

export interface ResetRequest {
  readonly to: ResetTo;
  readonly partitions?: readonly number[];
}

/** Throws an Error that names what was expected where the form does not say where to. */
export function toRequest(form: ResetForm): ResetRequest {
  const to = toTarget(form);
  const text = form.partitions.trim();
  if (text === "") return { to };
  const partitions = text.split(",").map((part) => part.trim());
  const bad = partitions.find((part) => !/^\d{1,9}$/.test(part));
  if (bad !== undefined) throw new Error(`Partitions: expected numbers with commas between, got "${bad}"`);
  return { to, partitions: [...new Set(partitions.map(Number))] };
}

function toTarget({ kind, offset, time }: ResetForm): ResetTo {
  if (kind === "earliest" || kind === "latest") return kind;
  if (kind === "offset") {
    if (!/^\d{1,19}$/.test(offset.trim()))
      throw new Error(`Offset: expected a whole number, got "${offset}"`);
    return { offset: offset.trim() };
  }
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) throw new Error("Time: expected a date and a time");
  return { timestamp: at.toISOString() };
}
