// Raft as KRaft has it (KIP-595, KIP-853), without I/O: an event and the time go in, what has to be done comes out.
// Served here is a quorum of one. Its states are Unattached, Candidate, Leader and Resigned; Prospective and Follower are
// states of larger quorums, and come as further files beside these.
import { ZERO_UUID } from '../../protocol/index.ts';
import { assert, type Endpoint, unreachable } from '../../runtime/index.ts';
import { CandidateState } from './candidate-state.ts';
import type { ControlRecord } from './control-records.ts';
import type { ElectionState } from './election-state.ts';
import { LeaderState } from './leader-state.ts';
import { ResignedState } from './resigned-state.ts';
import { UnattachedState } from './unattached-state.ts';
import type { VoterSet } from './voter-set.ts';

export type RaftState = UnattachedState | CandidateState | LeaderState | ResignedState;

export type RaftEvent =
  /** The log is open: time to take part. */
  | { readonly kind: 'start' }
  /** The deadline of the last effects has passed, and the log was cut back to what is committed. */
  | { readonly kind: 'timeout'; readonly endOffset: number }
  /** Everything before `endOffset` is on stable storage. */
  | { readonly kind: 'flushed'; readonly endOffset: number }
  /** The disk refused. What was not committed will be cut off before the next election. */
  | { readonly kind: 'write failed' }
  | { readonly kind: 'shutdown' };

/** To be done in this order: nothing counts before `persist` is on stable storage. */
export interface Effects {
  readonly persist: ElectionState | undefined;
  /** A batch of control records to append at the end of the log. */
  readonly append: ControlAppend | undefined;
  /** The new leader, when it has changed. */
  readonly leadership: Leadership | undefined;
  /** The new high watermark, when it has moved. */
  readonly highWatermark: number | undefined;
  /** When a timeout event is due, on the clock of `now`; Infinity: never. */
  readonly deadlineMs: number;
}

export interface ControlAppend {
  readonly baseOffset: number;
  readonly epoch: number;
  readonly records: readonly ControlRecord[];
}

export interface Leadership {
  readonly epoch: number;
  readonly leaderId: number | undefined;
}

export interface RaftOptions {
  readonly nodeId: number;
  readonly directoryId: string;
  readonly voters: VoterSet;
  /** Where in the log the voters stand; -1: only in the snapshot of the format, which is never replicated. */
  readonly votersOffset: number;
  readonly kraftVersion: number;
  /** Where our controller listens; empty: leave what the voter set says. */
  readonly endpoints: readonly Endpoint[];
  readonly persisted: ElectionState | undefined;
  readonly logEndOffset: number;
  readonly lastEpoch: number;
  /** How long a node that had to resign waits before it stands for election again. */
  readonly electionBackoffMs: number;
}

/** Who votes, by which rules, and where in the log that stands; -1: only in the snapshot of the format, or nowhere. */
interface Quorum {
  readonly voters: VoterSet;
  readonly votersOffset: number;
  readonly kraftVersion: number;
}

/** Appending takes a leader, in the epoch that the caller has in mind. */
export class NotLeaderError extends Error {
  override readonly name = 'NotLeaderError';
}

const NOTHING: Effects = {
  persist: undefined,
  append: undefined,
  leadership: undefined,
  highWatermark: undefined,
  deadlineMs: Number.POSITIVE_INFINITY,
};

export class Raft {
  readonly #options: RaftOptions;
  /** The voters by the log up to its end. */
  #quorum: Quorum;
  /** The voters by the log up to the high watermark: these stay when the disk refuses the rest. */
  #committedQuorum: Quorum;
  #state: RaftState;
  #logEndOffset: number;
  #highWatermark: number | undefined;

  constructor(options: RaftOptions) {
    this.#options = options;
    const { voters, votersOffset, kraftVersion } = options;
    this.#quorum = { voters, votersOffset, kraftVersion };
    this.#committedQuorum = this.#quorum;
    this.#logEndOffset = options.logEndOffset;
    this.#state = initialState(options);
  }

  get state(): RaftState {
    return this.#state;
  }
  get voters(): VoterSet {
    return this.#quorum.voters;
  }
  /** The level of the feature kraft.version. */
  get kraftVersion(): number {
    return this.#quorum.kraftVersion;
  }
  get logEndOffset(): number {
    return this.#logEndOffset;
  }
  /** undefined until a record of an own epoch is committed. */
  get highWatermark(): number | undefined {
    return this.#highWatermark;
  }
  get leadership(): Leadership {
    return { epoch: this.#state.epoch, leaderId: this.#state.leaderId };
  }

  /** Throws AssertionFailure for what a correct driver cannot ask. */
  step(event: RaftEvent, now: number): Effects {
    switch (event.kind) {
      case 'start':
        return this.#electIfAlone();
      case 'timeout':
        this.#logEndOffset = event.endOffset;
        if (this.#quorum.votersOffset >= event.endOffset) this.#quorum = this.#committedQuorum;
        return this.#electIfAlone();
      case 'flushed':
        return this.#flushed(event.endOffset);
      case 'write failed':
        return this.#resign(now + this.#options.electionBackoffMs);
      case 'shutdown':
        return this.#resign(Number.POSITIVE_INFINITY);
      default:
        return unreachable(event);
    }
  }

  /** Gives `count` records their offsets; the first one is returned. Throws NotLeaderError. */
  prepareAppend(epoch: number, count: number): number {
    if (this.#state.name !== 'leader' || this.#state.epoch !== epoch) {
      throw new NotLeaderError(
        `not the leader of epoch ${epoch}, but ${this.#state.name} in epoch ${this.#state.epoch}`,
      );
    }
    const baseOffset = this.#logEndOffset;
    this.#logEndOffset += count;
    return baseOffset;
  }

  /**
   * Raises kraft.version: the voters, who stood in the configuration until then, go into the log with their directories (KIP-853).
   * The batch is to be appended at once. Throws NotLeaderError.
   */
  raiseKraftVersion(epoch: number, kraftVersion: number): ControlAppend {
    const { nodeId, directoryId, endpoints } = this.#options;
    assert(kraftVersion > this.#quorum.kraftVersion, `kraft.version ${kraftVersion} is no rise`);
    const named = this.#quorum.voters.withDirectory(nodeId, directoryId);
    const voters = endpoints.length === 0 ? named : named.withEndpoints(nodeId, endpoints);
    const records = quorumRecords(voters, kraftVersion);
    const baseOffset = this.prepareAppend(epoch, records.length);
    this.#quorum = { voters, kraftVersion, votersOffset: baseOffset + records.length - 1 };
    return { baseOffset, epoch, records };
  }

  /** A quorum of one needs no vote but its own: candidacy and election are one step, and only its result is persisted. */
  #electIfAlone(): Effects {
    const { nodeId, directoryId } = this.#options;
    if (this.#state.name === 'leader' || !this.voters.isOnlyVoter(nodeId, directoryId)) return NOTHING;
    const candidate =
      this.#state.name === 'candidate'
        ? this.#state
        : new CandidateState({ epoch: this.#state.epoch + 1, nodeId, directoryId, voters: this.voters });
    assert(candidate.isElected, 'the only voter has voted for itself');
    return this.#lead(candidate);
  }

  #lead(candidate: CandidateState): Effects {
    const { nodeId } = this.#options;
    const baseOffset = this.#logEndOffset;
    const records = this.#epochStartRecords(candidate);
    const leader = new LeaderState({
      epoch: candidate.epoch,
      nodeId,
      epochStartOffset: baseOffset,
      voterIds: this.voters.ids,
    });
    this.#state = leader;
    this.#logEndOffset += records.length;
    return {
      ...NOTHING,
      persist: leader.election,
      append: { baseOffset, epoch: leader.epoch, records },
      leadership: this.leadership,
    };
  }

  /** LEADER_CHANGE first; then the voters, if the log does not hold them yet or our endpoints have changed. */
  #epochStartRecords(candidate: CandidateState): ControlRecord[] {
    const { nodeId, endpoints } = this.#options;
    const { voters, votersOffset, kraftVersion } = this.#quorum;
    // Kafka still writes version 0 here, which has no directory ids.
    const named = (voterId: number) => ({ voterId, voterDirectoryId: ZERO_UUID });
    const grantingVoters = candidate.grantingVoters.map(named);
    const records: ControlRecord[] = [
      { type: 'LeaderChange', value: { version: 0, leaderId: nodeId, voters: voters.ids.map(named), grantingVoters } },
    ];
    if (kraftVersion < 1) return records;
    const updated = endpoints.length === 0 ? voters : voters.withEndpoints(nodeId, endpoints);
    if (votersOffset >= 0 && updated === voters) return records;
    records.push(...quorumRecords(updated, kraftVersion));
    this.#quorum = { voters: updated, kraftVersion, votersOffset: this.#logEndOffset + records.length - 1 };
    return records;
  }

  #flushed(endOffset: number): Effects {
    if (this.#state.name !== 'leader') return NOTHING;
    assert(endOffset <= this.#logEndOffset, `flushed up to ${endOffset}, behind the end of the log`);
    const highWatermark = this.#state.flushed(this.#options.nodeId, endOffset);
    if (highWatermark === undefined || highWatermark === this.#highWatermark) return NOTHING;
    assert(highWatermark > (this.#highWatermark ?? -1), 'the high watermark never falls');
    this.#highWatermark = highWatermark;
    if (this.#quorum.votersOffset < highWatermark) this.#committedQuorum = this.#quorum;
    return { ...NOTHING, highWatermark };
  }

  #resign(deadlineMs: number): Effects {
    if (this.#state.name !== 'leader') return { ...NOTHING, deadlineMs };
    this.#state = new ResignedState(this.#state.epoch);
    return { ...NOTHING, leadership: this.leadership, deadlineMs };
  }
}

/** One batch holds both: whoever reads the log never sees one without the other. */
function quorumRecords(voters: VoterSet, kRaftVersion: number): ControlRecord[] {
  return [
    { type: 'KRaftVersion', value: { version: 0, kRaftVersion } },
    { type: 'KRaftVoters', value: voters.toRecord() },
  ];
}

/** KIP-595: a node that led its last epoch may have lost what it appended; it must not append in that epoch again. */
function initialState(options: RaftOptions): RaftState {
  const { persisted, nodeId, directoryId, lastEpoch, voters } = options;
  if (persisted === undefined)
    return new UnattachedState({ epoch: lastEpoch, leaderId: undefined, votedId: undefined });
  if (persisted.epoch < lastEpoch) {
    return new UnattachedState({ epoch: lastEpoch, leaderId: undefined, votedId: undefined });
  }
  if (persisted.leaderId === nodeId) return new ResignedState(persisted.epoch);
  if (persisted.votedId === nodeId) {
    return new CandidateState({ epoch: persisted.epoch, nodeId, directoryId, voters });
  }
  return new UnattachedState({
    epoch: persisted.epoch,
    leaderId: persisted.leaderId < 0 ? undefined : persisted.leaderId,
    votedId: persisted.votedId < 0 ? undefined : persisted.votedId,
  });
}
