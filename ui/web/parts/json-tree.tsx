/** JSON as a tree to open and close; a part is read only when it is opened. */
import { useState } from "preact/hooks";
import { plural } from "../data/format.ts";
import { type JsonNode, readNode } from "./json-node.ts";

export interface JsonTreeProps {
  /** The text as it came. */
  readonly json: string;
  /** How many levels are open at first. */
  readonly open?: number;
}

/** Shown at once of an array or object; the rest on demand. */
const FEW = 100;
/** Shown of a text; more of it at once would hold the browser up. */
const LONG = 5000;

export function JsonTree({ json, open = 2 }: JsonTreeProps) {
  return (
    <div class="json-tree mono">
      <Value json={json} open={open} name={null} />
    </div>
  );
}

function Value({ json, open, name }: { json: string; open: number; name: string | number | null }) {
  const [isOpen, setOpen] = useState(open > 0);
  const [shown, setShown] = useState(FEW);
  const node = readNode(json);
  if (node.kind !== "object" && node.kind !== "array") {
    return (
      <div class="json-leaf">
        <Name name={name} />
        <Leaf node={node} />
      </div>
    );
  }
  const parts: readonly (readonly [string | number, string])[] =
    node.kind === "object" ? node.entries : node.items.map((item, index) => [index, item] as const);
  const size = plural(parts.length, node.kind === "object" ? "field" : "item");
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Name name={name} />
        <span class="quiet">{node.kind === "object" ? `{ ${size} }` : `[ ${size} ]`}</span>
      </summary>
      {isOpen && (
        <div class="json-children">
          {parts.slice(0, shown).map(([key, value]) => (
            <Value key={key} json={value} open={open - 1} name={key} />
          ))}
          {parts.length > shown && (
            <button type="button" class="button" onClick={() => setShown(shown * 10)}>
              Show more of {size}
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function Name({ name }: { name: string | number | null }) {
  if (name === null) return null;
  return (
    <>
      <span class={typeof name === "string" ? "json-key" : "quiet"}>{name === "" ? '""' : name}</span>
      <span class="quiet">: </span>
    </>
  );
}

function Leaf({ node }: { node: Exclude<JsonNode, { kind: "object" | "array" }> }) {
  if (node.kind === "string") {
    return (
      <>
        <span class="json-string">{JSON.stringify(node.text.slice(0, LONG))}</span>
        {node.text.length > LONG && <span class="quiet"> … of {plural(node.text.length, "character")}</span>}
      </>
    );
  }
  return <span class={node.kind === "number" ? "json-number" : "json-literal"}>{node.source}</span>;
}
