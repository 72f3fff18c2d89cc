/** The graph of functions and topics: nodes to open, edges as wide as what flows along them, and all of it as a table. */
import { useMemo } from "preact/hooks";
import { formatRate } from "../../data/format.ts";
import { stats, topicRates } from "../../data/live.ts";
import { pagePath } from "../../data/location.ts";
import type { FunctionInfo, StatsEvent } from "../../data/types.ts";
import { Status } from "../../parts/status.tsx";
import { type Column, Table } from "../../parts/table.tsx";
import { flowRate, flowWidth } from "./flow-rates.ts";
import {
  type Graph,
  type GraphEdge,
  type GraphNode,
  layOut,
  NODE_HEIGHT,
  NODE_WIDTH,
} from "./graph-layout.ts";

interface Flow {
  readonly edge: GraphEdge;
  readonly rate: number | null;
}

export function FlowGraph({ functions }: { functions: readonly FunctionInfo[] }) {
  // Laid out anew only when the wiring changes: the nodes must not move while one looks.
  const wiring = JSON.stringify(
    functions.map(({ name, kind, topic, emits }) => ({ name, kind, topic, emits })),
  );
  const graph = useMemo(() => layOut(functions), [wiring]);
  const now = stats.value;
  const flows = graph.edges.map((edge): Flow => ({ edge, rate: flowRate(edge, graph.edges, now) }));
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="flow-scroll" aria-label="Graph of functions and topics" tabIndex={0}>
        <div class="flow" style={{ width: `${graph.width}px`, height: `${graph.height}px` }}>
          <Edges graph={graph} flows={flows} />
          <ul>
            {graph.nodes.map((node) => (
              <li key={node.id} style={{ left: `${node.x}px`, top: `${node.y}px` }}>
                <Node node={node} fn={functions.find((fn) => node.id === `function:${fn.name}`)} now={now} />
              </li>
            ))}
          </ul>
        </div>
      </section>
      <details class="flow-table">
        <summary>As a table</summary>
        <FlowTable flows={flows} />
      </details>
    </>
  );
}

interface NodeProps {
  readonly node: GraphNode;
  readonly fn: FunctionInfo | undefined;
  readonly now: StatsEvent | null;
}

function Node({ node: { kind, name }, fn, now }: NodeProps) {
  if (!fn) {
    const rate = topicRates.value.get(name)?.at(-1)?.value;
    return (
      <a class="flow-node topic" href={pagePath("topics", name)}>
        <span class="flow-kind">Topic</span>
        <span class="flow-name">{name}</span>
        <span class="flow-rate">{rate === undefined ? "–" : `${formatRate(rate)} /s`}</span>
      </a>
    );
  }
  const live = now?.functions.find((one) => one.name === name);
  const { status, reason } = live ?? fn;
  const lag = (live ?? fn).lag ?? 0;
  return (
    <a class={`flow-node function ${status}`} href={pagePath("functions", name)}>
      <span class="flow-kind">{kind === "producer" ? "Producer" : "Consumer"}</span>
      <span class="flow-name">{name}</span>
      <span class="flow-rate">
        <Status value={status} title={reason} />
        {lag > 0 && <span>{formatRate(lag)} behind</span>}
      </span>
    </a>
  );
}

/** What the edges say, the table says in words. */
function Edges({ graph, flows }: { graph: Graph; flows: readonly Flow[] }) {
  const at = new Map(graph.nodes.map((node) => [node.id, node]));
  return (
    <svg width={graph.width} height={graph.height} aria-hidden="true">
      {flows.map(({ edge, rate }) => {
        const [from, to] = [at.get(edge.from)!, at.get(edge.to)!];
        const [x1, y1] = [from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2];
        const [x2, y2] = [to.x, to.y + NODE_HEIGHT / 2];
        const bend = Math.max(40, Math.abs(x2 - x1) / 2);
        // A label stands near the function, where edges of one topic have not met yet.
        const share = edge.direction === "writes" ? 0.42 : 0.58;
        return (
          <g key={`${edge.from} ${edge.to}`} class={rate !== null && rate > 0 ? "flowing" : undefined}>
            <path
              d={`M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`}
              stroke-width={flowWidth(rate)}
            />
            {rate !== null && rate > 0 && (
              <text x={x1 + (x2 - x1) * share} y={y1 + (y2 - y1) * share - 6}>
                {formatRate(rate)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

const COLUMNS: readonly Column<Flow>[] = [
  {
    id: "function",
    label: "Function",
    value: ({ edge }) => edge.function,
    render: ({ edge }) => edge.function,
  },
  { id: "direction", label: "Does", render: ({ edge }) => edge.direction },
  { id: "topic", label: "Topic", value: ({ edge }) => edge.topic, render: ({ edge }) => edge.topic },
  {
    id: "rate",
    label: "Records /s",
    align: "end",
    largestFirst: true,
    value: ({ rate }) => rate,
    render: ({ rate }) => (rate === null ? "–" : formatRate(rate)),
  },
];

function FlowTable({ flows }: { flows: readonly Flow[] }) {
  return (
    <Table
      label="What each function reads and writes"
      columns={COLUMNS}
      rows={flows}
      keyOf={({ edge }) => `${edge.from} ${edge.to}`}
      sortParam="flows"
    />
  );
}
