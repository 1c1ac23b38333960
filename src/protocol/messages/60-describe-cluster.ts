// DescribeCluster, versions 0 to 2, flexible. Brokers or controllers of the cluster (KIP-700).
//   v1 brokers or controllers (KIP-919) · v2 fenced brokers (KIP-1073)
import { api, array, bool, int32, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs } from './fields.ts';

export const DescribeCluster = api({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 2],
  flexible: 0,
  request: {
    includeClusterAuthorizedOperations: bool,
    endpointType: int8.since(1).default(1).doc('1 brokers, 2 controllers.'),
    includeFencedBrokers: bool.since(2),
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable().default(null),
    endpointType: int8.since(1).default(1).doc('1 brokers, 2 controllers.'),
    clusterId: string,
    controllerId: brokerId.default(-1),
    brokers: array({
      brokerId: brokerId.mapKey(),
      host: string,
      port: int32,
      rack: string.nullable().default(null),
      isFenced: bool.since(2),
    }),
    clusterAuthorizedOperations: int32
      .default(-0x8000_0000)
      .doc('Bits by operation code; the lowest int32 when not asked for.'),
  },
});
export interface DescribeClusterRequest extends RequestOf<typeof DescribeCluster> {}
export interface DescribeClusterResponse extends ResponseOf<typeof DescribeCluster> {}
