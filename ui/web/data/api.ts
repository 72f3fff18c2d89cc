/** Reading and changing the platform over its HTTP API. */
import { signal } from "@preact/signals";
import type { Problem } from "./types.ts";

const TIMEOUT_MS = 15_000;

/** An answer that says why not: `message` is fit to be shown. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.problem = problem;
  }
}

/** Whether the platform asks for a token that this browser has no session for. Until it has, nothing else is asked. */
export const signedOut = signal(false);

/** No answer at all. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("The platform does not answer. It may have stopped, or be starting.", { cause });
    this.name = "Unreachable";
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A path with its query; what is null, undefined or empty is left out. Path segments must be encoded already. */
export function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === "" ? path : `${path}?${search}`;
}

/** The path of given segments, each encoded: `apiPath("topics", name, "schema")` is `/api/topics/a%2Fb/schema`. */
export const apiPath = (...segments: readonly (string | number)[]): string =>
  `/api/${segments.map(encodeURIComponent).join("/")}`;

/** The text of an answer. Throws ApiError, Unreachable, or an AbortError where `signal` was aborted. */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  return textOf(await send(path, { headers: { Accept: "application/json" } }, signal));
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return JSON.parse(await getText(path, signal)) as T;
}

/** Sends a change. */
export async function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return JSON.parse(await postText(path, JSON.stringify(body), signal)) as T;
}

/** As `postJson`, from and to JSON text: no number is written anew. */
export const postText = (path: string, json: string, signal?: AbortSignal): Promise<string> =>
  sendJson("POST", path, json, signal);

/** Sends a change, with a body or none. */
export async function sendJson(
  method: "POST" | "DELETE",
  path: string,
  json?: string,
  signal?: AbortSignal,
): Promise<string> {
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-Requested-By": "ksp-web",
  };
  return textOf(await send(path, { method, headers, ...(json !== undefined && { body: json }) }, signal));
}

async function send(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(path, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(error);
  }
}

async function textOf(response: Response): Promise<string> {
  if (!response.ok) throw await refusalOf(response);
  return response.text();
}

/** Why an answer is none. That a session is needed is told to the whole page. */
export async function refusalOf(response: Response): Promise<ApiError> {
  if (response.status === 401) signedOut.value = true;
  return new ApiError(problemOf(response.status, await response.text()));
}

/** The problem that an answer's text tells; one made up of the status where it tells none. */
function problemOf(status: number, text: string): Problem {
  try {
    const problem = JSON.parse(text) as Partial<Problem> | null;
    if (typeof problem?.title === "string") return { ...problem, title: problem.title, status };
  } catch {
    // Not ours: a proxy's page, perhaps. The status has to do.
  }
  return { title: `The platform answered with status ${status}`, status };
}
