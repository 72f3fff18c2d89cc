/** Moves a group to other offsets: shown first, then done. */
import { useState } from "preact/hooks";
import { apiPath, postJson } from "../../data/api.ts";
import { formatCount, plural } from "../../data/format.ts";
import type { Group } from "../../data/types.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Empty, ErrorState } from "../../parts/states.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { toast } from "../../parts/toast.tsx";
import { type ResetForm, toRequest } from "./reset-target.ts";

interface Moved {
  readonly partition: number;
  readonly from: string | null;
  readonly to: string;
  readonly end_offset: string;
  readonly lag_after: number;
}

const COLUMNS: readonly Column<Moved>[] = [
  {
    id: "partition",
    label: "Partition",
    value: (moved) => moved.partition,
    render: (moved) => moved.partition,
  },
  {
    id: "from",
    label: "From",
    align: "end",
    render: ({ from }) => <span class="number">{from ?? "–"}</span>,
  },
  { id: "to", label: "To", align: "end", render: ({ to }) => <span class="number">{to}</span> },
  {
    id: "after",
    label: "Lag then",
    align: "end",
    value: (moved) => moved.lag_after,
    render: (moved) => formatCount(moved.lag_after),
  },
];

const KINDS = [
  { value: "earliest", label: "the earliest record" },
  { value: "latest", label: "the end: skip what is there" },
  { value: "offset", label: "an offset" },
  { value: "timestamp", label: "a time" },
];

interface Props {
  readonly group: Group;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function ResetDialog({ group, onClose, onDone }: Props) {
  const topics = [...new Set(group.partitions.map(({ topic }) => topic))];
  const [topic, setTopic] = useState(topics[0] ?? "");
  const [form, setForm] = useState<ResetForm>({ kind: "earliest", offset: "0", time: "", partitions: "" });
  const [preview, setPreview] = useState<readonly Moved[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);

  /** What was shown holds for the form as it was. */
  const change = (part: Partial<ResetForm>): void => {
    setForm({ ...form, ...part });
    setPreview(null);
    setError(null);
  };

  const send = async (dryRun: boolean): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const body = { topic, ...toRequest(form), dry_run: dryRun };
      const { partitions } = await postJson<{ partitions: Moved[] }>(
        `${apiPath("groups", group.id)}/reset`,
        body,
      );
      if (dryRun) return setPreview(partitions);
      toast(`${group.id} was moved in ${plural(partitions.length, "partition")}`, { tone: "good" });
      onDone();
      onClose();
    } catch (cause) {
      setError(cause as Error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={`Reset offsets of ${group.id}`}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            class="button"
            disabled={busy || topic === ""}
            onClick={() => void send(true)}
          >
            Preview
          </button>
          <button
            type="button"
            class="button danger"
            disabled={busy || preview === null || group.members.length > 0}
            onClick={() => void send(false)}
          >
            Reset
          </button>
        </>
      }
    >
      <div class="stack">
        {group.members.length > 0 && (
          <p role="note">
            The group has {plural(group.members.length, "member")}: stop them first. A preview works all the
            same where the platform allows it.
          </p>
        )}
        <SelectField
          label="Topic"
          value={topic}
          options={topics.map((name) => ({ value: name, label: name }))}
          onChange={(name) => {
            setTopic(name);
            change({});
          }}
        />
        <SelectField
          label="Move to"
          value={form.kind}
          options={KINDS}
          onChange={(kind) => change({ kind: kind as ResetForm["kind"] })}
        />
        {form.kind === "offset" && (
          <TextField label="Offset" mono value={form.offset} onInput={(offset) => change({ offset })} />
        )}
        {form.kind === "timestamp" && (
          <TextField
            label="Time"
            type="datetime-local"
            help="The first record at or after it; the end where there is none."
            value={form.time}
            onInput={(time) => change({ time })}
          />
        )}
        <TextField
          label="Partitions"
          placeholder="all"
          help="Numbers with commas between; empty for all."
          value={form.partitions}
          onInput={(partitions) => change({ partitions })}
        />
        {error && <ErrorState error={error} />}
        {preview && (
          <Table
            label="What would be done"
            columns={COLUMNS}
            rows={preview}
            keyOf={({ partition }) => String(partition)}
            sortParam="reset"
            empty={<Empty title="No partition would move." />}
          />
        )}
      </div>
    </Dialog>
  );
}
