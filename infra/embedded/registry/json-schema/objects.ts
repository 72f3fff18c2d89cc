/** Properties. What a schema says of a property that it does not name is its additionalProperties, or true. */
import { step } from "../invalid-schema.ts";
import type { Comparison, Problems } from "./compatibility.ts";
import { follow, isObject, listOf, type Members, type Node } from "./document.ts";

export function objectProblems({ compare }: Comparison, r: Node, w: Node, path: string): Problems {
  const [reader, writer] = [r.schema as Members, w.schema as Members];
  const [mine, theirs] = [membersOf(reader.properties), membersOf(writer.properties)];
  const [myPatterns, theirPatterns] = [
    membersOf(reader.patternProperties),
    membersOf(writer.patternProperties),
  ];
  const at = (node: Node, schema: unknown): Node => ({ schema, document: node.document });
  const myRest = at(r, reader.additionalProperties ?? true);
  /** What the writer may have written under a name that it does not name: patterns are not run. */
  const theirRest = [writer.additionalProperties ?? true, ...Object.values(theirPatterns)].map((one) =>
    at(w, one),
  );
  const problems = [...requiredProblems(r, writer, path)];

  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const place = `${path}/properties${step(name)}`;
    const isMine = Object.hasOwn(mine, name);
    const reading = isMine ? at(r, mine[name]) : myRest;
    const written = Object.hasOwn(theirs, name) ? [at(w, theirs[name])] : theirRest;
    const found = written.flatMap((one) => compare(reading, one, place));
    if (found.length === 0) continue;
    if (!isMine) {
      const text = `the reader's schema does not take the property "${name}" that the writer's has`;
      problems.push({ type: "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", path: place, text });
    } else if (!Object.hasOwn(theirs, name)) {
      const text = `the writer's schema is open: it takes under "${name}" what the reader's refuses`;
      problems.push({ type: "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", path: place, text });
    } else problems.push(...found);
  }
  for (const [pattern, schema] of Object.entries(myPatterns)) {
    const place = `${path}/patternProperties${step(pattern)}`;
    const isTheirs = Object.hasOwn(theirPatterns, pattern);
    // A name that the pattern takes as well may be one that the writer names.
    const named = isTheirs ? [] : Object.values(theirs).map((one) => at(w, one));
    const written = isTheirs ? [at(w, theirPatterns[pattern])] : [...theirRest, ...named];
    problems.push(...written.flatMap((one) => compare(at(r, schema), one, place)));
  }
  const others = Object.entries(theirPatterns).filter(([pattern]) => !Object.hasOwn(myPatterns, pattern));
  const rest = [theirRest[0]!, ...others.map(([, schema]) => at(w, schema))];
  problems.push(...rest.flatMap((one) => compare(myRest, one, `${path}/additionalProperties`)));
  return problems;
}

/** As in Confluent's registry, a default stands in for what is missing. */
function requiredProblems(r: Node, writer: Members, path: string): Problems {
  const reader = r.schema as Members;
  const theirs = listOf(writer.required);
  return listOf(reader.required).flatMap((name) => {
    if (theirs.includes(name)) return [];
    const schema = membersOf(reader.properties)[String(name)];
    const own = isObject(schema) && schema.$ref === undefined ? schema : follow({ ...r, schema }).schema;
    if (isObject(own) && "default" in own) return [];
    const text = `the reader's schema requires "${name}" without a default, the writer's does not require it`;
    return [{ type: "REQUIRED_ATTRIBUTE_ADDED", path: `${path}/required${step(String(name))}`, text }];
  });
}

const membersOf = (value: unknown): Members => (isObject(value) ? value : {});
