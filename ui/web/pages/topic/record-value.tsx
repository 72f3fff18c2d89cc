/** A record's value: as a tree, as it is written, in bytes, or beside the schema of its topic. */
import { useUrlState } from "../../data/location.ts";
import { dataOf } from "../../data/message.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Hex } from "../../parts/hex.tsx";
import { Icon } from "../../parts/icon.tsx";
import { JsonTree } from "../../parts/json-tree.tsx";
import { toast } from "../../parts/toast.tsx";
import { FieldTable } from "../schemas/field-table.tsx";
import { variantOf, variantsOf } from "../schemas/fields.ts";
import { useSchema } from "../schemas/use-schema.ts";
import { shownText, type WholeRecord } from "./whole-record.ts";

const VIEWS = { tree: "Tree", raw: "Raw", hex: "Hex", schema: "Schema" } as const;

/** A tree of more characters than this is opened by hand. */
const LARGE = 50_000;

type View = keyof typeof VIEWS;

export function RecordValue({ whole }: { whole: WholeRecord }) {
  const { query, set } = useUrlState();
  const { value, message } = whole;
  const fits: readonly View[] = !value?.bytes.length
    ? []
    : value.isJson
      ? ["tree", "raw", "hex", "schema"]
      : value.text === null
        ? ["hex"]
        : ["raw", "hex", "schema"];
  const view = fits.find((one) => one === query.view) ?? fits[0];
  return (
    <section class="record-part" aria-labelledby="record-value">
      <div class="record-part-head">
        <h3 id="record-value">Value</h3>
        {fits.length > 1 && (
          <fieldset class="segmented">
            <legend class="visually-hidden">How to show the value</legend>
            {fits.map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={one === view}
                onClick={() => set({ view: one === fits[0] ? null : one })}
              >
                {VIEWS[one]}
              </button>
            ))}
          </fieldset>
        )}
        {value && (
          <div class="actions">
            <CopyButton label="Copy the value" text={() => shownText(value)} />
            <button
              type="button"
              class="button quiet icon-only"
              aria-label="Download the value"
              title="Download the value"
              onClick={() => download(whole)}
            >
              <Icon name="download" />
            </button>
          </div>
        )}
      </div>
      {!value && <p class="quiet">It is a tombstone: in a compacted topic it deletes its key.</p>}
      {value?.bytes.length === 0 && <p class="quiet">It is empty: a value of no bytes.</p>}
      {view === "tree" && (
        <JsonTree json={message.valueJson} open={message.valueJson.length > LARGE ? 1 : 3} />
      )}
      {view === "raw" && <Raw text={value!.text!} />}
      {view === "hex" && <Hex bytes={value!.bytes} label="Bytes of the value" />}
      {view === "schema" && <AsSchema whole={whole} />}
    </section>
  );
}

/** More than this is not laid out at once: the browser would stand still. */
const SHOWN = 50_000;

function Raw({ text }: { text: string }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="code record-raw" aria-label="The value as it is written" tabIndex={0}>
        <pre>{text.slice(0, SHOWN)}</pre>
      </section>
      {text.length > SHOWN && (
        <p class="quiet">
          These are its first {SHOWN.toLocaleString("en")} characters. Copy or download it to see the whole.
        </p>
      )}
    </>
  );
}

function AsSchema({ whole: { message, value } }: { whole: WholeRecord }) {
  const { data, error } = useSchema(message.topic);
  if (error) return <p class="field-error">{error.message}</p>;
  if (!data) return null;
  if (!data.json_schema) return <p class="quiet">No definition says what the values of this topic are.</p>;
  const variant = variantOf(variantsOf(data.json_schema), value?.isJson ? dataOf(message) : null);
  return (
    <FieldTable
      label={variant.name === null ? `Fields of ${message.topic}` : `Fields of ${variant.by} ${variant.name}`}
      schema={variant.schema}
    />
  );
}

function download({ message, value }: WholeRecord): void {
  if (!value) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([value.bytes]));
  const { topic, partition, offset } = message;
  const isBinary = value.text === null || message.schema !== null;
  link.download = `${topic}-${partition}-${offset}.${isBinary ? "bin" : value.isJson ? "json" : "txt"}`;
  link.click();
  URL.revokeObjectURL(link.href);
  toast(`Saved as ${link.download}.`, { tone: "good" });
}
