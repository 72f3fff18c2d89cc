/** Finds topics and functions by folder: a new one is one new file, whose name is its name. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError, loadFunctionConfig } from "./config.ts";
import type { FunctionDefinition, Topic } from "./define.ts";
import type { LoadedFunction } from "./invoke.ts";

/** Where the functions are: their sources, or what the build made of them. */
export interface FunctionFolders {
  /** Holds `topics`, `produce` and `consume`. */
  readonly root: string;
  /** `root` of the sources, where they are at hand: code hashes are of these, so that a build changes none. */
  readonly sources: string;
}

const isModule = (file: string): boolean => /\.(ts|js)$/.test(file) && !/\.(test|d)\.(ts|js)$/.test(file);

async function loadFolder(folder: string): Promise<{ name: string; file: string; value: unknown }[]> {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && isModule(entry.name),
  );
  return Promise.all(
    files.map(async ({ name }) => {
      const file = join(folder, name);
      const loaded = await load(file);
      return { name: basename(name).replace(/\.(ts|js)$/, ""), file, value: loaded.default };
    }),
  );
}

async function load(file: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === "ERR_UNKNOWN_FILE_EXTENSION"
        ? "this Node runs no TypeScript: `npm run dev` does, and so does Node 22.18 or newer"
        : message;
    throw new ConfigError(`${file}: cannot be loaded: ${why}`, { cause: error });
  }
}

/** Throws ConfigError for a file that does not declare what its folder holds, or whose name is not its topic's. */
export async function loadTopics({ root }: FunctionFolders): Promise<Topic[]> {
  const loaded = await loadFolder(join(root, "topics"));
  return loaded.map(({ name, file, value }) => {
    const topic = value as Topic | undefined;
    if (topic?.kind !== "topic")
      throw new ConfigError(`${file}: expected \`export default defineTopic({ … })\``);
    if (topic.name !== name)
      throw new ConfigError(`${file}: expected the topic's name to be "${name}", got "${topic.name}"`);
    return topic;
  });
}

/** Throws ConfigError as `loadTopics`, and for settings in `env` that are not a function's or not valid. */
export async function loadFunctions(
  folders: FunctionFolders,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LoadedFunction[]> {
  const kinds = [
    ["produce", "producer", "defineProducer"],
    ["consume", "consumer", "defineConsumer"],
  ] as const;
  const found = new Map<string, { file: string; definition: FunctionDefinition }>();
  for (const [folder, kind, define] of kinds) {
    for (const { name, file, value } of await loadFolder(join(folders.root, folder))) {
      const definition = value as FunctionDefinition | undefined;
      if (definition?.kind !== kind)
        throw new ConfigError(`${file}: expected \`export default ${define}({ … })\``);
      if (found.has(name)) {
        throw new ConfigError(
          `${file}: a function called ${name} is there already; names are unique over both folders`,
        );
      }
      found.set(name, { file, definition });
    }
  }
  const names = [...found.keys()].sort();
  return names.map((name) => {
    const { file, definition } = found.get(name)!;
    return {
      name,
      codeHash: hashCode(sourceOf(file, folders)),
      definition,
      config: loadFunctionConfig(name, definition.config, env, names),
    };
  });
}

function sourceOf(file: string, { root, sources }: FunctionFolders): string {
  const source = join(sources, relative(root, file)).replace(/\.js$/, ".ts");
  return existsSync(source) ? source : file;
}

const IMPORT = /(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/** SHA-256 of a file and of all that it imports by relative path, in an order that does not depend on the machine. */
export function hashCode(file: string): string {
  const texts = new Map<string, string>();
  const visit = (at: string): void => {
    if (texts.has(at)) return;
    const text = readFileSync(at, "utf8");
    texts.set(at, text);
    for (const [, specifier] of text.matchAll(IMPORT)) {
      const target = resolve(dirname(at), specifier!);
      if (existsSync(target)) visit(target);
    }
  };
  visit(file);
  const hash = createHash("sha256");
  const entries = [...texts].map(([at, text]) => [relative(dirname(file), at), text] as const);
  for (const [name, text] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${name}\0${text}\0`);
  return hash.digest("hex");
}
