/** What the values of each topic are, as its definition in code says. */
import { useRoute } from "preact-iso/router";
import { plural } from "../../data/format.ts";
import { pagePath, useUrlState } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import type { Topic } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { JsonText } from "../../parts/json-text.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { FieldTable } from "./field-table.tsx";
import { fieldRows, type JsonSchema, type Variant, variantsOf } from "./fields.ts";
import { useSchema } from "./use-schema.ts";
import { TopicVersions } from "./versions.tsx";

export default function SchemasPage() {
  const { subject = "" } = useRoute().params;
  return subject === "" ? <Subjects /> : <Subject key={subject} name={subject} />;
}

const COLUMNS: readonly Column<Topic>[] = [
  { id: "name", label: "Topic", value: ({ name }) => name, render: ({ name }) => name },
  {
    id: "shape",
    label: "Values",
    render: ({ name }) => <Shape name={name} />,
  },
  {
    id: "key",
    label: "Key",
    wide: true,
    value: ({ key }) => key,
    render: ({ key }) => (key === null ? <span class="quiet">none</span> : <code>{key}</code>),
  },
  {
    id: "description",
    label: "Description",
    wide: true,
    render: ({ description }) => description ?? <span class="quiet">–</span>,
  },
];

function Shape({ name }: { name: string }) {
  const { data } = useSchema(name);
  if (!data) return <span class="quiet">…</span>;
  if (!data.json_schema) return <span class="quiet">not described</span>;
  const variants = variantsOf(data.json_schema);
  if (variants.length > 1) return <>{variants.map(({ name }, at) => name ?? `kind ${at + 1}`).join(", ")}</>;
  return <>{plural(fieldRows(data.json_schema).filter(({ depth }) => depth === 0).length, "field")}</>;
}

function Subjects() {
  const topics = useResource<{ topics: Topic[] }>("/api/topics");
  return (
    <Page
      title="Schemas"
      lead="What the values of each topic are, as its definition in code says. Where a schema registry is in use, a topic's page has its versions and what differs."
    >
      <Card flush>
        <Loaded resource={topics} lines={6}>
          {(data) => (
            <Table
              label="Schemas"
              columns={COLUMNS}
              rows={data.topics.filter(({ defined, role }) => defined && role !== "dlq")}
              keyOf={({ name }) => name}
              href={({ name }) => pagePath("schemas", name)}
              defaultSort="name"
              empty={<Empty title="No topic has a definition." />}
            />
          )}
        </Loaded>
      </Card>
    </Page>
  );
}

function Subject({ name }: { name: string }) {
  const schema = useSchema(name);
  return (
    <Page
      title={name}
      parent={{ label: "Schemas", href: "/schemas" }}
      lead={
        <>
          As its definition in code says, in this version of the platform. Its records are on{" "}
          <a href={pagePath("topics", name)}>the topic's page</a>.
        </>
      }
    >
      <Loaded resource={schema} lines={10}>
        {({ json_schema, sample }) =>
          json_schema === null ? (
            <Empty title="No definition says what the values of this topic are." />
          ) : (
            <Tabs
              label={`Views of the schema of ${name}`}
              tabs={[
                { id: "fields", label: "Fields", render: () => <Fields schema={json_schema} name={name} /> },
                {
                  id: "json",
                  label: "JSON Schema",
                  render: () => <Source value={json_schema} label="JSON Schema" />,
                },
                { id: "versions", label: "Versions", render: () => <TopicVersions topic={name} /> },
                { id: "sample", label: "Sample", render: () => <Source value={sample} label="Sample" /> },
              ]}
            />
          )
        }
      </Loaded>
    </Page>
  );
}

function Fields({ schema, name }: { schema: JsonSchema; name: string }) {
  const { query, href } = useUrlState();
  const variants = variantsOf(schema);
  const labelOf = ({ name }: Variant, at: number) => name ?? `Kind ${at + 1}`;
  const current = Math.max(
    0,
    variants.findIndex((variant, at) => labelOf(variant, at) === query.kind),
  );
  const variant = variants[current]!;
  return (
    <Card
      flush
      aside={
        variants.length > 1 && (
          <nav class="segmented kinds" aria-label={variant.by ?? "Kind"}>
            {variants.map((one, at) => (
              <a
                key={labelOf(one, at)}
                href={href({ kind: at === 0 ? null : labelOf(one, at) })}
                aria-current={at === current ? "true" : undefined}
              >
                {labelOf(one, at)}
              </a>
            ))}
          </nav>
        )
      }
    >
      <FieldTable
        label={variants.length > 1 ? `Fields of ${name}, ${labelOf(variant, current)}` : `Fields of ${name}`}
        schema={variant.schema}
      />
    </Card>
  );
}

function Source({ value, label }: { value: unknown; label: string }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <Card title={label} aside={<CopyButton label={`Copy the ${label}`} text={text} wide />}>
      <JsonText json={text} label={label} />
    </Card>
  );
}
