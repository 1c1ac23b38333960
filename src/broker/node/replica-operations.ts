// What the controller of this node is asked about the metadata quorum itself: Raft answers, and the controller that decides on topics is
// not asked.
import type { QuorumState } from '../../api-handlers/index.ts';
import type { QuorumInfo, QuorumRequests } from '../../kraft/raft/index.ts';
import type { DescribeQuorumRequest } from '../../protocol/messages/55-describe-quorum.ts';
import type { AddRaftVoterRequest } from '../../protocol/messages/80-add-raft-voter.ts';
import type { RemoveRaftVoterRequest } from '../../protocol/messages/81-remove-raft-voter.ts';

type Operation = (request: never, apiVersion: number) => Promise<object>;

/** By API key; undefined: that is no affair of Raft's. */
export type ReplicaOperations = (key: number) => Operation | undefined;

/** RaftDriver. */
interface QuorumSource {
  readonly quorumInfo: QuorumInfo;
  readonly requests: Promise<QuorumRequests>;
}

export function replicaOperations(raft: QuorumSource): ReplicaOperations {
  const operations: Readonly<Record<number, Operation>> = {
    55: async (request: DescribeQuorumRequest, apiVersion) => {
      const { quorumAnswer } = await import('../../api-handlers/55-describe-quorum.ts');
      return quorumAnswer(request, apiVersion, quorumState(raft));
    },
    80: async (request: AddRaftVoterRequest) => (await raft.requests).addRaftVoter(request),
    81: async (request: RemoveRaftVoterRequest) => (await raft.requests).removeRaftVoter(request),
  };
  return (key) => operations[key];
}

/** The quorum as DescribeQuorum tells it. */
export function quorumState({ quorumInfo: info }: QuorumSource): QuorumState {
  const told = ({ id, directoryId, ...progress }: QuorumInfo['replicas'][number]) => {
    return { replicaId: id, replicaDirectoryId: directoryId, ...progress };
  };
  const nodes = info.voters.map(({ id, endpoints }) => ({ nodeId: id, listeners: endpoints }));
  return {
    leads: info.leads,
    leaderId: info.leaderId,
    leaderEpoch: info.leaderEpoch,
    highWatermark: info.highWatermark,
    voters: info.replicas.map(told),
    observers: info.observers.map(told),
    nodes,
  };
}
