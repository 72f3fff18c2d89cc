import { startApacheKafka } from "../../infra/apache-kafka/start.ts";
import { brokerSuite } from "../broker-suite.ts";

brokerSuite("Apache Kafka 4.4.0", () => startApacheKafka({ version: "4.4.0" }));
