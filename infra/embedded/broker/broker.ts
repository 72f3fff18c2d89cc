import type { BrokerConfig } from "./config.ts";
import type { GroupCoordinator } from "./groups/coordinator.ts";
import type { Logger } from "./logger.ts";
import type { ProducerIds } from "./producer-ids.ts";
import type { StorageHealth } from "./storage-health.ts";
import type { Topics } from "./topics.ts";
import type { Traffic } from "./traffic.ts";
import type { TransactionCoordinator } from "./transactions/coordinator.ts";

/** What an API's handler sees of the broker. */
export interface Broker {
  readonly nodeId: number;
  /** Where clients reach this broker: what Metadata tells them. */
  readonly host: string;
  readonly port: number;
  /** 22 characters of base64url, kept with the data. */
  readonly clusterId: string;
  readonly dataDir: string;
  readonly config: BrokerConfig;
  readonly topics: Topics;
  readonly producerIds: ProducerIds;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly storage: StorageHealth;
  readonly traffic: Traffic;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}
