/** CSV as RFC 4180 has it, safe to open in a spreadsheet. */

export const CSV_HEADER = "topic,partition,offset,timestamp,key,value,headers\r\n";

/** One line. A null is an empty field, an empty text a quoted one. */
export const toCsvLine = (fields: readonly (string | number | null)[]): string =>
  `${fields.map(toField).join(",")}\r\n`;

function toField(field: string | number | null): string {
  if (field === null) return "";
  const text = inert(String(field));
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet takes a cell that begins so for a formula, which may run a program or call an address: an apostrophe
 * makes it text. Plain numbers stay as they are.
 */
const inert = (text: string): string =>
  /^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? `'${text}` : text;
