// What we ask of peers, as requests of the protocol, and their responses as the core takes them.
import {
  type Channel,
  DecodeError,
  type DecodedResponseOf,
  Errors,
  METADATA_TOPIC,
  METADATA_TOPIC_ID,
} from '../../../protocol/index.ts';
import { Fetch } from '../../../protocol/messages/01-fetch.ts';
import { ApiVersions } from '../../../protocol/messages/18-api-versions.ts';
import { Vote } from '../../../protocol/messages/52-vote.ts';
import { BeginQuorumEpoch } from '../../../protocol/messages/53-begin-quorum-epoch.ts';
import { EndQuorumEpoch } from '../../../protocol/messages/54-end-quorum-epoch.ts';
import { FetchSnapshot } from '../../../protocol/messages/59-fetch-snapshot.ts';
import { AddRaftVoter } from '../../../protocol/messages/80-add-raft-voter.ts';
import { RemoveRaftVoter } from '../../../protocol/messages/81-remove-raft-voter.ts';
import { UpdateRaftVoter } from '../../../protocol/messages/82-update-raft-voter.ts';
import type {
  BeginEpochAsk,
  EndEpochAsk,
  FetchAnswer,
  FetchAsk,
  PeerAnswer,
  PeerAsk,
  SnapshotAnswer,
  SnapshotAsk,
  UpdateVoterAsk,
  VoteAnswer,
  VoteAsk,
} from '../peer-messages.ts';
import type { PeerAddress } from '../quorum-peers.ts';

/** Partition 0 is the only one. */
const PARTITION = 0;
const KRAFT_VERSION = 'kraft.version';
const NO_BYTES = Buffer.alloc(0);

/** The answer, as the core takes it. Rejects with ChannelError, EncodeError, DecodeError. */
export function askPeer(channel: Channel, ask: PeerAsk, clusterId: string): Promise<PeerAnswer> {
  switch (ask.kind) {
    case 'vote':
      return askVote(channel, ask, clusterId);
    case 'begin epoch':
      return askBeginEpoch(channel, ask, clusterId);
    case 'end epoch':
      return askEndEpoch(channel, ask, clusterId);
    case 'fetch':
      return askFetch(channel, ask, clusterId);
    case 'fetch snapshot':
      return askSnapshot(channel, ask, clusterId);
    case 'update voter':
      return askUpdateVoter(channel, ask, clusterId);
    case 'add voter': {
      const { voter, endpoints: listeners, timeoutMs, ackWhenCommitted } = ask;
      const named = { clusterId, voterId: voter.id, voterDirectoryId: voter.directoryId };
      const request = { ...named, timeoutMs, listeners: listeners.map(bare), ackWhenCommitted };
      return channel
        .ask(AddRaftVoter, request)
        .then(({ errorCode, errorMessage }) => ({ kind: 'add voter', errorCode, errorMessage }));
    }
    case 'remove voter': {
      const request = { clusterId, voterId: ask.voter.id, voterDirectoryId: ask.voter.directoryId };
      return channel
        .ask(RemoveRaftVoter, request)
        .then(({ errorCode, errorMessage }) => ({ kind: 'remove voter', errorCode, errorMessage }));
    }
    case 'levels':
      return askLevels(channel);
  }
}

const bare = ({ name, host, port }: { name: string; host: string; port: number }) => ({ name, host, port });

interface Leader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}
type NodeEndpoints = readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];

/** What a response says of the leader; an error of the whole answer counts for its partition. */
function toldOf(
  wholeError: number,
  partition: (Leader & { readonly errorCode: number }) | undefined,
  nodes: NodeEndpoints,
) {
  if (partition === undefined) {
    if (wholeError === Errors.NONE) throw new DecodeError('an answer without the partition that was asked for');
    return { errorCode: wholeError, epoch: -1, leaderId: undefined, leaderAddress: undefined };
  }
  const errorCode = wholeError === Errors.NONE ? partition.errorCode : wholeError;
  const leaderId = partition.leaderId < 0 ? undefined : partition.leaderId;
  return { errorCode, epoch: partition.leaderEpoch, leaderId, leaderAddress: addressOf(leaderId, nodes) };
}

function addressOf(leaderId: number | undefined, nodes: NodeEndpoints): PeerAddress | undefined {
  const node = nodes.find(({ nodeId }) => nodeId === leaderId);
  // Kafka names a leader of whom it knows no address with an empty one.
  return node === undefined || node.host === '' || node.port <= 0 ? undefined : { host: node.host, port: node.port };
}

async function askVote(channel: Channel, ask: VoteAsk, clusterId: string): Promise<VoteAnswer> {
  const {
    epoch: replicaEpoch,
    candidate,
    voter,
    lastEpoch: lastOffsetEpoch,
    endOffset: lastOffset,
    isPreVote: preVote,
  } = ask;
  const partition = {
    partitionIndex: PARTITION,
    replicaEpoch,
    replicaId: candidate.id,
    replicaDirectoryId: candidate.directoryId,
    voterDirectoryId: voter.directoryId,
    lastOffsetEpoch,
    lastOffset,
    preVote,
  };
  const topics = [{ topicName: METADATA_TOPIC, partitions: [partition] }];
  const answer = await channel.ask(Vote, { clusterId, voterId: voter.id, topics });
  const told = answer.topics[0]?.partitions[0];
  return {
    kind: 'vote',
    ...toldOf(answer.errorCode, told, answer.nodeEndpoints),
    isGranted: told?.voteGranted === true,
  };
}

async function askBeginEpoch(channel: Channel, ask: BeginEpochAsk, clusterId: string): Promise<PeerAnswer> {
  const { epoch: leaderEpoch, leaderId, voter, endpoints } = ask;
  const partition = { partitionIndex: PARTITION, voterDirectoryId: voter.directoryId, leaderId, leaderEpoch };
  const topics = [{ topicName: METADATA_TOPIC, partitions: [partition] }];
  const request = { clusterId, voterId: voter.id, topics, leaderEndpoints: endpoints.map(bare) };
  const answer = await channel.ask(BeginQuorumEpoch, request);
  return { kind: 'begin epoch', ...toldOf(answer.errorCode, answer.topics[0]?.partitions[0], answer.nodeEndpoints) };
}

async function askEndEpoch(channel: Channel, ask: EndEpochAsk, clusterId: string): Promise<PeerAnswer> {
  const { epoch: leaderEpoch, leaderId, preferred, endpoints } = ask;
  const partition = {
    partitionIndex: PARTITION,
    leaderId,
    leaderEpoch,
    preferredSuccessors: preferred.map(({ id }) => id),
    preferredCandidates: preferred.map(({ id, directoryId }) => ({
      candidateId: id,
      candidateDirectoryId: directoryId,
    })),
  };
  const topics = [{ topicName: METADATA_TOPIC, partitions: [partition] }];
  const answer = await channel.ask(EndQuorumEpoch, { clusterId, topics, leaderEndpoints: endpoints.map(bare) });
  return { kind: 'end epoch', ...toldOf(answer.errorCode, answer.topics[0]?.partitions[0], answer.nodeEndpoints) };
}

async function askFetch(channel: Channel, ask: FetchAsk, clusterId: string): Promise<FetchAnswer> {
  const { epoch: currentLeaderEpoch, replica, fetchOffset, lastFetchedEpoch, highWatermark, maxWaitMs, maxBytes } = ask;
  const partition = {
    partition: PARTITION,
    currentLeaderEpoch,
    fetchOffset,
    lastFetchedEpoch,
    partitionMaxBytes: maxBytes,
    replicaDirectoryId: replica.directoryId,
    ...(highWatermark !== undefined && { highWatermark }),
  };
  const request = {
    clusterId,
    replicaState: { replicaId: replica.id, replicaEpoch: -1 },
    maxWaitMs,
    minBytes: 0,
    maxBytes,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic: METADATA_TOPIC, topicId: METADATA_TOPIC_ID, partitions: [partition] }],
    forgottenTopicsData: [],
    rackId: '',
  };
  return fetchAnswerOf(await channel.ask(Fetch, request));
}

function fetchAnswerOf(answer: DecodedResponseOf<typeof Fetch>): FetchAnswer {
  const partition = answer.responses[0]?.partitions[0];
  const told = partition && { ...partition.currentLeader, errorCode: partition.errorCode };
  const { diverging, snapshot } = {
    diverging: partition?.divergingEpoch ?? NOWHERE,
    snapshot: partition?.snapshotId ?? NOWHERE,
  };
  const highWatermark = partition?.highWatermark ?? -1;
  return {
    kind: 'fetch',
    ...toldOf(answer.errorCode, told, answer.nodeEndpoints),
    highWatermark: highWatermark < 0 ? undefined : highWatermark,
    logStartOffset: partition?.logStartOffset ?? -1,
    diverging: diverging.endOffset < 0 ? undefined : { epoch: diverging.epoch, endOffset: diverging.endOffset },
    snapshotId: snapshot.endOffset < 0 ? undefined : { endOffset: snapshot.endOffset, epoch: snapshot.epoch },
    records: partition?.records ?? NO_BYTES,
  };
}

const NOWHERE = { epoch: -1, endOffset: -1 };

async function askSnapshot(channel: Channel, ask: SnapshotAsk, clusterId: string): Promise<SnapshotAnswer> {
  const { epoch: currentLeaderEpoch, replica, snapshotId, position, maxBytes } = ask;
  const partition = {
    partition: PARTITION,
    currentLeaderEpoch,
    snapshotId,
    position,
    replicaDirectoryId: replica.directoryId,
  };
  const topics = [{ name: METADATA_TOPIC, partitions: [partition] }];
  const answer = await channel.ask(FetchSnapshot, { clusterId, replicaId: replica.id, maxBytes, topics });
  const told = answer.topics[0]?.partitions[0];
  return {
    kind: 'fetch snapshot',
    ...toldOf(answer.errorCode, told && { ...told.currentLeader, errorCode: told.errorCode }, answer.nodeEndpoints),
    snapshotId: told?.snapshotId ?? snapshotId,
    position: told?.position ?? 0,
    sizeInBytes: told?.size ?? 0,
    bytes: told?.unalignedRecords ?? NO_BYTES,
  };
}

async function askUpdateVoter(channel: Channel, ask: UpdateVoterAsk, clusterId: string): Promise<PeerAnswer> {
  const { epoch: currentLeaderEpoch, voter, endpoints, minKraftVersion, maxKraftVersion } = ask;
  const answer = await channel.ask(UpdateRaftVoter, {
    clusterId,
    currentLeaderEpoch,
    voterId: voter.id,
    voterDirectoryId: voter.directoryId,
    listeners: endpoints.map(bare),
    kRaftVersionFeature: { minSupportedVersion: minKraftVersion, maxSupportedVersion: maxKraftVersion },
  });
  const { leaderId, leaderEpoch, host, port } = answer.currentLeader;
  const nodes = leaderId < 0 ? [] : [{ nodeId: leaderId, host, port }];
  const told = { leaderId, leaderEpoch, errorCode: answer.errorCode };
  return { kind: 'update voter', ...toldOf(Errors.NONE, told, nodes) };
}

/** On a connection whose versions are agreed on already: asked again, as features are told here alone. */
async function askLevels(channel: Channel): Promise<PeerAnswer> {
  const answer = await channel.ask(ApiVersions, { clientSoftwareName: 'ottla', clientSoftwareVersion: '1' });
  const feature = answer.supportedFeatures.find(({ name }) => name === KRAFT_VERSION);
  const levels = feature && { min: feature.minVersion, max: feature.maxVersion };
  return { kind: 'levels', errorCode: answer.errorCode, levels };
}
