import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut, NODE_HEIGHT, NODE_WIDTH } from "./graph-layout.ts";

const producer = (name: string, ...emits: string[]) => ({
  name,
  kind: "producer" as const,
  topic: null,
  emits,
});
const consumer = (name: string, topic: string, ...emits: string[]) => ({
  name,
  kind: "consumer" as const,
  topic,
  emits,
});
const columnsOf = (functions: Parameters<typeof layOut>[0]) => {
  const { nodes } = layOut(functions);
  const xs = [...new Set(nodes.map(({ x }) => x))].sort((a, b) => a - b);
  return xs.map((x) => nodes.filter((node) => node.x === x).map(({ name }) => name));
};

describe("the graph's layout", () => {
  it("puts what is written right of its writer and a reader right of what it reads", () => {
    expect(columnsOf([producer("p", "in"), consumer("c", "in", "out")])).toEqual([
      ["p"],
      ["in"],
      ["c"],
      ["out"],
    ]);
  });

  it("keeps a function and a topic of the same name apart", () => {
    expect(layOut([producer("events", "events")]).nodes.map(({ id }) => id)).toEqual([
      "function:events",
      "topic:events",
    ]);
  });

  it("orders columns so that edges of separate chains do not cross", () => {
    const columns = columnsOf([
      producer("a", "z"),
      producer("b", "y"),
      consumer("c", "y"),
      consumer("d", "z"),
    ]);
    // One chain above the other, whichever is above.
    const rows = (names: readonly string[]) => names.map((name, column) => columns[column]!.indexOf(name));
    expect(new Set(rows(["a", "z", "d"])).size).toBe(1);
    expect(new Set(rows(["b", "y", "c"])).size).toBe(1);
  });

  it("is empty without functions", () => {
    expect(layOut([])).toEqual({ nodes: [], edges: [], width: 0, height: 0 });
  });

  it("places every node once, none over another, whatever is wired to whatever", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e");
    const fn = fc.record({
      name,
      kind: fc.constantFrom("producer" as const, "consumer" as const),
      topic: fc.option(name),
      emits: fc.array(name),
    });
    fc.assert(
      fc.property(fc.uniqueArray(fn, { selector: (one) => one.name }), (functions) => {
        const { nodes, edges, width, height } = layOut(functions);
        const ids = nodes.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(edges.every(({ from, to }) => ids.includes(from) && ids.includes(to))).toBe(true);
        expect(ids).toEqual(expect.arrayContaining(functions.map((one) => `function:${one.name}`)));
        for (const [i, a] of nodes.entries()) {
          expect(a.x >= 0 && a.y >= 0 && a.x + NODE_WIDTH <= width && a.y + NODE_HEIGHT <= height).toBe(true);
          for (const b of nodes.slice(i + 1)) {
            expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
          }
        }
      }),
    );
  });
});
