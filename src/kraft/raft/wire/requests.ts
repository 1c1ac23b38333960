// Requests of peers and tools as the core takes them, and its answers as responses of the protocol. What concerns the layout alone
// is refused here: another cluster, another partition (Kafka: RaftUtil, validateVoterOnlyRequest).
import { Errors, METADATA_TOPIC, METADATA_TOPIC_ID, ZERO_UUID } from '../../../protocol/index.ts';
import type { FetchRequest, FetchResponse } from '../../../protocol/messages/01-fetch.ts';
import type { VoteRequest, VoteResponse } from '../../../protocol/messages/52-vote.ts';
import type {
  BeginQuorumEpochRequest,
  BeginQuorumEpochResponse,
} from '../../../protocol/messages/53-begin-quorum-epoch.ts';
import type { EndQuorumEpochRequest, EndQuorumEpochResponse } from '../../../protocol/messages/54-end-quorum-epoch.ts';
import type { FetchSnapshotRequest, FetchSnapshotResponse } from '../../../protocol/messages/59-fetch-snapshot.ts';
import type { AddRaftVoterRequest, AddRaftVoterResponse } from '../../../protocol/messages/80-add-raft-voter.ts';
import type {
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponse,
} from '../../../protocol/messages/81-remove-raft-voter.ts';
import type {
  UpdateRaftVoterRequest,
  UpdateRaftVoterResponse,
} from '../../../protocol/messages/82-update-raft-voter.ts';
import type {
  EpochAnswer,
  FetchAnswer,
  LeaderAnswer,
  PeerAnswer,
  PeerAsk,
  SnapshotAnswer,
  VoteAnswer,
} from '../peer-messages.ts';
import type { ChangeResult } from '../raft-effects.ts';

/** The side of Raft that answers. */
export interface QuorumDesk {
  readonly clusterId: string;
  /** The answer when there is one: a fetch may wait for news, until `over` if it is given. */
  answer(ask: PeerAsk): Promise<PeerAnswer>;
  /** Changes the voters; resolves when that has ended, one way or the other. */
  change(ask: PeerAsk): Promise<Pick<ChangeResult, 'errorCode' | 'errorMessage'>>;
  readonly leader: {
    readonly epoch: number;
    readonly leaderId: number | undefined;
    readonly host: string;
    readonly port: number;
  };
}

const PARTITION = 0;
/** What int64 fields are read as at most: a follower that does not tell its high watermark (KIP-1166). */
const UNTOLD = Number.MAX_SAFE_INTEGER;

export class QuorumRequests {
  readonly #desk: QuorumDesk;

  constructor(desk: QuorumDesk) {
    this.#desk = desk;
  }

  async vote(request: VoteRequest): Promise<VoteResponse> {
    const refused = (errorCode: number): VoteResponse => ({ errorCode, topics: [], nodeEndpoints: [] });
    if (this.#isForeign(request.clusterId)) return refused(Errors.INCONSISTENT_CLUSTER_ID);
    const partition = onlyPartition(request.topics, ({ topicName, partitions }) => [topicName, partitions]);
    if (partition === undefined || partition.partitionIndex !== PARTITION) return refused(Errors.INVALID_REQUEST);
    const answer = (await this.#desk.answer({
      kind: 'vote',
      epoch: partition.replicaEpoch,
      candidate: { id: partition.replicaId, directoryId: partition.replicaDirectoryId },
      voter: { id: request.voterId, directoryId: partition.voterDirectoryId },
      lastEpoch: partition.lastOffsetEpoch,
      endOffset: partition.lastOffset,
      isPreVote: partition.preVote,
    })) as VoteAnswer;
    // What is malformed is refused as a whole, as Kafka does.
    if (answer.errorCode === Errors.INVALID_REQUEST) return refused(answer.errorCode);
    const told = { partitionIndex: PARTITION, ...leaderOf(answer), voteGranted: answer.isGranted };
    return {
      errorCode: Errors.NONE,
      topics: [{ topicName: METADATA_TOPIC, partitions: [told] }],
      nodeEndpoints: nodesOf(answer),
    };
  }

  async beginQuorumEpoch(request: BeginQuorumEpochRequest): Promise<BeginQuorumEpochResponse> {
    if (this.#isForeign(request.clusterId)) return wholeRefusal(Errors.INCONSISTENT_CLUSTER_ID);
    const partition = onlyPartition(request.topics, ({ topicName, partitions }) => [topicName, partitions]);
    if (partition === undefined || partition.partitionIndex !== PARTITION) return wholeRefusal(Errors.INVALID_REQUEST);
    const answer = await this.#desk.answer({
      kind: 'begin epoch',
      epoch: partition.leaderEpoch,
      leaderId: partition.leaderId,
      voter: { id: request.voterId, directoryId: partition.voterDirectoryId },
      endpoints: request.leaderEndpoints,
    });
    return epochResponse(answer as EpochAnswer);
  }

  async endQuorumEpoch(request: EndQuorumEpochRequest): Promise<EndQuorumEpochResponse> {
    if (this.#isForeign(request.clusterId)) return wholeRefusal(Errors.INCONSISTENT_CLUSTER_ID);
    const partition = onlyPartition(request.topics, ({ topicName, partitions }) => [topicName, partitions]);
    if (partition === undefined || partition.partitionIndex !== PARTITION) return wholeRefusal(Errors.INVALID_REQUEST);
    const { preferredCandidates, preferredSuccessors } = partition;
    const successors = preferredSuccessors.map((id) => ({ id, directoryId: ZERO_UUID }));
    const candidates = preferredCandidates.map(({ candidateId: id, candidateDirectoryId: directoryId }) => ({
      id,
      directoryId,
    }));
    const answer = await this.#desk.answer({
      kind: 'end epoch',
      epoch: partition.leaderEpoch,
      leaderId: partition.leaderId,
      preferred: candidates.length > 0 ? candidates : successors,
      endpoints: request.leaderEndpoints,
    });
    return epochResponse(answer as EpochAnswer);
  }

  /** Waits for news up to the request's max wait. */
  async fetch(request: FetchRequest): Promise<FetchResponse> {
    const refused = (errorCode: number): FetchResponse => ({ errorCode, sessionId: 0, responses: [] });
    if (this.#isForeign(request.clusterId)) return refused(Errors.INCONSISTENT_CLUSTER_ID);
    const partition = onlyPartition(request.topics, ({ topic, topicId, partitions }) => {
      return [topicId === METADATA_TOPIC_ID ? METADATA_TOPIC : topic, partitions];
    });
    if (partition === undefined || partition.partition !== PARTITION) return refused(Errors.INVALID_REQUEST);
    const replicaId = request.replicaState.replicaId >= 0 ? request.replicaState.replicaId : request.replicaId;
    const { highWatermark } = partition;
    const answer = await this.#desk.answer({
      kind: 'fetch',
      epoch: partition.currentLeaderEpoch,
      replica: { id: replicaId, directoryId: partition.replicaDirectoryId },
      fetchOffset: partition.fetchOffset,
      lastFetchedEpoch: partition.lastFetchedEpoch,
      highWatermark: Number(highWatermark) >= UNTOLD ? undefined : highWatermark,
      maxWaitMs: request.maxWaitMs,
      maxBytes: Math.min(request.maxBytes, partition.partitionMaxBytes),
    });
    return fetchResponse(answer as FetchAnswer);
  }

  async fetchSnapshot(request: FetchSnapshotRequest): Promise<FetchSnapshotResponse> {
    if (this.#isForeign(request.clusterId)) return wholeRefusal(Errors.INCONSISTENT_CLUSTER_ID);
    const partition = onlyPartition(request.topics, ({ name, partitions }) => [name, partitions]);
    if (partition === undefined || partition.partition !== PARTITION)
      return wholeRefusal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    // That one comes from formatting, and is nobody's state: Kafka has no answer to this.
    if (partition.snapshotId.endOffset === 0) return wholeRefusal(Errors.UNKNOWN_SERVER_ERROR);
    const answer = (await this.#desk.answer({
      kind: 'fetch snapshot',
      epoch: partition.currentLeaderEpoch,
      replica: { id: request.replicaId, directoryId: partition.replicaDirectoryId },
      snapshotId: partition.snapshotId,
      position: partition.position,
      maxBytes: request.maxBytes,
    })) as SnapshotAnswer;
    const { errorCode, leaderId, leaderEpoch } = leaderOf(answer);
    const told = {
      index: PARTITION,
      errorCode,
      snapshotId: answer.snapshotId,
      currentLeader: { leaderId, leaderEpoch },
      size: answer.sizeInBytes,
      position: answer.position,
      unalignedRecords: answer.bytes,
    };
    const topics = [{ name: METADATA_TOPIC, partitions: [told] }];
    return { errorCode: Errors.NONE, topics, nodeEndpoints: nodesOf(answer) };
  }

  async addRaftVoter(request: AddRaftVoterRequest): Promise<AddRaftVoterResponse> {
    if (this.#isForeign(request.clusterId)) return this.#foreign(request.clusterId);
    const { voterId: id, voterDirectoryId: directoryId, listeners: endpoints, timeoutMs, ackWhenCommitted } = request;
    if (id < 0 || endpoints.length === 0)
      return { errorCode: Errors.INVALID_REQUEST, errorMessage: addRefusal(request) };
    return this.#desk.change({ kind: 'add voter', voter: { id, directoryId }, endpoints, timeoutMs, ackWhenCommitted });
  }

  async removeRaftVoter(request: RemoveRaftVoterRequest): Promise<RemoveRaftVoterResponse> {
    if (this.#isForeign(request.clusterId)) return this.#foreign(request.clusterId);
    const { voterId: id, voterDirectoryId: directoryId } = request;
    if (id < 0)
      return { errorCode: Errors.INVALID_REQUEST, errorMessage: "Remove voter request didn't include a valid voter" };
    return this.#desk.change({ kind: 'remove voter', voter: { id, directoryId } });
  }

  async updateRaftVoter(request: UpdateRaftVoterRequest): Promise<UpdateRaftVoterResponse> {
    const respond = (errorCode: number): UpdateRaftVoterResponse => {
      const { epoch: leaderEpoch, leaderId = -1, host, port } = this.#desk.leader;
      return { errorCode, currentLeader: { leaderId, leaderEpoch, host, port } };
    };
    if (this.#isForeign(request.clusterId)) return respond(Errors.INCONSISTENT_CLUSTER_ID);
    const { voterId: id, voterDirectoryId: directoryId, listeners: endpoints, kRaftVersionFeature } = request;
    const { minSupportedVersion: minKraftVersion, maxSupportedVersion: maxKraftVersion } = kRaftVersionFeature;
    const voter = { id, directoryId };
    const epoch = request.currentLeaderEpoch;
    const ask = { kind: 'update voter', epoch, voter, endpoints, minKraftVersion, maxKraftVersion } as const;
    return respond((await this.#desk.change(ask)).errorCode);
  }

  /** A request without a cluster id is meant for whoever hears it. */
  #isForeign(clusterId: string | null): boolean {
    return clusterId !== null && clusterId !== this.#desk.clusterId;
  }

  #foreign(clusterId: string | null) {
    const errorMessage = `The given id "${clusterId}" doesn't match the cluster id "${this.#desk.clusterId}"`;
    return { errorCode: Errors.INCONSISTENT_CLUSTER_ID, errorMessage };
  }
}

function addRefusal({ voterId }: AddRaftVoterRequest): string {
  return voterId < 0
    ? "Add voter request didn't include a valid voter"
    : "Add voter request didn't include the default listener";
}

/** The one partition of the one topic, which has to be that of the metadata. */
function onlyPartition<T, P>(topics: readonly T[], look: (topic: T) => readonly [string, readonly P[]]): P | undefined {
  if (topics.length !== 1) return undefined;
  const [name, partitions] = look(topics[0] as T);
  return name === METADATA_TOPIC && partitions.length === 1 ? partitions[0] : undefined;
}

const wholeRefusal = (errorCode: number) => ({ errorCode, topics: [], nodeEndpoints: [] });

const leaderOf = ({ errorCode, leaderId = -1, epoch: leaderEpoch }: LeaderAnswer) => ({
  errorCode,
  leaderId,
  leaderEpoch,
});

function nodesOf({ leaderId, leaderAddress }: LeaderAnswer) {
  return leaderId === undefined || leaderAddress === undefined
    ? []
    : [{ nodeId: leaderId, ...hostPort(leaderAddress) }];
}

const hostPort = ({ host, port }: { host: string; port: number }) => ({ host, port });

function epochResponse(answer: EpochAnswer): BeginQuorumEpochResponse {
  if (answer.errorCode === Errors.INVALID_REQUEST) return wholeRefusal(answer.errorCode);
  const told = { partitionIndex: PARTITION, ...leaderOf(answer) };
  return {
    errorCode: Errors.NONE,
    topics: [{ topicName: METADATA_TOPIC, partitions: [told] }],
    nodeEndpoints: nodesOf(answer),
  };
}

function fetchResponse(answer: FetchAnswer): FetchResponse {
  const { errorCode, leaderId, leaderEpoch } = leaderOf(answer);
  const told = {
    partitionIndex: PARTITION,
    errorCode,
    highWatermark: answer.highWatermark ?? -1,
    logStartOffset: answer.logStartOffset,
    currentLeader: { leaderId, leaderEpoch },
    abortedTransactions: [],
    records: answer.records,
    ...(answer.diverging !== undefined && { divergingEpoch: answer.diverging }),
    ...(answer.snapshotId !== undefined && { snapshotId: idOf(answer.snapshotId) }),
  };
  return {
    errorCode: Errors.NONE,
    sessionId: 0,
    responses: [{ topic: METADATA_TOPIC, topicId: METADATA_TOPIC_ID, partitions: [told] }],
    nodeEndpoints: nodesOf(answer),
  };
}

const idOf = ({ endOffset, epoch }: { endOffset: number; epoch: number }) => ({ endOffset, epoch });
