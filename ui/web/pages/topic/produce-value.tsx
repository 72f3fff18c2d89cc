/** The value of a record to write, as a form or as JSON: the same text either way. */
import { useUrlState } from "../../data/location.ts";
import { TextField } from "../../parts/field.tsx";
import { SchemaForm } from "../../parts/schema-form.tsx";
import type { TopicSchema } from "../schemas/use-schema.ts";
import { hasInexactNumber, jsonProblem, type ProduceDraft, withTime } from "./produce-draft.ts";

export interface ProduceValueProps {
  readonly schema: TopicSchema;
  readonly draft: ProduceDraft;
  readonly change: (patch: Partial<ProduceDraft>) => void;
  readonly error: string | null;
}

export function ProduceValue({ schema: { json_schema, sample }, draft, change, error }: ProduceValueProps) {
  const { query, set } = useUrlState();
  const whyNoForm =
    json_schema === null
      ? "No definition says what the values of this topic are, so there is no form for them."
      : jsonProblem(draft.value) !== null
        ? "A form needs whole JSON to begin with."
        : hasInexactNumber(draft.value)
          ? "A form would change the digits of its long numbers, so it is edited as JSON."
          : null;
  const asForm = query.edit !== "json" && whyNoForm === null;
  return (
    <div class="stack">
      <div class="toolbar">
        <fieldset class="segmented">
          <legend class="visually-hidden">How to edit the value</legend>
          <button
            type="button"
            aria-pressed={asForm}
            disabled={whyNoForm !== null}
            onClick={() => set({ edit: null })}
          >
            Form
          </button>
          <button type="button" aria-pressed={!asForm} onClick={() => set({ edit: "json" })}>
            JSON
          </button>
        </fieldset>
        {sample !== null && (
          <button
            type="button"
            class="button"
            onClick={() =>
              change({ value: JSON.stringify(withTime(sample, new Date()), null, 2), tombstone: false })
            }
          >
            The sample
          </button>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={draft.tombstone}
            onChange={(event) => change({ tombstone: event.currentTarget.checked })}
          />
          Tombstone
        </label>
      </div>
      {draft.tombstone ? (
        <p class="quiet">It has no value: in a compacted topic that deletes its key.</p>
      ) : asForm ? (
        <>
          <SchemaForm
            schema={json_schema as Parameters<typeof SchemaForm>[0]["schema"]}
            value={JSON.parse(draft.value)}
            onChange={(value) => change({ value: JSON.stringify(value, null, 2) })}
          />
          {error && (
            <p class="field-error" role="alert">
              {error}
            </p>
          )}
        </>
      ) : (
        <TextField
          label="JSON"
          help={whyNoForm ?? "Written as it stands: each digit of a number stays."}
          error={error}
          rows={20}
          value={draft.value}
          onInput={(value) => change({ value })}
        />
      )}
    </div>
  );
}
