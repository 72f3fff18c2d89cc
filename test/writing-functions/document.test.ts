import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../../docs/writing-functions.md", import.meta.url), "utf8");

/**
 * A file's lines, to compare. The page's files stand in other folders: of an import only the file's name has to be
 * the same, and imports may come in another order.
 */
function linesOf(code: string): string[] {
  const lines = code.trim().split("\n");
  const isImport = (line: string) => line.startsWith("import ");
  const imports = lines.filter(isImport).map((line) => line.replace(/from "\.{1,2}\/(?:.*\/)?/, 'from "'));
  return [...imports.toSorted(), ...lines.filter((line) => !isImport(line))];
}

const blocks = new Map(
  [...page.matchAll(/```ts\n\/\/ functions\/\S+\/(\S+)\n([\s\S]*?)```/g)].map(([, name, code]) => [
    name!,
    code!,
  ]),
);

describe("docs/writing-functions.md", () => {
  it.each(["big-spenders.ts", "spender-consumer.ts", "spender-consumer.test.ts"])(
    "shows %s as it is compiled and tested here",
    (name) => {
      const tested = readFileSync(new URL(name, import.meta.url), "utf8");
      expect(linesOf(blocks.get(name) ?? "")).toEqual(linesOf(tested));
    },
  );
});
