/** Reads a JSON request body without trusting its size, its length header or its depth. */
import { z } from "@hono/zod-openapi";
import { Problem, shown } from "./problem.ts";

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 200;

/** The parsed body. Throws a 413, or a 400 that names what was expected. */
export async function readJson(request: Request): Promise<unknown> {
  return (await readJsonText(request)).value;
}

/** As `readJson`, with the text that it was parsed from. */
export async function readJsonText(request: Request): Promise<{ value: unknown; text: string }> {
  const text = await readText(request);
  if (isDeeperThan(text, MAX_DEPTH)) {
    throw new Problem(400, `body: expected JSON nested at most ${MAX_DEPTH} deep, got more`);
  }
  try {
    return { value: JSON.parse(text), text };
  } catch (error) {
    const got = text === "" ? "nothing" : (error as SyntaxError).message;
    throw new Problem(400, `body: expected JSON, got ${got}`);
  }
}

/** The body as `schema` says. Throws a 400 that names every part that is not. */
export function checkBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body, { error: describe });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    parameter: path.join(".") || "body",
    detail: message,
  }));
  throw new Problem(400, errors.map((e) => `${e.parameter}: ${e.detail}`).join("; "), { errors });
}

/** For what a schema does not describe itself: what was expected and what came. */
const describe: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== "invalid_type") return undefined;
  const expected = issue.expected === "nonoptional" ? "a value" : issue.expected;
  return `expected ${expected}, got ${issue.input === undefined ? "none" : shown(issue.input)}`;
};

/** How OpenAPI is told of a body that a route reads with `readJson`, which bounds its size and depth first. */
export function bodyOf(schema: z.ZodType, description: string) {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return { required: true, description, content: { "application/json": { schema: described as object } } };
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    // Whoever does not send all of it has left, or was too slow: no fault of ours.
    const { done, value } = await reader.read().catch(() => {
      throw new Problem(400, "body: expected all of it, got a connection that broke off");
    });
    if (done) break;
    bytes += value.byteLength;
    // A chunked body says no length: it is cut off where it grows too large, before it is held.
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(value);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Problem(400, "body: expected UTF-8, got other bytes");
  }
}

function tooLarge(): Problem {
  return new Problem(413, `body: expected at most ${MAX_BODY_BYTES} bytes, got more`);
}

/** Whether brackets outside of strings nest deeper than `limit`. Looks at the text alone, so it is safe at any depth. */
export function isDeeperThan(json: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") {
      if (++depth > limit) return true;
    } else if (char === "}" || char === "]") depth--;
  }
  return false;
}
