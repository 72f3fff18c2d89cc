/** What to look at when Kafka or TLS turns a connection or a request away. */

const CA = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
]);
/** How a broker turns away a client's certificate, or the lack of one. */
const CLIENT_CERTIFICATE =
  /ALERT_(BAD_CERTIFICATE|CERTIFICATE_(REQUIRED|UNKNOWN|EXPIRED|REVOKED)|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)/;

const NOT_TLS = /before secure TLS connection|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)/;

/** A hint for people to an error, by its code or Kafka's type of it; null where there is none. */
export function securityHint(message: string, code: string | null, type: string | null): string | null {
  if (type?.endsWith("_AUTHORIZATION_FAILED")) return "`ksp acls` lists what is needed";
  if (type === "UNSUPPORTED_SASL_MECHANISM") return "see KAFKA_SASL_MECHANISM";
  if (/SASL OAUTHBEARER.* failed/.test(message)) {
    return "see KAFKA_OAUTH_TOKEN_COMMAND or KAFKA_OAUTH_TOKEN_ENDPOINT";
  }
  if (/SASL .* failed/.test(message)) return "see KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD";
  if (NOT_TLS.test(`${message} ${code}`))
    return "the port may not speak TLS: see KAFKA_SSL and KAFKA_BROKERS";
  if (code === null) return null;
  if (CA.has(code)) return "see KAFKA_SSL_CA_FILE";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return "the name by which Kafka is reached (KAFKA_BROKERS, or what the broker advertises) is not in its certificate";
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
    return "Kafka's certificate needs renewing";
  if (CLIENT_CERTIFICATE.test(code)) return "see KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE";
  return null;
}
