/** All of a record to write but its value: key, headers, place, time. */
import type { TopicDetails } from "../../data/types.ts";
import { Field, SelectField, TextField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { fromLocalInput, toLocalInput } from "./browse-query.ts";
import type { ProduceDraft } from "./produce-draft.ts";

export interface ProduceEnvelopeProps {
  readonly topic: TopicDetails;
  readonly draft: ProduceDraft;
  readonly change: (patch: Partial<ProduceDraft>) => void;
  readonly problem: string | undefined;
}

export function ProduceEnvelope({ topic, draft, change, problem }: ProduceEnvelopeProps) {
  return (
    <div class="stack">
      <SelectField
        label="Key"
        value={draft.keyFrom}
        options={[
          ...(topic.key === null ? [] : [{ value: "field", label: `The value's ${topic.key}` }]),
          { value: "text", label: "This text" },
          { value: "none", label: "None" },
        ]}
        onChange={(keyFrom) => change({ keyFrom: keyFrom as ProduceDraft["keyFrom"] })}
      />
      {draft.keyFrom === "text" && (
        <TextField label="Text of the key" mono value={draft.key} onInput={(key) => change({ key })} />
      )}
      <Headers draft={draft} change={change} problem={problem} />
      <SelectField
        label="Partition"
        value={draft.partition}
        options={[
          { value: "", label: "Chosen by the key" },
          ...topic.partition_details.map(({ partition }) => ({
            value: String(partition),
            label: String(partition),
          })),
        ]}
        onChange={(partition) => change({ partition })}
      />
      <Field label="Timestamp" help="Left empty: the time of writing.">
        {(attributes) => (
          <input
            {...attributes}
            type="datetime-local"
            step="0.001"
            defaultValue={toLocalInput(draft.timestamp)}
            onInput={(event) => change({ timestamp: fromLocalInput(event.currentTarget.value) })}
          />
        )}
      </Field>
      <label class="check">
        <input
          type="checkbox"
          checked={draft.validate}
          onChange={(event) => change({ validate: event.currentTarget.checked })}
        />
        Only if the value is what the topic's schema says
      </label>
    </div>
  );
}

function Headers({ draft: { headers }, change, problem }: Omit<ProduceEnvelopeProps, "topic">) {
  const edit = (at: number, patch: Partial<(typeof headers)[number]>) =>
    change({ headers: headers.with(at, { ...headers[at]!, ...patch }) });
  return (
    <fieldset class="header-fields">
      <legend>Headers</legend>
      {headers.map(({ name, value }, at) => (
        <div key={at} class="header-field">
          <TextField
            label={`Name of header ${at + 1}`}
            hideLabel
            mono
            placeholder="name"
            value={name}
            onInput={(text) => edit(at, { name: text })}
          />
          <TextField
            label={`Value of header ${at + 1}`}
            hideLabel
            mono
            placeholder="value"
            value={value}
            onInput={(text) => edit(at, { value: text })}
          />
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Remove header ${at + 1}`}
            onClick={() => change({ headers: headers.toSpliced(at, 1) })}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      {problem && <p class="field-error">{problem}</p>}
      <button
        type="button"
        class="button"
        onClick={() => change({ headers: [...headers, { name: "", value: "" }] })}
      >
        <Icon name="plus" /> Header
      </button>
    </fieldset>
  );
}
