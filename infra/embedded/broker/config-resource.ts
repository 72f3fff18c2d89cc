import { ApiError } from "./api-error.ts";
import type { Broker } from "./broker.ts";
import { ErrorCode } from "./errors.ts";

/** Numbers as the config APIs send them. */
export const ConfigResource = { TOPIC: 2, BROKER: 4 } as const;

export function unknownTopic(name: string): ApiError {
  return new ApiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `There is no topic ${JSON.stringify(name)}.`);
}

export function unknownResourceType(type: number): ApiError {
  return new ApiError(
    ErrorCode.INVALID_REQUEST,
    `Expected configs of a topic (${ConfigResource.TOPIC}) or broker (${ConfigResource.BROKER}), got resource type ${type}`,
  );
}

/** @throws ApiError INVALID_REQUEST unless the name is this broker's id, or empty for the defaults of all brokers */
export function checkBrokerName(broker: Broker, name: string): void {
  if (name === "" || name === String(broker.nodeId)) return;
  throw new ApiError(
    ErrorCode.INVALID_REQUEST,
    `Expected broker ${broker.nodeId}, got ${JSON.stringify(name)}`,
  );
}

/**
 * Replaces what a topic sets, after `change` has been applied to it; only checks that when `validateOnly`.
 * @throws ApiError for a broker's config, which is set at start, an unknown topic, or a bad value
 */
export function alterConfigs(
  broker: Broker,
  resource: { resourceType: number; resourceName: string },
  change: (set: Readonly<Record<string, string>>) => Record<string, string>,
  validateOnly: boolean,
): void {
  const { resourceType, resourceName } = resource;
  if (resourceType === ConfigResource.BROKER) {
    checkBrokerName(broker, resourceName);
    throw new ApiError(
      ErrorCode.INVALID_REQUEST,
      "Expected a topic: this broker's configs are set when it starts",
    );
  }
  if (resourceType !== ConfigResource.TOPIC) throw unknownResourceType(resourceType);
  const topic = broker.topics.get(resourceName);
  if (!topic) throw unknownTopic(resourceName);
  const configs = change(topic.overrides);
  if (validateOnly) broker.topics.checkConfigs(configs);
  else broker.topics.setConfigs(resourceName, configs);
}
