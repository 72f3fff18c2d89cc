import { startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { brokerSuite } from "../broker-suite.ts";

brokerSuite("Apache Kafka 3.6.2", () => startApacheKafka({ version: "3.6.2" }), {
  "names free once deleted": "the controller deletes topics in the background, by notes in ZooKeeper",
  "offsets of known transactions only": "it came with Kafka 4 (KIP-890)",
});
brokerSuite("Apache Kafka 4.4.0", () => startApacheKafka({ version: "4.4.0" }));
