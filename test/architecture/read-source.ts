import { type Node, parseSync } from "oxc-parser";

interface Import {
  /** As it is written; null for a dynamic import of something computed. */
  readonly specifier: string | null;
  /** Leaves no trace at run time. */
  readonly typeOnly: boolean;
}

export interface Source {
  readonly imports: readonly Import[];
  /** Only hands on what other files export. */
  readonly barrel: boolean;
  /** The values of string literals, and the fixed parts of templates. */
  readonly strings: readonly string[];
  /** String literals that are an object's `name:`. */
  readonly names: readonly string[];
}

/** What the rules look at in one TypeScript file. Throws on a file that does not parse. */
export function readSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
  const imports: Import[] = [];
  const strings: string[] = [];
  const names: string[] = [];
  const add = (source: Node | null | undefined, typeOnly: boolean) => {
    imports.push({ specifier: source?.type === "Literal" ? String(source.value) : null, typeOnly });
  };
  walk(program, (node) => {
    if (node.type === "ImportDeclaration") {
      // `import { type A } from "b"` still runs b (verbatimModuleSyntax): only the statement's own `type` counts.
      add(node.source, node.importKind === "type");
    } else if (
      node.type === "ExportAllDeclaration" ||
      (node.type === "ExportNamedDeclaration" && node.source)
    ) {
      add(node.source, node.exportKind === "type");
    } else if (node.type === "ImportExpression") {
      add(node.source, false);
    } else if (node.type === "TSImportType") {
      add(node.source, true);
    } else if (
      node.type === "CallExpression" &&
      node.callee.type === "Identifier" &&
      node.callee.name === "require"
    ) {
      add(node.arguments[0], false);
    } else if (node.type === "Literal" && typeof node.value === "string") {
      strings.push(node.value);
    } else if (node.type === "TemplateElement") {
      strings.push(node.value.cooked ?? node.value.raw);
    } else if (node.type === "Property" && node.key.type === "Identifier" && node.key.name === "name") {
      if (node.value.type === "Literal" && typeof node.value.value === "string") names.push(node.value.value);
    }
  });
  return { imports, strings, names, barrel: isBarrel(program.body) };
}

function isBarrel(body: readonly Node[]): boolean {
  const exports = body.filter((node) => node.type.startsWith("Export"));
  const handsOn = exports.every(
    (node) =>
      node.type === "ExportAllDeclaration" ||
      (node.type === "ExportNamedDeclaration" && node.declaration === null),
  );
  const others = body.filter((node) => !node.type.startsWith("Export") && node.type !== "ImportDeclaration");
  return exports.length > 0 && handsOn && others.length === 0;
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (typeof node !== "object" || node === null) return;
  if ("type" in node && typeof node.type === "string") visit(node as Node);
  for (const child of Object.values(node)) walk(child, visit);
}
