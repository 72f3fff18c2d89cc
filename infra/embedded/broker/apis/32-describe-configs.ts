import {
  array,
  boolean,
  type Infer,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
} from "../../wire/schema.ts";
import type { Broker } from "../broker.ts";
import { type ConfigEntry, describeBrokerConfigs, describeTopicConfigs } from "../config-entries.ts";
import { ConfigResource, checkBrokerName, unknownResourceType, unknownTopic } from "../config-resource.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";
import { toRefusal } from "../to-refusal.ts";

/*
 * 32 DescribeConfigs: the configs of topics (2) and of this broker (4), all of them or those named. A name that is
 * not known is left out of the answer, as Kafka does. v3 adds types and documentation, v4 is flexible.
 */
const request = struct({
  resources: array(
    struct({ resourceType: int8, resourceName: string, configurationKeys: nullableArray(string) }),
  ),
  includeSynonyms: since(1, boolean),
  includeDocumentation: since(3, boolean),
});

const entryResponse = struct({
  name: string,
  value: nullableString,
  readOnly: boolean,
  configSource: since(1, int8, -1),
  isSensitive: boolean,
  synonyms: since(1, array(struct({ name: string, value: nullableString, source: int8 }))),
  configType: since(3, int8),
  documentation: since(3, nullableString),
});

const response = struct({
  throttleTimeMs: int32,
  results: array(
    struct({
      errorCode: int16,
      errorMessage: nullableString,
      resourceType: int8,
      resourceName: string,
      configs: array(entryResponse),
    }),
  ),
});

export const describeConfigs = defineApi({
  key: 32,
  name: "DescribeConfigs",
  versions: [1, 4],
  flexibleFrom: 4,
  request,
  response,
  handle({ resources, includeSynonyms, includeDocumentation }, { broker }) {
    return {
      throttleTimeMs: 0,
      results: resources.map(({ resourceType, resourceName, configurationKeys }) => {
        const resource = { resourceType, resourceName };
        try {
          const entries = describe(broker, resourceType, resourceName);
          const wanted = entries.filter(({ name }) => configurationKeys?.includes(name) ?? true);
          const configs = wanted.map((entry) => toResponse(entry, includeSynonyms, includeDocumentation));
          return { ...resource, errorCode: ErrorCode.NONE, errorMessage: null, configs };
        } catch (error) {
          return { ...resource, ...toRefusal(error, broker), configs: [] };
        }
      }),
    };
  },
});

function describe(broker: Broker, resourceType: number, name: string): ConfigEntry[] {
  if (resourceType === ConfigResource.TOPIC) {
    const topic = broker.topics.get(name);
    if (!topic) throw unknownTopic(name);
    return describeTopicConfigs(topic);
  }
  if (resourceType === ConfigResource.BROKER) {
    checkBrokerName(broker, name);
    // The empty name stands for defaults set for all brokers at run time: there are none.
    return name === "" ? [] : describeBrokerConfigs(broker);
  }
  throw unknownResourceType(resourceType);
}

function toResponse(
  entry: ConfigEntry,
  withSynonyms: boolean,
  withDocumentation: boolean,
): Infer<typeof entryResponse> {
  const { name, value, readOnly, source, type, documentation } = entry;
  return {
    name,
    value,
    readOnly,
    configSource: source,
    isSensitive: false,
    synonyms: withSynonyms ? [{ name, value, source }] : [],
    configType: type,
    documentation: withDocumentation ? documentation : null,
  };
}
