import { describe, expect, it } from "vitest";
import { z } from "zod";
import { orders, totals } from "../capture/fixtures.ts";
import { defineTopic, type Topic } from "../define.ts";
import { schemaTextOf } from "../schemas.ts";
import { createFakeRegistry } from "../testing-registry.ts";
import { runTest } from "./cli-harness.ts";

type Fake = ReturnType<typeof createFakeRegistry>;

/** The topic of the fixtures with other fields. */
const ordersWith = (fields: z.ZodRawShape): Topic =>
  defineTopic({ name: "orders", description: "", partitions: 3, key: "user", schema: z.looseObject(fields) });
const required = { user: z.string(), amount: z.number() };

async function registryWith(...topics: readonly Topic[]): Promise<Fake> {
  const registry = createFakeRegistry();
  for (const topic of topics) await registry.register(`${topic.name}-value`, schemaTextOf(topic));
  return registry;
}

const run = (registry: Fake, args: readonly string[], topics: readonly Topic[] = [orders, totals]) =>
  runTest(["schemas", ...args], {
    schemaRegistry: async () => ({ registry, isAvro: (topic) => topic === "orders" }),
    loadTopics: async () => topics,
  });

describe("schemas list", () => {
  it("lists each subject with its newest version", async () => {
    const registry = await registryWith(
      orders,
      totals,
      ordersWith({ ...required, note: z.string().optional() }),
    );
    const { code, stdout } = await run(registry, ["list"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^SUBJECT +VERSION +ID +TYPE\norders-value +2 +3 +AVRO\ntotals-value +1 +2 +AVRO\n$/,
    );
    expect(JSON.parse((await run(registry, ["list", "--json"])).stdout)[1]).toMatchObject({
      subject: "totals-value",
      version: 1,
      id: 2,
    });
  });

  it("says that no registry answers: exit code 1", async () => {
    const registry = createFakeRegistry();
    registry.trouble = new Error("no schema registry answers at http://fake: refused");
    expect(await run(registry, ["list"])).toEqual({
      code: 1,
      stdout: "",
      stderr: "ksp: no schema registry answers at http://fake: refused\n",
    });
  });
});

describe("schemas show", () => {
  it("prints the newest version, another one, or what the definition says", async () => {
    const newer = ordersWith({ ...required, note: z.string().optional() });
    const registry = await registryWith(orders, newer);
    const shown = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await run(registry, ["show", ...args])).stdout);
    expect(await shown("orders")).toEqual(JSON.parse(schemaTextOf(newer)));
    expect(await shown("orders-value", "1")).toEqual(JSON.parse(schemaTextOf(orders)));
    expect(await shown("orders", "1", "--json")).toMatchObject({
      subject: "orders-value",
      version: 1,
      id: 1,
    });
    expect(await shown("totals", "--defined")).toEqual(JSON.parse(schemaTextOf(totals)));
  });

  it("names what the registry does not know", async () => {
    const registry = await registryWith(orders);
    expect(await run(registry, ["show", "totals"])).toMatchObject({
      code: 1,
      stderr: 'ksp: expected a subject that the registry knows, got "totals" ("totals-value")\n',
    });
    expect((await run(registry, ["show", "orders", "7"])).stderr).toContain(
      "expected version 7 of a subject",
    );
    expect(await run(registry, ["show", "orders", "v1"])).toMatchObject({ code: 2 });
    expect(await run(registry, ["show", "nope", "--defined"])).toMatchObject({ code: 2 });
  });
});

describe("schemas check", () => {
  const check = async (registered: readonly Topic[], defined: Topic, refusal?: readonly string[]) => {
    const registry = await registryWith(...registered);
    if (refusal) registry.check = async () => ({ isCompatible: false, messages: refusal });
    const { code, stdout } = await run(registry, ["check", "--json"], [defined]);
    return {
      code,
      ...(JSON.parse(stdout)[0] as { result: string; problems: string[]; consumers: string[] }),
    };
  };

  it("tells what is new, as it was, or changed so that all can follow, and who reads it", async () => {
    expect(await check([], orders)).toMatchObject({ code: 0, result: "new", version: null });
    expect(await check([orders], orders)).toMatchObject({ code: 0, result: "unchanged", version: 1 });
    const more = ordersWith({ ...required, note: z.string().optional(), from: z.string().default("web") });
    expect(await check([orders], more)).toMatchObject({
      code: 0,
      result: "compatible",
      version: 1,
      consumers: ["total-consumer"],
      problems: [],
    });
  });

  it("fails for a change that running consumers cannot read, and names them", async () => {
    expect(await check([orders], ordersWith({ user: z.string() }))).toMatchObject({
      code: 1,
      result: "breaking",
      problems: [
        expect.stringMatching(
          /^total-consumer of version 1 cannot read what it writes: deploy consumers first \(.*amount/,
        ),
      ],
    });
  });

  it("fails for a change that makes stored records unreadable", async () => {
    expect(await check([orders], ordersWith({ ...required, tenant: z.string() }))).toMatchObject({
      code: 1,
      result: "breaking",
      problems: [
        expect.stringMatching(/^total-consumer cannot read records of version 1 any more \(.*tenant/),
      ],
    });
  });

  it("fails for a change that makes records of an older version unreadable, though not those of the latest", async () => {
    const without = ordersWith({ user: z.string() });
    const optional = ordersWith({ user: z.string(), amount: z.string().optional() });
    expect(await check([orders, without], optional)).toMatchObject({
      code: 1,
      result: "breaking",
      version: 2,
      problems: [
        expect.stringMatching(
          /^total-consumer cannot read records of version 1 any more \(cannot read "double"/,
        ),
      ],
    });
  });

  it("fails for what the registry refuses, with its words", async () => {
    const changed = ordersWith({ ...required, tenant: z.string() });
    expect(await check([orders], changed, ["tenant has no default"])).toMatchObject({
      code: 1,
      result: "refused",
      problems: ["the registry refuses it: tenant has no default"],
    });
  });

  it("prints a table, and the problems beside it", async () => {
    const registry = await registryWith(orders);
    const { code, stdout, stderr } = await run(
      registry,
      ["check", "orders"],
      [ordersWith({ user: z.string() })],
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/^TOPIC +RESULT +VERSION +CONSUMERS\norders +breaking +1 +total-consumer\n$/);
    expect(stderr).toMatch(/^orders: total-consumer of version 1 cannot read/);
  });

  it("wants a topic that is in Avro, or that is named", async () => {
    const registry = createFakeRegistry();
    expect(await run(registry, ["check"], [totals])).toMatchObject({
      code: 2,
      stderr: "ksp: SERDE: expected avro for a topic, or topics by name, got none\n",
    });
    expect(await run(registry, ["check", "totals"], [totals])).toMatchObject({ code: 0 });
    expect((await run(registry, ["check", "ordres"])).stderr).toBe(
      'ksp: unknown topic "ordres"; did you mean orders? Known: orders, totals\n',
    );
  });
});

describe("schemas register", () => {
  it("registers what the registry lacks", async () => {
    const registry = await registryWith(orders);
    const { code, stdout } = await run(registry, ["register", "orders", "totals"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^TOPIC +RESULT +ID\norders +unchanged +1\ntotals +registered +2\n$/);
    expect(await registry.versions("totals-value")).toEqual([1]);
  });

  it("goes on after one that is refused, says why, and fails", async () => {
    const refused = ordersWith({ ...required, refused: z.string() });
    const registry = createFakeRegistry();
    const { code, stdout, stderr } = await run(registry, ["register", "orders", "totals"], [refused, totals]);
    expect([code, stderr]).toEqual([1, "orders: incompatible\n"]);
    expect(stdout).toMatch(/orders +refused +-\ntotals +registered +1\n$/);
  });
});
