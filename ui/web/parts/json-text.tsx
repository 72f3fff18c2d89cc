/** JSON as indented text, its numbers as they stand; what is no JSON as it is. */
import type { ComponentChildren } from "preact";
import { prettyJson } from "./pretty-json.ts";

export function JsonText({ json, label = "JSON" }: { json: string; label?: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <figure class="code" aria-label={label} tabIndex={0}>
      <pre>{coloured(pretty(json))}</pre>
    </figure>
  );
}

function pretty(text: string): string {
  try {
    return prettyJson(text);
  } catch {
    // Text that is no JSON is shown all the same.
    return text;
  }
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b/g;

/** Beyond this many characters colours cost more than they tell. */
const COLOURED = 50_000;

const coloured = (text: string): ComponentChildren => (text.length > COLOURED ? text : [...tokens(text)]);

function* tokens(text: string) {
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [whole, string, colon, number] = found;
    yield text.slice(at, found.index);
    const kind = string ? (colon === undefined ? "string" : "key") : number ? "number" : "literal";
    yield <span class={`json-${kind}`}>{string ?? whole}</span>;
    if (colon !== undefined) yield colon;
    at = found.index + whole.length;
  }
  yield text.slice(at);
}
