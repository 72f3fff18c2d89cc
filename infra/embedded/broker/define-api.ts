import type { Type } from "../wire/schema.ts";
import type { Broker } from "./broker.ts";

/** What a handler knows of the request besides its content. */
export interface RequestContext {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** As in `/127.0.0.1`, without the slash. */
  readonly clientHost: string;
  readonly connectionId: number;
  /** Aborted when the connection closes: a parked request then has nobody to answer. */
  readonly signal: AbortSignal;
  readonly broker: Broker;
}

export interface ApiDefinition<Req, Res> {
  readonly key: number;
  readonly name: string;
  /** The versions that are served, both ends included. */
  readonly versions: readonly [min: number, max: number];
  /** The versions that ApiVersions lists, where they are more than those served (kept for a client's feature test). */
  readonly advertised?: readonly [min: number, max: number];
  /** The first flexible version, null when there is none. */
  readonly flexibleFrom: number | null;
  readonly request: Type<Req>;
  readonly response: Type<Res>;
  /** Null: no response at all (Produce with acks 0). A throw closes the connection and is logged. */
  handle(request: Req, ctx: RequestContext): Res | null | Promise<Res | null>;
}

/** An API as the server calls it, whatever its request and response are. */
// biome-ignore lint/suspicious/noExplicitAny: the registry holds APIs of every shape; only its own schema reads each
export type Api = ApiDefinition<any, any>;

/** One Kafka API: its versions, its grammar and what it does. */
export function defineApi<Req, Res>(api: ApiDefinition<Req, Res>): ApiDefinition<Req, Res> {
  return api;
}
