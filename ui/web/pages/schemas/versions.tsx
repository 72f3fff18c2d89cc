/** The versions of a topic's values in the schema registry, and what each changed. */
import { apiPath } from "../../data/api.ts";
import { useUrlState } from "../../data/location.ts";
import { useResource } from "../../data/resource.ts";
import { Card } from "../../parts/card.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Diff } from "../../parts/diff.tsx";
import { JsonText } from "../../parts/json-text.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";

interface Version {
  readonly version: number;
  readonly id: number;
  readonly type: string;
  readonly schema: string;
}

interface Versions {
  readonly subject: string;
  readonly compatibility: string | null;
  readonly count: number;
  /** Newest first. */
  readonly versions: readonly Version[];
}

interface Registry {
  /** Null: none is in use. */
  readonly registry: string | null;
  readonly subjects: readonly { readonly subject: string }[];
}

export function TopicVersions({ topic }: { topic: string }) {
  const registry = useResource<Registry>("/api/schemas");
  const subject = `${topic}-value`;
  return (
    <Loaded resource={registry} lines={4}>
      {(data) => {
        if (data.registry === null) return <Empty title="No schema registry is in use." />;
        const isThere = data.subjects.some((one) => one.subject === subject);
        if (!isThere) return <Empty title={`The schema registry has no version of ${subject} yet.`} />;
        return <SubjectVersions subject={subject} />;
      }}
    </Loaded>
  );
}

function SubjectVersions({ subject }: { subject: string }) {
  const versions = useResource<Versions>(apiPath("schemas", subject));
  return (
    <Loaded resource={versions} lines={6}>
      {(data) => <Chosen {...data} />}
    </Loaded>
  );
}

function Chosen({ subject, compatibility, count, versions }: Versions) {
  const { query, href } = useUrlState();
  const at = Math.max(
    0,
    versions.findIndex(({ version }) => String(version) === query.version),
  );
  const [current, before] = [versions[at], versions[at + 1]];
  if (!current) return <Empty title={`No version of ${subject} is left.`} />;
  const title = `Version ${current.version} (id ${current.id})`;
  const text = pretty(current);
  return (
    <div class="schema-versions">
      <Card
        title={subject}
        aside={
          <nav class="segmented kinds" aria-label="Version">
            {versions.map(({ version }, i) => (
              <a
                key={version}
                href={href({ version: i === 0 ? null : String(version) })}
                aria-current={i === at ? "true" : undefined}
              >
                {version}
              </a>
            ))}
          </nav>
        }
      >
        <p>
          {current.type}, {title.toLowerCase()}.
          {compatibility !== null && (
            <>
              {" "}
              The next version must be <code>{compatibility}</code>.
            </>
          )}
          {count > versions.length && ` Of ${count} versions the newest ${versions.length} are shown.`}
        </p>
      </Card>
      {before && (
        <Card title={`Changed since version ${before.version}`}>
          <Diff
            before={pretty(before)}
            after={text}
            beforeLabel={`version ${before.version}`}
            afterLabel={`version ${current.version}`}
          />
        </Card>
      )}
      <Card title={title} aside={<CopyButton label="Copy the schema" text={text} wide />}>
        <JsonText json={text} label={title} />
      </Card>
    </div>
  );
}

/** Protobuf is no JSON. */
function pretty({ schema }: Version): string {
  try {
    return JSON.stringify(JSON.parse(schema), null, 2);
  } catch {
    return schema;
  }
}
