/** What a function declares, and all that is counted of it. */
import type { ComponentChildren } from "preact";
import { formatCount, formatTime, plural } from "../../data/format.ts";
import { pagePath } from "../../data/location.ts";
import type { FunctionInfo } from "../../data/types.ts";
import { Card } from "../../parts/card.tsx";
import { CopyButton } from "../../parts/copy-button.tsx";
import { JsonTree } from "../../parts/json-tree.tsx";
import { Empty } from "../../parts/states.tsx";
import { Badge } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";

interface Sum {
  readonly name: string;
  readonly value: number;
}

const METRICS: readonly Column<Sum>[] = [
  {
    id: "name",
    label: "Metric",
    value: ({ name }) => name,
    render: ({ name }) => <span class="mono">{name}</span>,
  },
  {
    id: "value",
    label: "Sum",
    align: "end",
    largestFirst: true,
    value: ({ value }) => value,
    render: ({ value }) => String(value),
  },
];

export function About({ fn }: { fn: FunctionInfo }) {
  const metrics = Object.entries(fn.metrics).map(([name, value]): Sum => ({ name, value }));
  return (
    <div class="about">
      <Card title="What it is">
        <dl class="facts">
          <Fact label="Kind">{fn.kind}</Fact>
          {fn.topic !== null && (
            <Fact label="Reads">
              <a href={pagePath("topics", fn.topic)}>{fn.topic}</a>
            </Fact>
          )}
          {fn.group !== null && (
            <Fact label="Group">
              <a href={pagePath("groups", fn.group)}>{fn.group}</a>
            </Fact>
          )}
          <Fact label="Writes">
            {fn.emits.length === 0
              ? "nothing"
              : fn.emits.map((topic, index) => (
                  <span key={topic}>
                    {index > 0 && ", "}
                    <a href={pagePath("topics", topic)}>{topic}</a>
                  </span>
                ))}
          </Fact>
          {fn.kind === "consumer" && (
            <Fact label="Partitions here">
              {fn.assignment.length === 0 ? "none" : fn.assignment.join(", ")}
            </Fact>
          )}
          <Fact label="Code">
            <span class="code-fact">
              <span class="mono" title={`SHA-256 of its file and all that it imports: ${fn.code_hash}`}>
                {fn.code_hash.slice(0, 12)}
              </span>
              <CopyButton text={fn.code_hash} label="Copy the code's hash" />
            </span>
          </Fact>
        </dl>
      </Card>
      <Card title="Configuration">
        <JsonTree json={JSON.stringify(fn.config)} open={3} />
      </Card>
      <Card title="State">
        <div class="state-panel">
          <p>
            <Badge tone="info">in memory</Badge> {plural(fn.state.keys, "key")}
          </p>
          <p class="quiet">
            It lives in this process: a restart begins anew, and so does a partition that moves to another
            member.
          </p>
        </div>
      </Card>
      <Card title="Counters since the start">
        <dl class="facts">
          <Fact label="Invocations">{formatCount(fn.invocations.ok)}</Fact>
          <Fact label="Errors">{formatCount(fn.invocations.error)}</Fact>
          <Fact label="Invalid inputs">{formatCount(fn.invocations.invalid)}</Fact>
          {fn.kind === "consumer" && <Fact label="Records read">{formatCount(fn.records_in)}</Fact>}
          <Fact label="Records written">{formatCount(fn.records_out)}</Fact>
          <Fact label="Dead letters">{formatCount(fn.dead_letters)}</Fact>
          <Fact label="Retries">{formatCount(fn.retries)}</Fact>
          <Fact label="Found impure">{formatCount(fn.impure)}</Fact>
          <Fact label="Restarts">{formatCount(fn.restarts)}</Fact>
          {fn.kind === "consumer" && <Fact label="Rebalances">{formatCount(fn.rebalances)}</Fact>}
          <Fact label="Last invocation">{formatTime(fn.last_invocation_at, new Date())}</Fact>
        </dl>
      </Card>
      <Card title="Metrics of its own" flush class="about-wide">
        <Table
          label={`Sums of what ${fn.name} gave to ctx.metric`}
          columns={METRICS}
          rows={metrics}
          keyOf={({ name }) => name}
          sortParam="metrics"
          defaultSort="-value"
          empty={<Empty title="It has counted nothing yet.">A function counts by ctx.metric.</Empty>}
        />
      </Card>
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
