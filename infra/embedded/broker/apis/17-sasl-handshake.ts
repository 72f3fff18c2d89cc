import { array, int16, string, struct } from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 17 SaslHandshake: a client that is set up with SASL asks for its mechanism. There is none here, and saying so (33, with
 * an empty list) makes clients fail at once with a reason; without an answer some try again for ever. SaslAuthenticate
 * is not served, so that nobody sends a password.
 */
export const saslHandshake = defineApi({
  key: 17,
  name: "SaslHandshake",
  versions: [0, 1],
  flexibleFrom: null,
  request: struct({ mechanism: string }),
  response: struct({ errorCode: int16, mechanisms: array(string) }),
  handle({ mechanism }, { broker, clientId, connectionId }) {
    broker.logger.warn(
      { connection: connectionId, client: clientId, mechanism },
      "refusing SASL: the embedded broker knows neither SASL nor TLS. Connect without (PLAINTEXT), or name an Apache Kafka cluster in KAFKA_BROKERS",
    );
    return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms: [] };
  },
});
