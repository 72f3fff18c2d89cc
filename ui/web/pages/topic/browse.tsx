/** The records of a topic from any place on: page by page, or those that a search finds. */
import { useState } from "preact/hooks";
import { ApiError } from "../../data/api.ts";
import { useUrlState } from "../../data/location.ts";
import type { Message } from "../../data/message.ts";
import { Card } from "../../parts/card.tsx";
import { BrowseForm } from "./browse-form.tsx";
import { type BrowseQuery, fromAddress, isSearch, toAddress } from "./browse-query.ts";
import { Pages } from "./pages.tsx";
import { Search } from "./search-results.tsx";

export interface BrowseProps {
  readonly topic: string;
  readonly partitions: readonly number[];
  readonly selectedId: string | null;
  readonly onOpen: (message: Message) => void;
}

/** What both kinds of results are given. */
export interface ResultsProps {
  readonly topic: string;
  readonly browse: BrowseQuery;
  readonly selectedId: string | null;
  readonly onOpen: (message: Message) => void;
  /** Told why there are none; null once there are. */
  readonly onError: (error: Error | null) => void;
}

export function Browse({ topic, partitions, selectedId, onOpen }: BrowseProps) {
  const { query, set } = useUrlState();
  const [error, setError] = useState<Error | null>(null);
  // Asked again by the same form: what is newest has changed, say.
  const [asked, setAsked] = useState(0);
  const browse = fromAddress(query);
  const address = JSON.stringify(browse);
  const Results = isSearch(browse) ? Search : Pages;
  return (
    <div class="stack">
      <Card>
        <BrowseForm
          key={address}
          topic={topic}
          browse={browse}
          partitions={partitions}
          problem={error instanceof ApiError ? error.problem : null}
          onSubmit={(next) => {
            setAsked(asked + 1);
            set({ ...toAddress(next), record: null }, { push: true });
          }}
        />
      </Card>
      <Results
        key={`${address} ${asked}`}
        topic={topic}
        browse={browse}
        selectedId={selectedId}
        onOpen={onOpen}
        onError={setError}
      />
    </div>
  );
}
