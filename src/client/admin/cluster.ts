// The cluster as a whole: its id, its nodes, who leads them.
import { type AclOperationName, Errors, KafkaError } from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { DescribeCluster } from '../../protocol/messages/60-describe-cluster.ts';
import { UnregisterBroker } from '../../protocol/messages/64-unregister-broker.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { authorizedOperations } from './authorized-operations.ts';
import type { ClusterNode } from './nodes.ts';
import { throwIfFailed } from './outcomes.ts';

export interface DescribeClusterOptions extends CallOptions {
  readonly includeAuthorizedOperations?: boolean;
  /** Also those that are registered and not taking part (KIP-1073), from Kafka 4.0 on. */
  readonly includeFencedBrokers?: boolean;
}

export interface DescribedNode extends ClusterNode {
  readonly isFenced: boolean;
}

export interface ClusterDescription {
  readonly clusterId: string | undefined;
  /** With KRaft whichever broker is alive, when brokers are asked. */
  readonly controllerId: number | undefined;
  readonly nodes: readonly DescribedNode[];
  readonly authorizedOperations: readonly AclOperationName[] | undefined;
}

const BROKERS = 1;
const CONTROLLERS = 2;

/** Rejects with KafkaError. */
export function describeCluster(asking: Asking, how: DescribeClusterOptions): Promise<ClusterDescription> {
  const { includeAuthorizedOperations = false, includeFencedBrokers = false } = how;
  return asking.retrying(async () => {
    try {
      const { isOfControllers } = asking.nodes;
      const answer = await asking.any(DescribeCluster, {
        includeClusterAuthorizedOperations: includeAuthorizedOperations,
        includeFencedBrokers,
        endpointType: isOfControllers ? CONTROLLERS : BROKERS,
      });
      throwIfFailed(answer.errorCode, answer.errorMessage);
      const nodes = answer.brokers.map(({ brokerId, host, port, rack, isFenced }) => ({
        id: brokerId,
        host,
        port,
        rack: rack ?? undefined,
        isFenced,
      }));
      const operations = authorizedOperations(answer.clusterAuthorizedOperations);
      return described(answer.clusterId, answer.controllerId, nodes, operations);
    } catch (error) {
      const isTooOld = error instanceof KafkaError && error.code === Errors.UNSUPPORTED_VERSION;
      if (!isTooOld || asking.nodes.isOfControllers || includeFencedBrokers) throw error;
    }
    return byMetadata(asking, includeAuthorizedOperations);
  });
}

/** KIP-430. */
const OPERATIONS_SINCE = 8;

/** Of brokers before 2.8 (KIP-700). */
async function byMetadata(asking: Asking, withOperations: boolean): Promise<ClusterDescription> {
  const answer = await asking.any(Metadata, (version) => ({
    topics: [],
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: withOperations && version >= OPERATIONS_SINCE,
  }));
  const nodes = answer.brokers.map(({ nodeId, host, port, rack }) => ({
    id: nodeId,
    host,
    port,
    rack: rack ?? undefined,
    isFenced: false,
  }));
  const operations = authorizedOperations(answer.clusterAuthorizedOperations);
  return described(answer.clusterId, answer.controllerId, nodes, operations);
}

function described(
  clusterId: string | null,
  controllerId: number,
  nodes: readonly DescribedNode[],
  operations: readonly AclOperationName[] | undefined,
): ClusterDescription {
  return {
    clusterId: clusterId ?? undefined,
    controllerId: controllerId < 0 ? undefined : controllerId,
    nodes,
    authorizedOperations: operations,
  };
}

/** Takes a broker that has gone for good out of the metadata. Rejects with KafkaError. */
export async function unregisterBroker(asking: Asking, brokerId: number): Promise<void> {
  await asking.retrying(async () => {
    const { errorCode, errorMessage } = await asking.any(UnregisterBroker, { brokerId });
    throwIfFailed(errorCode, errorMessage);
  });
}
