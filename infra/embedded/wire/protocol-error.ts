/** Bytes that do not follow the protocol. The connection they came on is closed; no other one is touched. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}
