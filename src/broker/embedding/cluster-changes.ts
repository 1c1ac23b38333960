// What a cluster in one process has its controller do to a partition, asked by one of its nodes.
import { ElectLeaders } from '../../protocol/messages/43-elect-leaders.ts';
import { AlterPartitionReassignments } from '../../protocol/messages/45-alter-partition-reassignments.ts';
import { errorName, Errors } from '../../protocol/index.ts';
import type { BrokerNode } from '../node/broker-node.ts';

const ADMIN_TIMEOUT_MS = 30_000;
const PREFERRED = 0;

/** Rejects with an Error for what the controller refuses. */
export async function reassign(
  { controller }: BrokerNode,
  topic: string,
  partition: number,
  replicas: readonly number[],
): Promise<void> {
  const { errorCode, errorMessage, responses } = await controller.send(AlterPartitionReassignments, {
    timeoutMs: ADMIN_TIMEOUT_MS,
    allowReplicationFactorChange: true,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, replicas: [...replicas] }] }],
  });
  const refused = [{ errorCode, errorMessage }, ...responses.flatMap(({ partitions }) => partitions)].find(
    (one) => (one.errorCode ?? Errors.NONE) !== Errors.NONE,
  );
  if (refused === undefined) return;
  throw new Error(
    `${topic}-${partition} cannot be moved: ${refused.errorMessage ?? errorName(refused.errorCode ?? -1)}`,
  );
}

export async function elect({ controller }: BrokerNode, topic: string, partition: number): Promise<void> {
  await controller.send(ElectLeaders, {
    electionType: PREFERRED,
    topicPartitions: [{ topic, partitions: [partition] }],
    timeoutMs: ADMIN_TIMEOUT_MS,
  });
}
