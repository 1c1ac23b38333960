// What replicas of the metadata log say to each other, without the layout of any version of the protocol: the core speaks in
// these, the folder wire/ translates. In and out have the same form.
import type { Endpoint } from '../../runtime/index.ts';
import type { PeerAddress } from './quorum-peers.ts';
import type { ReplicaKey } from './replica-key.ts';
import type { SnapshotId } from './snapshot-files.ts';

export interface VoteAsk {
  readonly kind: 'vote';
  /** The epoch to vote for; of a pre-vote the present one (KIP-996). */
  readonly epoch: number;
  readonly candidate: ReplicaKey;
  /** Who is meant; id -1: whoever hears it. */
  readonly voter: ReplicaKey;
  /** Where the candidate's log ends, and with which epoch. */
  readonly lastEpoch: number;
  readonly endOffset: number;
  readonly isPreVote: boolean;
}

export interface BeginEpochAsk {
  readonly kind: 'begin epoch';
  readonly epoch: number;
  readonly leaderId: number;
  readonly voter: ReplicaKey;
  readonly endpoints: readonly Endpoint[];
}

export interface EndEpochAsk {
  readonly kind: 'end epoch';
  readonly epoch: number;
  readonly leaderId: number;
  /** Who had better succeed, the most complete log first. */
  readonly preferred: readonly ReplicaKey[];
  readonly endpoints: readonly Endpoint[];
}

export interface FetchAsk {
  readonly kind: 'fetch';
  readonly epoch: number;
  readonly replica: ReplicaKey;
  /** Everything before is on stable storage where the replica may vote. */
  readonly fetchOffset: number;
  readonly lastFetchedEpoch: number;
  /** What the replica takes for committed: -1 nothing, undefined when it does not say (KIP-1166). */
  readonly highWatermark: number | undefined;
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

export interface SnapshotAsk {
  readonly kind: 'fetch snapshot';
  readonly epoch: number;
  readonly replica: ReplicaKey;
  readonly snapshotId: SnapshotId;
  readonly position: number;
  readonly maxBytes: number;
}

export interface UpdateVoterAsk {
  readonly kind: 'update voter';
  readonly epoch: number;
  readonly voter: ReplicaKey;
  readonly endpoints: readonly Endpoint[];
  readonly minKraftVersion: number;
  readonly maxKraftVersion: number;
}

export interface AddVoterAsk {
  readonly kind: 'add voter';
  readonly voter: ReplicaKey;
  readonly endpoints: readonly Endpoint[];
  readonly timeoutMs: number;
  readonly ackWhenCommitted: boolean;
}

export interface RemoveVoterAsk {
  readonly kind: 'remove voter';
  readonly voter: ReplicaKey;
}

/** Which levels of kraft.version a node has: asked of who is to become a voter. */
export interface LevelsAsk {
  readonly kind: 'levels';
}

export type PeerAsk =
  | VoteAsk
  | BeginEpochAsk
  | EndEpochAsk
  | FetchAsk
  | SnapshotAsk
  | UpdateVoterAsk
  | AddVoterAsk
  | RemoveVoterAsk
  | LevelsAsk;

/** What every answer says of who leads. */
interface Answer {
  readonly errorCode: number;
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly leaderAddress: PeerAddress | undefined;
}

export interface VoteAnswer extends Answer {
  readonly kind: 'vote';
  readonly isGranted: boolean;
}

export interface EpochAnswer extends Answer {
  readonly kind: 'begin epoch' | 'end epoch' | 'update voter';
}

export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

export interface FetchAnswer extends Answer {
  readonly kind: 'fetch';
  /** undefined: the leader does not know it. */
  readonly highWatermark: number | undefined;
  readonly logStartOffset: number;
  readonly diverging: EpochEnd | undefined;
  readonly snapshotId: SnapshotId | undefined;
  /** Whole batches, from the one with the offset asked for. */
  readonly records: Buffer;
}

export interface SnapshotAnswer extends Answer {
  readonly kind: 'fetch snapshot';
  readonly snapshotId: SnapshotId;
  /** Of the whole snapshot, in bytes. */
  readonly sizeInBytes: number;
  readonly position: number;
  readonly bytes: Buffer;
}

/** Answers to what changes the voters say nothing of the leader. */
export interface ChangeAnswer {
  readonly kind: 'add voter' | 'remove voter';
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export interface LevelsAnswer {
  readonly kind: 'levels';
  readonly errorCode: number;
  /** The levels of kraft.version that the node supports; undefined: it does not know the feature. */
  readonly levels: { readonly min: number; readonly max: number } | undefined;
}

export type LeaderAnswer = VoteAnswer | EpochAnswer | FetchAnswer | SnapshotAnswer;
export type PeerAnswer = LeaderAnswer | ChangeAnswer | LevelsAnswer;
