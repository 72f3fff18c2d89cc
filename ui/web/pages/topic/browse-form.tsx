/** Where to look on a topic and what for. The address changes when it is sent, not with each letter. */
import { useState } from "preact/hooks";
import type { Problem } from "../../data/types.ts";
import { Field, SelectField, TextField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { useSchema } from "../schemas/use-schema.ts";
import {
  type BrowseQuery,
  downloadUrl,
  fromLocalInput,
  isChosen,
  isSearch,
  MODES,
  type Mode,
  togglePartition,
  toLocalInput,
  usesOffset,
  usesTimestamp,
} from "./browse-query.ts";
import { FilterHelp } from "./filter-help.tsx";

const LIMITS = ["50", "100", "200", "500", "1000"];

export interface BrowseFormProps {
  readonly topic: string;
  readonly browse: BrowseQuery;
  readonly partitions: readonly number[];
  /** What the server says of what was asked before. */
  readonly problem: Problem | null;
  /** Also called with what was asked before: to ask it again. */
  readonly onSubmit: (browse: BrowseQuery) => void;
}

export function BrowseForm({ topic, browse, partitions, problem, onSubmit }: BrowseFormProps) {
  const [draft, setDraft] = useState(browse);
  const change = (patch: Partial<BrowseQuery>) => setDraft({ ...draft, ...patch });
  const schema = useSchema(topic).data;
  const errorOf = (name: keyof BrowseQuery): string | null => {
    const of = problem?.errors?.find(({ parameter }) => parameter === name);
    // A draft that has changed since is no longer what the error is about.
    return of && draft[name] === browse[name]
      ? of.detail.replace(/^\w/, (letter) => letter.toUpperCase())
      : null;
  };
  return (
    <form
      class="browse-form"
      aria-label="Which records to show"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(draft);
      }}
    >
      <div class="browse-where">
        <SelectField
          label="Start"
          value={draft.mode}
          options={MODES}
          onChange={(mode) => change({ mode: mode as Mode })}
        />
        <Place draft={draft} change={change} errorOf={errorOf} />
        <SelectField
          label="At most"
          value={draft.limit}
          options={(LIMITS.includes(draft.limit) ? LIMITS : [draft.limit, ...LIMITS]).map((value) => ({
            value,
            label: `${value} records`,
          }))}
          onChange={(limit) => change({ limit })}
        />
        <Partitions
          all={partitions}
          chosen={draft.partitions}
          onChange={(chosen) => change({ partitions: chosen })}
        />
      </div>
      <div class="browse-what">
        <TextField
          label="Contains"
          type="search"
          placeholder="Text in key, value or headers"
          value={draft.q}
          error={errorOf("q")}
          onInput={(q) => change({ q })}
        />
        <TextField
          label="Matches the pattern"
          mono
          placeholder="(?i)timeout|refused"
          value={draft.regex}
          error={errorOf("regex")}
          onInput={(regex) => change({ regex })}
        />
        <TextField
          label="Filter"
          mono
          placeholder="value.amount > 100"
          value={draft.filter}
          error={errorOf("filter")}
          onInput={(filter) => change({ filter })}
        />
      </div>
      <FilterHelp schema={schema} onTake={(filter) => change({ filter })} />
      <div class="actions">
        <button type="submit" class="button primary">
          <Icon name={isSearch(draft) ? "search" : "topics"} /> {isSearch(draft) ? "Search" : "Show"}
        </button>
        {isSearch(draft) && (
          <button
            type="button"
            class="button"
            onClick={() => onSubmit({ ...draft, q: "", regex: "", filter: "" })}
          >
            Clear the filters
          </button>
        )}
        <span class="downloads">
          <span class="quiet">All of them as</span>
          {(["ndjson", "csv"] as const).map((format) => (
            <a
              key={format}
              class="button quiet"
              href={downloadUrl(topic, draft, format)}
              download={`${topic}.${format}`}
            >
              <Icon name="download" /> {format.toUpperCase()}
            </a>
          ))}
        </span>
      </div>
    </form>
  );
}

interface PlaceProps {
  readonly draft: BrowseQuery;
  readonly change: (patch: Partial<BrowseQuery>) => void;
  readonly errorOf: (name: keyof BrowseQuery) => string | null;
}

/** What the mode needs to know besides. */
function Place({ draft, change, errorOf }: PlaceProps) {
  const time = (name: "timestamp" | "from" | "until", label: string) => (
    <Field label={label} error={errorOf(name)}>
      {(attributes) => (
        // Not led by the draft: a time that is half typed is none, and would be taken away.
        <input
          {...attributes}
          type="datetime-local"
          step="0.001"
          defaultValue={toLocalInput(draft[name])}
          onInput={(event) => change({ [name]: fromLocalInput(event.currentTarget.value) })}
        />
      )}
    </Field>
  );
  if (usesOffset(draft.mode)) {
    return (
      <TextField
        label="Offset"
        value={draft.offset}
        placeholder="0"
        error={errorOf("offset")}
        onInput={(offset) => change({ offset })}
      />
    );
  }
  if (usesTimestamp(draft.mode)) return time("timestamp", "Time");
  if (draft.mode !== "range") return null;
  return (
    <>
      {time("from", "From")}
      {time("until", "Until")}
    </>
  );
}

interface PartitionsProps {
  readonly all: readonly number[];
  readonly chosen: string;
  readonly onChange: (chosen: string) => void;
}

function Partitions({ all, chosen, onChange }: PartitionsProps) {
  return (
    <fieldset class="partitions">
      <legend>Partitions</legend>
      <div class="partitions-list">
        {all.map((partition) => (
          <label key={partition} class="check">
            <input
              type="checkbox"
              checked={isChosen(chosen, partition)}
              onChange={() => onChange(togglePartition(chosen, partition, all))}
            />
            {partition}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
