// Metadata, versions 0 to 13. Brokers, topics, partitions and who leads them: the first thing any client asks.
//   v1 controller, racks, null for all topics · v2 cluster id (KIP-78)
//   v4 topics are created only if the client wants it · v5 offline replicas (KIP-112) · v7 leader epoch (KIP-320)
//   v8 authorized operations (KIP-430) · v9 flexible · v10 topic ids in the answer (KIP-516)
//   v11 operations of the cluster move to DescribeCluster (KIP-700) · v12 topics asked for by id
//   v13 an error for the whole answer (KIP-1102)
import { api, array, bool, int32, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { brokerId, errorCode, throttleTimeMs, topicName } from './fields.ts';

export const Metadata = api({
  key: 3,
  name: 'Metadata',
  versions: [0, 13],
  flexible: 9,
  request: {
    topics: array({ topicId: uuid.since(10).ignorable(), name: topicName.nullable(10) })
      .nullable(1)
      .doc('null: all topics; in version 0 an empty list means all.'),
    allowAutoTopicCreation: bool.since(4).default(true).doc('Has effect only where auto.create.topics.enable is set.'),
    includeClusterAuthorizedOperations: bool.since(8).until(10),
    includeTopicAuthorizedOperations: bool.since(8),
  },
  response: {
    throttleTimeMs: throttleTimeMs.since(3).ignorable(),
    brokers: array({
      nodeId: brokerId.mapKey(),
      host: string,
      port: int32,
      rack: string.since(1).nullable().default(null).ignorable(),
    }),
    clusterId: string.since(2).nullable().default(null).ignorable(),
    controllerId: brokerId.since(1).default(-1).ignorable(),
    topics: array({
      errorCode,
      name: topicName.nullable(12).mapKey(),
      topicId: uuid.since(10).ignorable(),
      isInternal: bool.since(1).default(false).ignorable(),
      partitions: array({
        errorCode,
        partitionIndex: int32,
        leaderId: brokerId,
        leaderEpoch: int32.since(7).default(-1).ignorable(),
        replicaNodes: array(brokerId),
        isrNodes: array(brokerId),
        offlineReplicas: array(brokerId).since(5).ignorable().doc('On brokers that are down or in lost directories.'),
      }),
      topicAuthorizedOperations: int32
        .since(8)
        .default(-0x8000_0000)
        .doc('Bits by operation code; the lowest int32 when not asked for.'),
    }),
    clusterAuthorizedOperations: int32
      .since(8)
      .until(10)
      .default(-0x8000_0000)
      .doc('Bits by operation code; the lowest int32 when not asked for.'),
    errorCode: errorCode.since(13).ignorable(),
  },
});
export interface MetadataRequest extends RequestOf<typeof Metadata> {}
export interface MetadataResponse extends ResponseOf<typeof Metadata> {}
