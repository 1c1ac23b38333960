// The quorum that keeps the metadata (KIP-595, KIP-853), seen from outside.
import { type DecodedResponseOf, Errors, KafkaError, METADATA_TOPIC, ZERO_UUID } from '../../protocol/index.ts';
import { DescribeQuorum } from '../../protocol/messages/55-describe-quorum.ts';
import { AddRaftVoter } from '../../protocol/messages/80-add-raft-voter.ts';
import { RemoveRaftVoter } from '../../protocol/messages/81-remove-raft-voter.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { throwIfFailed } from './outcomes.ts';

export interface QuorumReplica {
  readonly replicaId: number;
  /** undefined: the cluster is older than Kafka 3.9. */
  readonly directoryId: string | undefined;
  readonly logEndOffset: number;
  /** On the leader's clock, milliseconds since 1970. */
  readonly lastFetchTimestamp: number | undefined;
  readonly lastCaughtUpTimestamp: number | undefined;
}

export interface QuorumEndpoint {
  readonly listener: string;
  readonly host: string;
  readonly port: number;
}

export interface QuorumDescription {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
  /** Of the voters, from Kafka 3.9 on. */
  readonly nodes: ReadonlyMap<number, readonly QuorumEndpoint[]>;
}

/** Rejects with KafkaError. */
export function describeMetadataQuorum(asking: Asking): Promise<QuorumDescription> {
  const topics = [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }];
  return asking.retrying(async () => {
    const answer = await asking.any(DescribeQuorum, { topics });
    throwIfFailed(answer.errorCode, answer.errorMessage);
    const partition = answer.topics[0]?.partitions[0];
    if (partition === undefined) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, 'the answer tells of no quorum');
    throwIfFailed(partition.errorCode, partition.errorMessage);
    const { leaderId, leaderEpoch, highWatermark, currentVoters, observers } = partition;
    return {
      leaderId,
      leaderEpoch,
      highWatermark,
      voters: currentVoters.map(replicaOf),
      observers: observers.map(replicaOf),
      nodes: new Map(
        answer.nodes.map(({ nodeId, listeners }) => [
          nodeId,
          listeners.map(({ name, host, port }) => ({ listener: name, host, port })),
        ]),
      ),
    };
  });
}

type AnsweredReplica = DecodedResponseOf<
  typeof DescribeQuorum
>['topics'][number]['partitions'][number]['observers'][number];

function replicaOf(one: AnsweredReplica): QuorumReplica {
  return {
    replicaId: one.replicaId,
    directoryId: one.replicaDirectoryId === ZERO_UUID ? undefined : one.replicaDirectoryId,
    logEndOffset: one.logEndOffset,
    lastFetchTimestamp: one.lastFetchTimestamp < 0 ? undefined : one.lastFetchTimestamp,
    lastCaughtUpTimestamp: one.lastCaughtUpTimestamp < 0 ? undefined : one.lastCaughtUpTimestamp,
  };
}

export interface RaftVoter {
  readonly voterId: number;
  /** Of the directory that is meant. */
  readonly directoryId: string;
}

export interface RaftVoterOptions extends CallOptions {
  /** Refused unless this is the cluster's id. */
  readonly clusterId?: string;
}

/** Rejects with KafkaError. */
export async function addRaftVoter(
  asking: Asking,
  { voterId, directoryId }: RaftVoter,
  endpoints: readonly QuorumEndpoint[],
  { clusterId }: RaftVoterOptions,
): Promise<void> {
  const answer = await asking.controller(
    AddRaftVoter,
    () => ({
      clusterId: clusterId ?? null,
      timeoutMs: asking.requestTimeoutMs,
      voterId,
      voterDirectoryId: directoryId,
      listeners: endpoints.map(({ listener, host, port }) => ({ name: listener, host, port })),
    }),
    ({ errorCode }) => [errorCode],
  );
  throwIfFailed(answer.errorCode, answer.errorMessage);
}

/** Rejects with KafkaError. */
export async function removeRaftVoter(
  asking: Asking,
  { voterId, directoryId }: RaftVoter,
  { clusterId }: RaftVoterOptions,
): Promise<void> {
  const answer = await asking.controller(
    RemoveRaftVoter,
    { clusterId: clusterId ?? null, voterId, voterDirectoryId: directoryId },
    ({ errorCode }) => [errorCode],
  );
  throwIfFailed(answer.errorCode, answer.errorMessage);
}
