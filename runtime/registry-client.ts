/**
 * A Confluent-compatible schema registry over HTTP. Redirects are not followed, so that credentials go nowhere else,
 * and answers are bounded in time and size.
 */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface RegistryOptions {
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
  /** Sent as a bearer token. */
  readonly token: string | null;
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca: string | null;
}

/** The registry said no. `code` is its own, such as 40403; HTTP's status where it gives none. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly status: number;
  readonly code: number;
  constructor(message: string, status: number, code: number) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** No answer came, or none to go by. */
class NoRegistryError extends Error {
  override readonly name = "NoRegistryError";
}

export interface SchemaText {
  readonly schema: string;
  /** Left out for Avro. */
  readonly schemaType?: string;
  /** Other schemas that it needs, by what it calls them. */
  readonly references?: readonly {
    readonly name: string;
    readonly subject: string;
    readonly version: number;
  }[];
}

export interface RegisteredSchema extends SchemaText {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
}

export interface Registry {
  readonly url: string;
  /** Null for an id that the registry does not know. */
  schema(id: number): Promise<SchemaText | null>;
  /** Where an id is used. */
  versionsOf(id: number): Promise<readonly Pick<RegisteredSchema, "subject" | "version">[]>;
  subjects(): Promise<readonly string[]>;
  versions(subject: string): Promise<readonly number[]>;
  /** The level that the next version must follow, such as BACKWARD; null where the registry does not tell. */
  compatibility(subject: string): Promise<string | null>;
  /** Null where there is no such subject or version. */
  version(subject: string, version: number | "latest"): Promise<RegisteredSchema | null>;
  /** The version that has this schema; null where none has. */
  lookup(subject: string, schema: string): Promise<RegisteredSchema | null>;
  /** The id. Rejects with RegistryError 409 for a schema that breaks the subject's compatibility. */
  register(subject: string, schema: string): Promise<number>;
  /** Against all versions that the subject's level is about. Null where it has none to be compatible with. */
  check(
    subject: string,
    schema: string,
  ): Promise<{ isCompatible: boolean; messages: readonly string[] } | null>;
}

const TIMEOUT_MS = 3_000;
const MOST_BYTES = 8 * 1024 * 1024;
const MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

export function createRegistry(options: RegistryOptions): Registry {
  const { url } = options;
  const base = url.replace(/\/+$/, "");
  const authorization = toAuthorization(options);

  const send = (
    method: "GET" | "POST",
    path: string,
    body?: object,
  ): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const target = new URL(base + path);
      const sent = (target.protocol === "https:" ? httpsRequest : httpRequest)(target, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          accept: `${MEDIA_TYPE}, application/json`,
          ...(authorization && { authorization }),
          ...(body && { "content-type": MEDIA_TYPE }),
        },
        ...(options.ca !== null && { ca: options.ca }),
      });
      const fail = (error: NodeJS.ErrnoException): void =>
        reject(new NoRegistryError(`no schema registry answers at ${base}: ${reasonOf(error)}`));
      sent.once("error", fail);
      sent.once("response", (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > MOST_BYTES) sent.destroy(new Error(`an answer of more than ${MOST_BYTES} bytes`));
        });
        response.once("error", fail);
        response.once("end", () =>
          resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      sent.end(body && JSON.stringify(body));
    });

  const ask = async <T>(method: "GET" | "POST", path: string, body?: object): Promise<T> => {
    const { status, text } = await send(method, path, body);
    const answer = parse(text);
    if (status >= 200 && status < 300 && answer !== undefined) return answer as T;
    const { message, error_code } = (answer ?? {}) as { message?: string; error_code?: number };
    const said =
      status >= 300 && status < 400
        ? "a redirect, which is not followed"
        : (message ?? (answer === undefined ? "no JSON" : "no reason"));
    throw new RegistryError(
      `the schema registry at ${base} answers ${method} ${path} with ${status}: ${said}`,
      status,
      error_code ?? status,
    );
  };

  const orNull = async <T>(codes: readonly number[], asked: Promise<T>): Promise<T | null> => {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof RegistryError && codes.includes(error.code)) return null;
      throw error;
    }
  };

  const of = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;
  return {
    url: base,
    schema: (id) => orNull([40403], ask("GET", `/schemas/ids/${id}`)),
    versionsOf: (id) => ask("GET", `/schemas/ids/${id}/versions`),
    subjects: () => ask("GET", "/subjects"),
    versions: (subject) => ask("GET", `${of(subject)}/versions`),
    async compatibility(subject) {
      const path = `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`;
      const answer = await orNull([404, 40408], ask<{ compatibilityLevel?: string }>("GET", path));
      return answer?.compatibilityLevel ?? null;
    },
    version: (subject, version) => orNull([40401, 40402], ask("GET", `${of(subject)}/versions/${version}`)),
    lookup: (subject, schema) => orNull([40401, 40403], ask("POST", of(subject), { schema })),
    async register(subject, schema) {
      return (await ask<{ id: number }>("POST", `${of(subject)}/versions`, { schema })).id;
    },
    async check(subject, schema) {
      const path = `/compatibility${of(subject)}/versions?verbose=true`;
      const asked = ask<{ is_compatible: boolean; messages?: string[] }>("POST", path, { schema });
      const answer = await orNull([40401, 40402], asked);
      return answer && { isCompatible: answer.is_compatible, messages: answer.messages ?? [] };
    },
  };
}

function toAuthorization({ username, password, token }: RegistryOptions): string | null {
  if (token !== null) return `Bearer ${token}`;
  if (username === null) return null;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // whoever asked says so
  }
}

/** Connections to a name with several addresses fail with a list of one error each. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.name === "TimeoutError" || error.name === "AbortError")
    return `nothing within ${TIMEOUT_MS / 1000} s`;
  const first: NodeJS.ErrnoException = error instanceof AggregateError ? error.errors[0] : error;
  return first.message || first.code || first.name;
}
