// The replica of the metadata log on this node, as handlers ask it: what other replicas want of it, and changes of the voters.
import type { FetchRequest, FetchResponse } from '../protocol/messages/01-fetch.ts';
import type { VoteRequest, VoteResponse } from '../protocol/messages/52-vote.ts';
import type { BeginQuorumEpochRequest, BeginQuorumEpochResponse } from '../protocol/messages/53-begin-quorum-epoch.ts';
import type { EndQuorumEpochRequest, EndQuorumEpochResponse } from '../protocol/messages/54-end-quorum-epoch.ts';
import type { FetchSnapshotRequest, FetchSnapshotResponse } from '../protocol/messages/59-fetch-snapshot.ts';
import type { AddRaftVoterRequest, AddRaftVoterResponse } from '../protocol/messages/80-add-raft-voter.ts';
import type { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from '../protocol/messages/81-remove-raft-voter.ts';
import type { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from '../protocol/messages/82-update-raft-voter.ts';
import type { Permission } from './permission.ts';

/** Each rejects with KafkaError BROKER_NOT_AVAILABLE when this node cannot promise anything: it closes, or its disk refuses. */
export interface MetadataReplica {
  /** Waits for news as long as the request allows. */
  fetch(request: FetchRequest): Promise<FetchResponse>;
  vote(request: VoteRequest): Promise<VoteResponse>;
  beginQuorumEpoch(request: BeginQuorumEpochRequest): Promise<BeginQuorumEpochResponse>;
  endQuorumEpoch(request: EndQuorumEpochRequest): Promise<EndQuorumEpochResponse>;
  fetchSnapshot(request: FetchSnapshotRequest): Promise<FetchSnapshotResponse>;
  /** Where this node does not lead, NOT_LEADER_OR_FOLLOWER is the answer. */
  addRaftVoter(request: AddRaftVoterRequest): Promise<AddRaftVoterResponse>;
  removeRaftVoter(request: RemoveRaftVoterRequest): Promise<RemoveRaftVoterResponse>;
  updateRaftVoter(request: UpdateRaftVoterRequest): Promise<UpdateRaftVoterResponse>;
}

/** What replicas ask of each other takes this (Kafka: ControllerApis). */
export const BETWEEN_NODES: readonly (Permission & { readonly at: readonly never[] })[] = [
  { operation: 'CLUSTER_ACTION', resource: 'CLUSTER', at: [], asked: 'before', denied: 'CLUSTER_AUTHORIZATION_FAILED' },
];

/** Versions before `since` have no place for where leaders are (KIP-853; Kafka: RaftUtil). */
export function toldIn<R extends { readonly nodeEndpoints?: readonly unknown[] | undefined }>(
  apiVersion: number,
  since: number,
  answer: R,
): R {
  return apiVersion >= since ? answer : { ...answer, nodeEndpoints: [] };
}
