/** All topics: how large, how busy, how kept. */
import { plural } from "../../data/format.ts";
import { useUrlState } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import type { Topic } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { filterTopics, ROLES } from "./filter.ts";
import { TopicsTable } from "./table.tsx";

export default function TopicsPage() {
  const topics = useResource<{ topics: Topic[] }>("/api/topics", { everyMs: 5000 });
  const { query, set } = useUrlState();
  const shown = filterTopics(topics.data?.topics ?? [], query.q ?? "", query.role ?? "");
  const all = topics.data?.topics.length ?? 0;
  return (
    <Page title="Topics" lead="What flows: each topic with its size, its rate and how long it keeps records.">
      <Card
        flush
        aside={
          <search class="filters">
            <TextField
              label="Filter topics"
              hideLabel
              type="search"
              placeholder="Filter by name or description"
              value={query.q ?? ""}
              onInput={(q) => set({ q })}
            />
            <SelectField
              label="Role"
              hideLabel
              value={query.role ?? ""}
              options={ROLES}
              onChange={(role) => set({ role })}
            />
            <span class="quiet" role="status">
              {topics.data &&
                (shown.length === all ? plural(all, "topic") : `${shown.length} of ${plural(all, "topic")}`)}
            </span>
          </search>
        }
      >
        <Loaded resource={topics} lines={8}>
          {() => (
            <TopicsTable
              topics={shown}
              empty={
                all === 0 ? (
                  <Empty title="There are no topics yet.">They are created when the platform starts.</Empty>
                ) : (
                  <Empty title="No topic matches.">
                    <button type="button" class="button" onClick={() => set({ q: null, role: null })}>
                      Show all
                    </button>
                  </Empty>
                )
              }
            />
          )}
        </Loaded>
      </Card>
    </Page>
  );
}
