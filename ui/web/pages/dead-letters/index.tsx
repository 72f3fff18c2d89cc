/** Records that no function could handle: which faults there are, each letter, and writing them once more. */
import { useMemo, useState } from "preact/hooks";
import { plural } from "../../data/format.ts";
import { useUrlState } from "../../data/location.ts";
import { idOf } from "../../data/message.ts";
import { parseId } from "../../data/record-link.ts";
import { Card } from "../../parts/card.tsx";
import { TextField } from "../../parts/field.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, ErrorState, Loading } from "../../parts/states.tsx";
import { MessageList } from "../topic/message-list.tsx";
import { RecordDrawer } from "../topic/record-drawer.tsx";
import { Groups } from "./groups.tsx";
import { groupLetters, type Letter, type LetterGroup, letterMatches, toLetter } from "./letter.ts";
import { RedriveDialog } from "./redrive-dialog.tsx";
import { useLetters } from "./use-letters.ts";
import { Why } from "./why.tsx";

export default function DeadLettersPage() {
  const { letters, topics, isPart, error, reload } = useLetters();
  const { query, set } = useUrlState();
  const [redriving, setRedriving] = useState<readonly Letter[] | null>(null);
  const place = parseId(query.record);
  const text = query.q ?? "";
  const groups = useMemo(
    () => groupLetters((letters ?? []).filter((letter) => letterMatches(letter, text))),
    [letters, text],
  );
  const chosen = groups.find(({ fingerprint }) => fingerprint === query.group) ?? null;
  const letterOf = (id: string) => letters?.find(({ message }) => idOf(message) === id);
  return (
    <Page
      title="Dead letters"
      lead="Records that no function could handle, by fault. They wait here, as they came, for the fault to be mended."
    >
      {letters === null ? (
        error ? (
          <ErrorState error={error} onRetry={reload} />
        ) : (
          <Loading lines={8} label="Loading dead letters" />
        )
      ) : (
        <>
          <Card
            flush
            aside={
              <search class="filters">
                <TextField
                  label="Filter dead letters"
                  hideLabel
                  type="search"
                  placeholder="Reason, function, topic, key or value"
                  value={text}
                  onInput={(q) => set({ q })}
                />
                <span class="quiet" role="status">
                  {plural(groups.length, "fault")}, {plural(sum(groups), "letter")}
                  {isPart && ", of the newest of each topic"}
                </span>
              </search>
            }
          >
            <Groups
              groups={groups}
              empty={
                letters.length === 0 ? (
                  <Empty title="No dead letters.">
                    {topics.length === 0
                      ? "There is no topic for them yet."
                      : "Every record could be handled by the functions that read it."}
                  </Empty>
                ) : (
                  <Empty title="No dead letter matches." />
                )
              }
            />
          </Card>
          {chosen && (
            <Group
              group={chosen}
              selectedId={place && idOf(place)}
              onRedrive={() => setRedriving(chosen.letters)}
            />
          )}
        </>
      )}
      {place && (
        <RecordDrawer
          place={place}
          onClose={() => set({ record: null, view: null })}
          onGo={(next) => set({ record: idOf(next) })}
        >
          {(whole) => {
            const letter = letterOf(idOf(whole.message)) ?? toLetter(whole.message);
            return <Why letter={letter} onRedrive={() => setRedriving([letter])} />;
          }}
        </RecordDrawer>
      )}
      {redriving && <RedriveDialog letters={redriving} onClose={() => setRedriving(null)} />}
    </Page>
  );
}

const sum = (groups: readonly LetterGroup[]): number => groups.reduce((total, { count }) => total + count, 0);

interface GroupProps {
  readonly group: LetterGroup;
  readonly selectedId: string | null;
  readonly onRedrive: () => void;
}

function Group({ group, selectedId, onRedrive }: GroupProps) {
  const { set, query } = useUrlState();
  const reasons = new Map(group.letters.map((letter) => [idOf(letter.message), letter.reason ?? ""]));
  return (
    <Card
      flush
      title={`${group.newest.error ?? "Unknown"}: ${plural(group.count, "letter")}`}
      aside={
        <div class="actions">
          <button type="button" class="button" onClick={onRedrive}>
            <Icon name="replay" /> Produce {group.count === 1 ? "it" : `all ${group.count}`} again
          </button>
          <button type="button" class="button quiet" onClick={() => set({ group: null, record: null })}>
            Close
          </button>
        </div>
      }
    >
      <MessageList
        label="Dead letters of this fault, newest first"
        messages={group.letters.map(({ message }) => message)}
        selectedId={selectedId}
        onOpen={(message) => set({ record: idOf(message) }, { push: query.record === undefined })}
        text={(message) => reasons.get(idOf(message)) ?? ""}
        follow="start"
        topics
      />
    </Card>
  );
}
