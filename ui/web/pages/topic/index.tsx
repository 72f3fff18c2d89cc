/** One topic: its records as they come in and as they were, and how it is kept. */
import { useRoute } from "preact-iso/router";
import { apiPath } from "../../data/api.ts";
import { formatBytes, formatRetention, plural } from "../../data/format.ts";
import { useUrlState } from "../../data/location.ts";
import { idOf, type Message } from "../../data/message.ts";
import { parsePlace } from "../../data/record-link.ts";
import { useResource } from "../../data/resource.ts";
import type { TopicDetails } from "../../data/types.ts";
import { later } from "../../parts/later.tsx";
import { Page } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Badge } from "../../parts/status.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Live } from "./live.tsx";
import { RecordDrawer } from "./record-drawer.tsx";

// What the first tab does not need comes when it is asked for.
const Browse = later(async () => (await import("./browse.tsx")).Browse);
const Configuration = later(async () => (await import("./about.tsx")).Configuration);
const Partitions = later(async () => (await import("./about.tsx")).Partitions);
const Consumers = later(async () => (await import("./about.tsx")).Consumers);
const Produce = later(async () => (await import("./produce.tsx")).Produce);

export default function TopicPage() {
  const name = useRoute().params.topic ?? "";
  const topic = useResource<TopicDetails>(apiPath("topics", name), { everyMs: 10_000 });
  const { query, set } = useUrlState();
  const place = parsePlace(name, query.record);
  return (
    <Page title={name} parent={{ label: "Topics", href: "/topics" }} lead={<Lead topic={topic.data} />}>
      <Loaded resource={topic} lines={12}>
        {(data) => <Views key={name} topic={data} selectedId={place && idOf(place)} />}
      </Loaded>
      {place && (
        <RecordDrawer
          place={place}
          onClose={() => set({ record: null, view: null })}
          onGo={({ partition, offset }) => set({ record: `${partition}:${offset}` })}
        />
      )}
    </Page>
  );
}

/** Two lines from the start, so that nothing moves when they come. */
function Lead({ topic }: { topic: TopicDetails | null }) {
  if (!topic) return <span class="topic-facts topic-facts-none" />;
  const { description, partitions, retention_ms, size_bytes, defined, role, unreadable } = topic;
  const facts = [
    plural(partitions, "partition"),
    ...(size_bytes == null ? [] : [formatBytes(size_bytes)]),
    ...(retention_ms == null
      ? []
      : [retention_ms < 0 ? "kept for ever" : `kept for ${formatRetention(retention_ms)}`]),
  ];
  return (
    <>
      {unreadable
        ? `Its records cannot be shown: ${unreadable}`
        : (description ??
          (role === "dlq" ? "Records that no function could handle" : "No definition stands behind it"))}
      <span class="topic-facts">
        {facts.join(" · ")} {!defined && role !== "dlq" && <Badge>undefined</Badge>}
      </span>
    </>
  );
}

function Views({ topic, selectedId }: { topic: TopicDetails; selectedId: string | null }) {
  const { set, query } = useUrlState();
  const open = ({ partition, offset }: Message) =>
    // The first opened record can be left by Back; walking from one to the next makes no history.
    set({ record: `${partition}:${offset}` }, { push: query.record === undefined });
  const records = { topic: topic.name, selectedId, onOpen: open };
  return (
    <Tabs
      label={`Views of ${topic.name}`}
      tabs={[
        { id: "live", label: "Live", render: () => <Live {...records} /> },
        {
          id: "browse",
          label: "Browse and search",
          render: () => (
            <Browse {...records} partitions={topic.partition_details.map(({ partition }) => partition)} />
          ),
        },
        { id: "produce", label: "Produce", render: () => <Produce topic={topic} /> },
        { id: "configuration", label: "Configuration", render: () => <Configuration topic={topic} /> },
        {
          id: "partitions",
          label: "Partitions",
          badge: topic.partitions,
          render: () => <Partitions topic={topic} />,
        },
        {
          id: "consumers",
          label: "Consumers",
          badge: topic.consumers.length,
          render: () => <Consumers topic={topic} />,
        },
      ]}
    />
  );
}
