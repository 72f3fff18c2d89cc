/** Each topic's rate, now and over the last minute. */
import { formatRate, formatShort } from "../../data/format.ts";
import { stats, topicRates } from "../../data/live.ts";
import { pagePath } from "../../data/location.ts";
import type { useResource } from "../../data/resource.ts";
import type { Topic } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Table } from "../../parts/table.tsx";
import { isInternal } from "../topics/filter.ts";

export function Topics({ resource }: { resource: ReturnType<typeof useResource<{ topics: Topic[] }>> }) {
  const live = new Map(stats.value?.topics.map((topic) => [topic.name, topic]));
  return (
    <Card title="Topics" aside={<a href="/topics">All topics</a>} flush>
      <Loaded resource={resource} lines={8}>
        {({ topics }) => (
          <Table
            label="Topics and their rates"
            rows={topics.filter((topic) => !isInternal(topic))}
            keyOf={({ name }) => name}
            href={({ name }) => pagePath("topics", name)}
            sortParam="topics"
            defaultSort="name"
            empty={<Empty title="There are no topics yet.">They are created when the platform starts.</Empty>}
            columns={[
              { id: "name", label: "Topic", value: ({ name }) => name, render: ({ name }) => name },
              {
                id: "rate",
                label: "Records/s",
                align: "end",
                largestFirst: true,
                value: (topic) => live.get(topic.name)?.rate ?? topic.rate,
                render: (topic) => formatRate(live.get(topic.name)?.rate ?? topic.rate),
              },
              {
                id: "trend",
                label: "Last minute",
                render: ({ name }) => (
                  <Sparkline
                    series={topicRates.value.get(name) ?? []}
                    label={`Records a second written to ${name}`}
                    format={formatRate}
                  />
                ),
              },
              {
                id: "records",
                label: "Records",
                align: "end",
                wide: true,
                largestFirst: true,
                value: (topic) => topic.message_count,
                render: (topic) => formatShort(live.get(topic.name)?.message_count ?? topic.message_count),
              },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}
