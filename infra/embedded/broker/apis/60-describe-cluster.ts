import {
  array,
  boolean,
  int8,
  int16,
  int32,
  nullableString,
  since,
  string,
  struct,
} from "../../wire/schema.ts";
import { defineApi } from "../define-api.ts";
import { ErrorCode } from "../errors.ts";

/*
 * 60 DescribeCluster: the cluster's id and its one broker, which is also the controller. Flexible from the start.
 * v1 adds the kind of endpoint: brokers (1); controllers (2) have none of their own here.
 */
const BROKERS = 1;
const OPERATIONS_UNKNOWN = -2_147_483_648;

const request = struct({
  includeClusterAuthorizedOperations: boolean,
  endpointType: since(1, int8, BROKERS),
});

const response = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: nullableString,
  endpointType: since(1, int8, BROKERS),
  clusterId: string,
  controllerId: int32,
  brokers: array(struct({ brokerId: int32, host: string, port: int32, rack: nullableString })),
  clusterAuthorizedOperations: int32,
});

export const describeCluster = defineApi({
  key: 60,
  name: "DescribeCluster",
  versions: [0, 1],
  flexibleFrom: 0,
  request,
  response,
  handle({ endpointType }, { broker: { clusterId, nodeId, host, port } }) {
    const known = endpointType === BROKERS;
    return {
      throttleTimeMs: 0,
      errorCode: known ? ErrorCode.NONE : ErrorCode.MISMATCHED_ENDPOINT_TYPE,
      errorMessage: known ? null : `Expected endpoint type ${BROKERS} (brokers), got ${endpointType}`,
      endpointType,
      clusterId,
      controllerId: known ? nodeId : -1,
      brokers: known ? [{ brokerId: nodeId, host, port, rack: null }] : [],
      clusterAuthorizedOperations: OPERATIONS_UNKNOWN,
    };
  },
});
