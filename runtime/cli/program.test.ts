import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Acl } from "../acls.ts";
import { ConfigError } from "../config.ts";
import { collect, platformOf, runTest } from "./cli-harness.ts";
import type { GivenConfig, StartFlags } from "./deps.ts";

describe("the command line", () => {
  it("shows help on stdout when asked, on stderr when used without a verb", async () => {
    const help = await runTest(["--help"]);
    expect([help.code, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toMatch(/start .*functions .*topics .*invoke .*sample .*capture .*replay .*broker /s);
    const none = await runTest([]);
    expect([none.code, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toContain("Usage: ksp");
    expect((await runTest(["--version"])).stdout).toBe("1.2.3\n");
  });

  it.each([
    [["functions", "--jsn"], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
    [["functons"], /unknown command 'functons'\n\(Did you mean functions\?\)/],
    [["invoke"], /missing required argument 'function'/],
    [["capture", "x"], /required option '--out <file>' not specified/],
    [["replay", "a", "--config", "old"], /Allowed choices are recorded, current/],
  ])("takes %j for a wrong use: exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await runTest(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  it.each(["invoke", "sample"])("names the functions to %s when one is unknown", async (verb) => {
    const { code, stderr } = await runTest([verb, "total-consumr"]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'ksp: unknown function "total-consumr"; did you mean total-consumer? Known: order-producer, total-consumer\n',
    );
  });

  it("tells what went wrong without a stack: exit code 1, for settings 2", async () => {
    const failing = (error: Error) => runTest(["functions"], { loadFunctions: () => Promise.reject(error) });
    expect(await failing(new TypeError("broken"))).toEqual({ code: 1, stdout: "", stderr: "ksp: broken\n" });
    expect(await failing(new ConfigError("HTTP_PORT: expected a port"))).toMatchObject({ code: 2 });
  });

  it("ends quietly when the reader of stdout has left", async () => {
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      },
    });
    expect(await runTest(["functions"], { stdout })).toMatchObject({ code: 0, stderr: "" });
  });

  it("fails when stdout cannot be written for another reason", async () => {
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
      },
    });
    expect(await runTest(["functions"], { stdout })).toMatchObject({
      code: 1,
      stderr: "ksp: ENOSPC: no space left on device\n",
    });
  });

  it.each([
    [{}, false, false],
    [{}, true, true],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ TERM: "dumb" }, true, false],
  ])("with %j and a terminal: %s, it colours: %s", async (env, isTTY, coloured) => {
    const stdout = collect();
    await runTest(["invoke", "order-producer"], { env, stdout: Object.assign(stdout.stream, { isTTY }) });
    expect(stdout.text().includes("\x1b[")).toBe(coloured);
    expect(stdout.text()).toContain("emit");
  });
});

describe("start", () => {
  const start = async (...args: string[]) => {
    const seen: StartFlags[] = [];
    const startPlatform = async (flags: StartFlags) => seen.push(flags) - 1;
    return { ...(await runTest(["start", ...args], { startPlatform })), flags: seen[0] };
  };

  it("runs all with the API by default", async () => {
    expect(await start()).toMatchObject({
      code: 0,
      flags: { config: {}, only: null, api: true, dev: false },
    });
  });

  it("hands on the settings, and the functions to run", async () => {
    const { flags } = await start(
      "--http-port",
      "0",
      "--data-dir",
      "d",
      "--only",
      "order-producer",
      "--no-api",
    );
    expect(flags).toEqual({
      config: { HTTP_PORT: "0", DATA_DIR: "d" },
      only: ["order-producer"],
      api: false,
      dev: false,
    });
  });

  it("refuses a function that is not there", async () => {
    expect(await start("--only", "order-producer,nope")).toMatchObject({ code: 2, flags: undefined });
    expect((await start("--only", "order-producer,,")).stderr).toContain(
      "--only: expected names with commas",
    );
  });

  it("runs the API alone without functions, but not nothing", async () => {
    expect((await start("--no-functions")).flags).toMatchObject({ only: [], api: true });
    expect(await start("--no-functions", "--only", "order-producer")).toMatchObject({ code: 2 });
    expect(await start("--no-functions", "--no-api")).toMatchObject({
      code: 2,
      stderr: "ksp: expected functions or the API to run, got --no-functions and --no-api\n",
    });
  });

  it("ends with the platform's exit code", async () => {
    expect((await runTest(["start"], { startPlatform: async () => 3 })).code).toBe(3);
  });
});

describe("topics create", () => {
  it("tells of each topic whether it was made, and hands on the settings", async () => {
    const seen: GivenConfig[] = [];
    const createTopics = async (config: GivenConfig) => {
      seen.push(config);
      return { all: ["orders", "orders.dlq"], created: ["orders.dlq"] };
    };
    const { code, stdout } = await runTest(["topics", "create", "--kafka-brokers", "k:9092"], {
      createTopics,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/orders +there already\norders\.dlq +created\n/);
    expect(seen).toEqual([{ KAFKA_BROKERS: "k:9092" }]);
  });
});

describe("acls --grant", () => {
  it("has Kafka allow one function what it needs, and the whole platform more than that", async () => {
    const given: { acls: readonly Acl[]; principal: string }[] = [];
    const grantAcls = async (acls: readonly Acl[], principal: string) => {
      given.push({ acls, principal });
    };
    const args = ["acls", "--grant", "--principal", "User:me"];
    expect(await runTest([...args, "order-producer"], { grantAcls })).toMatchObject({
      code: 0,
      stdout: "User:me is allowed what order-producer needs\n",
    });
    expect(given[0]).toEqual({
      acls: [{ resource: "topic", name: "orders", operations: ["Write", "Describe"] }],
      principal: "User:me",
    });
    await runTest(args, { grantAcls });
    const operations = given[1]!.acls.flatMap((acl) => acl.operations);
    expect(operations).toContain("DescribeConfigs");
    expect(operations).not.toContain("Create");
  });
});

describe("broker", () => {
  it("takes its own settings alone", async () => {
    let given: GivenConfig = {};
    const startBroker = async (config: GivenConfig) => {
      given = config;
      return 0;
    };
    expect((await runTest(["broker", "--data-dir", "d"], { startBroker })).code).toBe(0);
    expect(given).toEqual({ DATA_DIR: "d" });
    expect((await runTest(["broker", "--http-port", "1"], { startBroker })).code).toBe(2);
  });
});

describe("functions and topics", () => {
  it("list what is defined, as a table or as JSON", async () => {
    const functions = await runTest(["functions"]);
    expect(functions.stdout).toMatch(
      /^NAME +KIND +READS +EMITS +DESCRIPTION\norder-producer +producer +- +orders +/,
    );
    expect(JSON.parse((await runTest(["functions", "--json"])).stdout)[1]).toMatchObject({
      name: "total-consumer",
      topic: "orders",
      group: "totals-group",
      emits: ["totals"],
    });
    expect((await runTest(["topics"])).stdout).toMatch(/^NAME +PARTITIONS .*\norders +3 +user /);
    expect(JSON.parse((await runTest(["topics", "--json"])).stdout)[0]).toMatchObject({
      name: "orders",
      partitions: 3,
      schema: { type: "object", required: ["user", "amount"] },
    });
  });

  it("show no secret of a function's config", async () => {
    expect((await runTest(["functions", "--json"])).stdout).not.toContain("hunter2");
  });

  it("ask a running platform", async () => {
    const topics = [{ name: "orders", partitions: 3, replication_factor: 1, message_count: 42 }];
    const fetch = platformOf({ "/api/topics": () => Response.json({ topics }) });
    const { stdout } = await runTest(["topics", "--url"], { fetch });
    expect(stdout).toBe("NAME    PARTITIONS  REPLICAS  RECORDS\norders  3           1         42\n");
  });

  it("say so when no platform answers, or when the URL is none", async () => {
    expect(await runTest(["topics", "--url"])).toMatchObject({
      code: 1,
      stderr:
        'ksp: no platform answers at http://127.0.0.1:8080 (ECONNREFUSED): start one with "ksp start", or name it with --url\n',
    });
    expect(await runTest(["topics", "--url", "file:///etc"])).toMatchObject({ code: 2 });
  });

  it.each([
    ["http://ksp.example.com", "token", "ksp: HTTP_TOKEN goes to ksp.example.com by plain http"],
    ["https://ksp.example.com", "token", ""],
    ["http://[::1]:8080", "token", ""],
    ["http://ksp.example.com", null, ""],
  ])("are warned of a token that others can read on the way: %s, %s", async (url, token, warning) => {
    const fetch = platformOf({ "/api/topics": () => Response.json({ topics: [] }) });
    const { code, stderr } = await runTest(["topics", "--url", url], { fetch, token: () => token });
    expect([code, stderr.split(",")[0]]).toEqual([0, warning]);
  });
});
