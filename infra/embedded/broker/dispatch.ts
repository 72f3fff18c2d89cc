import { ProtocolError } from "../wire/protocol-error.ts";
import { Reader } from "../wire/reader.ts";
import { type Infer, int16, int32, nullableString, struct } from "../wire/schema.ts";
import { Writer } from "../wire/writer.ts";
import { API_VERSIONS_KEY, unsupportedApiVersions } from "./apis/18-api-versions.ts";
import type { Broker } from "./broker.ts";
import type { Api, RequestContext } from "./define-api.ts";

/**
 * Request header v1: api_key:int16 api_version:int16 correlation_id:int32 client_id:nullable int16 string; v2, before
 * flexible requests, adds tagged fields, yet keeps client_id as it is.
 * Response header v0: correlation_id:int32; v1, before flexible responses except ApiVersions', adds tagged fields.
 */
const requestHeader = struct({
  apiKey: int16,
  apiVersion: int16,
  correlationId: int32,
  clientId: nullableString,
});
const NO_TAGGED_FIELDS = struct({});

export interface ConnectionContext {
  readonly connectionId: number;
  readonly clientHost: string;
  readonly signal: AbortSignal;
  readonly broker: Broker;
}

/**
 * Answers one frame. Returns the parts of the response frame, its length in front, or null for no response.
 * @throws ProtocolError for a request that cannot be read or that is not served: the connection is to be closed
 */
export async function dispatch(
  frame: Buffer,
  apis: ReadonlyMap<number, Api>,
  connection: ConnectionContext,
): Promise<Buffer[] | null> {
  const started = performance.now();
  const reader = new Reader(frame);
  const header = requestHeader.read(reader, 1, false);
  const api = apis.get(header.apiKey);
  if (!api)
    throw new ProtocolError(`Expected a known API, got key ${header.apiKey}${describeClient(header)}`);
  const [min, max] = api.versions;
  const version = header.apiVersion;
  if (version < min || version > max) {
    if (api.key === API_VERSIONS_KEY) return encode(api, 0, header.correlationId, unsupportedApiVersions);
    throw new ProtocolError(
      `Expected ${api.name} version ${min}–${max}, got ${version}${describeClient(header)}`,
    );
  }
  const flexible = isFlexible(api, version);
  if (flexible) NO_TAGGED_FIELDS.read(reader, 0, true);
  const request: unknown = api.request.read(reader, version, flexible);
  if (reader.remaining > 0) {
    throw new ProtocolError(`Expected ${api.name} v${version} to end, got ${reader.remaining} more bytes`);
  }
  const context: RequestContext = { ...connection, ...header };
  const response: unknown = await api.handle(request, context);
  const parts = response === null ? null : encode(api, version, header.correlationId, response);
  connection.broker.traffic.answered(api, (performance.now() - started) / 1000, response);
  return parts;
}

function encode(api: Api, version: number, correlationId: number, response: unknown): Buffer[] {
  const flexible = isFlexible(api, version);
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  // A client learns from ApiVersions what this broker speaks, so that response has the header that all can read.
  if (flexible && api.key !== API_VERSIONS_KEY) writer.uvarint(0);
  api.response.write(writer, response, version, flexible);
  const length = writer.length;
  const parts = writer.finish();
  parts[0]!.writeInt32BE(length - 4, 0);
  return parts;
}

function isFlexible(api: Api, version: number): boolean {
  return api.flexibleFrom !== null && version >= api.flexibleFrom;
}

function describeClient({ apiVersion, clientId }: Infer<typeof requestHeader>): string {
  return ` (version ${apiVersion}, client ${JSON.stringify(clientId)})`;
}
