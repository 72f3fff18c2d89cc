/** What every route is built on: the app's type and what it is handed. */
import type { HttpBindings } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AdminApi } from "../../runtime/admin-view.ts";
import type { MetricsPort } from "../../runtime/metrics/metrics-view.ts";
import type { CommandPort, ReadView } from "../../runtime/view.ts";
import type { AccessOptions } from "../access/access.ts";

export interface ApiEnv {
  /** Of the socket, where there is one. */
  Bindings: Partial<HttpBindings>;
  Variables: { requestId: string };
}

export type Api = OpenAPIHono<ApiEnv>;

/** The part of a pino logger that the API uses. */
export interface ApiLog {
  error(fields: Record<string, unknown>, message: string): void;
}

/** What a client may know of the process that serves it. */
export interface About {
  readonly version: string;
  /** Every request that writes or runs something is refused. */
  readonly readOnly: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Whether the platform brought its own broker. */
  readonly embedded: boolean;
}

export interface ApiDeps {
  readonly view: ReadView;
  readonly commands: CommandPort;
  readonly admin: AdminApi;
  readonly metrics: MetricsPort;
  readonly about: About;
  readonly access: AccessOptions;
  readonly log: ApiLog;
  /** The folder of the browser page's files. */
  readonly webRoot: string;
  /** Aborted when the server stops: streams end then. */
  readonly stopping: AbortSignal;
}
