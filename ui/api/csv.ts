/** CSV as RFC 4180 has it. */

export const CSV_HEADER = "topic,partition,offset,timestamp,key,value,headers\r\n";

/** One line. A null is an empty field, an empty text a quoted one. */
export const toCsvLine = (fields: readonly (string | number | null)[]): string =>
  `${fields.map(toField).join(",")}\r\n`;

function toField(field: string | number | null): string {
  if (field === null) return "";
  const text = String(field);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
