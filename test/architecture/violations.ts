/** Who may import whom: docs/design.md's table as data, and the check of a set of files against it. */
import { posix } from "node:path";
import { readSource, type Source } from "./read-source.ts";

/** Part of the runtime, but pure: functions may use them. What they import must be pure as well. */
const PURE_HELPERS = ["runtime/define.ts", "runtime/windows.ts"];

interface Rule {
  /** Files that the rule is for, by the start of their path; the first rule that fits counts. */
  readonly from: readonly string[];
  /** Files of the project that they may import, by the start of their path. */
  readonly may: readonly string[];
  /** Those of which they may import types only. */
  readonly mayTypes?: readonly string[];
  /** Packages by name, or all. */
  readonly npm: readonly string[] | "any";
  /** Node's own modules. */
  readonly node: boolean;
}

const RULES: readonly Rule[] = [
  { from: ["functions/topics/"], may: ["functions/topics/", "runtime/define.ts"], npm: ["zod"], node: false },
  { from: ["functions/"], may: ["functions/", ...PURE_HELPERS], npm: ["zod"], node: false },
  { from: PURE_HELPERS, may: PURE_HELPERS, npm: ["zod"], node: false },
  { from: ["runtime/main.ts"], may: [""], npm: "any", node: true },
  { from: ["runtime/"], may: ["runtime/"], npm: "any", node: true },
  {
    from: ["ui/web/"],
    may: ["ui/web/"],
    npm: ["preact", "@preact/signals", "preact-iso", "uplot", "@tanstack/virtual-core"],
    node: false,
  },
  {
    from: ["ui/"],
    may: ["ui/"],
    mayTypes: ["runtime/"],
    npm: ["hono", "@hono/node-server", "@hono/zod-openapi"],
    node: true,
  },
  { from: ["infra/embedded/"], may: ["infra/embedded/"], npm: "any", node: true },
  { from: ["infra/apache-kafka/"], may: ["infra/apache-kafka/"], npm: "any", node: true },
];

/**
 * Checks files (path from the project's root, with `/`, to text) and returns what breaks the rules, a line each.
 * Tests are exempt.
 */
export function violations(files: ReadonlyMap<string, string>): string[] {
  const sources = [...files]
    .filter(([path]) => !path.endsWith(".test.ts"))
    .map(([path, text]) => [path, readSource(path, text)] as const);
  const topics = new Set(
    sources
      .filter(([path]) => posix.dirname(path) === "functions/topics")
      .flatMap(([, source]) => source.names),
  );
  return sources.flatMap(([path, source]) => [
    ...importViolations(path, source),
    ...(source.barrel ? [`${path} only hands on what others export: import from those`] : []),
    ...(path.startsWith("runtime/") ? topicViolations(path, source, topics) : []),
  ]);
}

function importViolations(path: string, source: Source): string[] {
  const rule = RULES.find(({ from }) => startsWithOne(path, from));
  if (!rule) return [`${path} is in no folder that a rule is for: add one`];
  return source.imports
    .filter(({ specifier, typeOnly }) => !allowed(rule, path, specifier, typeOnly))
    .map(({ specifier }) => `${path} may not import ${specifier ?? "a computed path"}`);
}

function allowed(rule: Rule, path: string, specifier: string | null, typeOnly: boolean): boolean {
  if (specifier === null) return rule.node; // who may use the file system may compute paths
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier);
    return startsWithOne(target, rule.may) || (typeOnly && startsWithOne(target, rule.mayTypes ?? []));
  }
  if (specifier.startsWith("node:")) return rule.node;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return rule.npm === "any" || rule.npm.includes(name);
}

function topicViolations(path: string, source: Source, topics: ReadonlySet<string>): string[] {
  return source.strings
    .filter((text) => topics.has(text) || topics.has(text.replace(/\.dlq$/, "")))
    .map((text) => `${path} names the topic ${text}: the runtime knows topics only by their definitions`);
}

const startsWithOne = (path: string, starts: readonly string[]) =>
  starts.some((start) => path.startsWith(start));
