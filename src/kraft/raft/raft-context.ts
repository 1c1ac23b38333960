// What all parts of the core share: the state that this node is in, the ways from one state to the next, and what the present
// step has the driver do. Each transition but that to Resigned is persisted before anyone hears of it.
import { randomInt, type Endpoint, type LogLevel, type Random } from '../../runtime/index.ts';
import { CandidateState } from './candidate-state.ts';
import type { ElectionState } from './election-state.ts';
import { FollowerState } from './follower-state.ts';
import { LeaderState } from './leader-state.ts';
import { type Destination, Outbox } from './outbox.ts';
import type { PeerAsk } from './peer-messages.ts';
import { ProspectiveState } from './prospective-state.ts';
import { DEFAULT_QUORUM_BYTES, type PeerAddress, type QuorumBytes, type QuorumTimeouts } from './quorum-peers.ts';
import { type Effects, type LogView, noEffects } from './raft-effects.ts';
import type { ReplicaKey } from './replica-key.ts';
import { ResignedState } from './resigned-state.ts';
import { UnattachedState } from './unattached-state.ts';
import type { VoterHistory } from './voter-history.ts';
import type { VoterSet } from './voter-set.ts';
import { VoteTally } from './vote-tally.ts';

export type RaftState =
  | UnattachedState
  | ProspectiveState
  | CandidateState
  | LeaderState
  | FollowerState
  | ResignedState;

export interface RaftOptions {
  readonly nodeId: number;
  readonly directoryId: string;
  readonly history: VoterHistory;
  /** Where our controller listens; empty: leave what the voter set says. */
  readonly endpoints: readonly Endpoint[];
  readonly persisted: ElectionState | undefined;
  readonly log: LogView;
  readonly random: Random;
  readonly timeouts: QuorumTimeouts;
  readonly maxBytes?: QuorumBytes | undefined;
  readonly bootstrapServers: readonly PeerAddress[];
  /** False: observes for ever. */
  readonly isController: boolean;
  readonly autoJoin: boolean;
}

/** So many lost elections are told one by one; then the operator hears who does not answer. */
export const TOLD_LOST_ELECTIONS = 3;
const NEVER = Number.POSITIVE_INFINITY;
/** Bootstrap servers are told apart by ids that no node has (-1 means nobody). */
const FIRST_SERVER_ID = -2;
/** The first pause after a lost election lasts up to this; each further one up to twice as long. */
const FIRST_ELECTION_BACKOFF_MS = 100;

export class RaftContext {
  readonly options: RaftOptions;
  readonly self: ReplicaKey;
  readonly outbox: Outbox;
  readonly history: VoterHistory;
  readonly log: LogView;
  state: RaftState;
  effects: Effects = noEffects();
  /** The first offset that is not known to be committed. */
  highWatermark: number | undefined;
  flushedOffset: number;
  /** The disk refused: nothing is written, fetched or stood for until the log is cut back to what is flushed. */
  recoverMs = NEVER;
  /** The driver is writing what was fetched, or cuts the log. */
  isWriting = false;
  /** Nodes, and servers whose ids are not known, at whose port nobody listens, since they were heard of last. */
  readonly refusing = new Set<number>();
  /** Elections lost since a leader was known. */
  lostElections = 0;
  /** As the leader that we follow has told it last; -1: it has not. */
  #leaderHighWatermark = -1;

  constructor(options: RaftOptions) {
    const { nodeId, directoryId, timeouts, log } = options;
    this.options = options;
    this.self = { id: nodeId, directoryId };
    this.history = options.history;
    this.log = log;
    this.flushedOffset = log.endOffset;
    this.outbox = new Outbox(timeouts.requestMs, timeouts.retryBackoffMs);
    // Replaced at the start, when the time is known.
    this.state = new UnattachedState({ epoch: 0, leaderId: undefined, voted: undefined, electionDeadlineMs: NEVER });
  }

  get voters(): VoterSet {
    return this.history.last.voters;
  }
  get isVoter(): boolean {
    return this.options.isController && this.voters.includes(this.self.id, this.self.directoryId);
  }
  /**
   * Also whoever would be removed by a change that is not known to be committed: if it alone has that change, no one else can be
   * elected (Ongaro, section 4.2.2; Apache Kafka lets such a quorum stand still).
   */
  get mayStand(): boolean {
    const { directoryId, id } = this.self;
    return (
      this.isVoter || (this.options.isController && this.history.previous?.voters.includes(id, directoryId) === true)
    );
  }
  get isOnlyVoter(): boolean {
    return this.isVoter && this.voters.size === 1;
  }
  get otherVoters(): number[] {
    return this.voters.ids.filter((id) => id !== this.self.id);
  }

  /** The leader that we follow has resigned, or its process is dead. */
  get isLeaderGone(): boolean {
    const { state } = this;
    return state.name === 'follower' && (state.hasLeaderResigned || this.refusing.has(state.leaderId));
  }
  /** How long a leader stays in office without having heard of a majority. */
  get checkQuorumTimeoutMs(): number {
    return this.isOnlyVoter ? NEVER : 1.5 * this.options.timeouts.fetchMs;
  }

  // What is committed

  get leaderHighWatermark(): number | undefined {
    if (this.state.name === 'leader') return this.state.highWatermark;
    return this.#leaderHighWatermark < 0 ? undefined : this.#leaderHighWatermark;
  }

  advanceTo(highWatermark: number | undefined): void {
    if (highWatermark === undefined || highWatermark <= (this.highWatermark ?? -1)) return;
    this.highWatermark = highWatermark;
    this.effects.highWatermark = highWatermark;
    this.history.forgetBefore(highWatermark);
  }

  /** The leader says so; for us it is committed as far as we have it. */
  leaderHasCommitted(highWatermark: number): void {
    this.#leaderHighWatermark = highWatermark;
    this.#follow();
  }

  flushed(endOffset: number): void {
    this.flushedOffset = endOffset;
    if (this.state.name === 'leader') this.advanceTo(this.state.flushed(endOffset));
    else this.#follow();
  }

  #follow(): void {
    if (this.state.name === 'follower' && this.#leaderHighWatermark >= 0) {
      this.advanceTo(Math.min(this.#leaderHighWatermark, this.flushedOffset));
    }
  }

  // Out

  send(to: Destination, ask: PeerAsk, now: number): void {
    this.effects.send.push(this.outbox.send(to, ask, now));
  }

  tell(level: LogLevel, message: string, fields: Readonly<Record<string, string | number>> = {}): void {
    this.effects.log.push({ level, message, fields: { epoch: this.state.epoch, ...fields } });
  }

  get maxBytes(): QuorumBytes {
    return this.options.maxBytes ?? DEFAULT_QUORUM_BYTES;
  }

  addressOf(nodeId: number): PeerAddress | undefined {
    return this.voters.get(nodeId)?.endpoints[0];
  }

  /** Where to ask who leads: the other voters, and the configured servers. */
  get acquaintances(): Destination[] {
    const { bootstrapServers, endpoints } = this.options;
    const voters = this.otherVoters.flatMap((id) => {
      const address = this.addressOf(id);
      return address === undefined ? [] : [{ id, address }];
    });
    const known = [...voters.map(({ address }) => address), ...endpoints];
    const isKnown = ({ host, port }: PeerAddress): boolean =>
      known.some((one) => one.host === host && one.port === port);
    const servers = bootstrapServers.map((address, index) => ({ id: FIRST_SERVER_ID - index, address }));
    return [...voters, ...servers.filter(({ address }) => !isKnown(address))];
  }

  electionDeadline(now: number): number {
    return this.mayStand ? now + this.#electionTimeout() : NEVER;
  }

  /** Who resigned and is no voter any more looks for the next leader after a while. */
  resignedDeadline(now: number): number {
    return now + this.#electionTimeout();
  }

  #electionTimeout(): number {
    const { electionMs } = this.options.timeouts;
    return electionMs + randomInt(this.options.random, 0, Math.max(1, electionMs));
  }

  /** Of random length, longer after each lost election: two who stand at once must not meet again. */
  electionBackoff(): number {
    const { electionBackoffMaxMs } = this.options.timeouts;
    const longest = Math.min(electionBackoffMaxMs, FIRST_ELECTION_BACKOFF_MS * 2 ** Math.min(this.lostElections, 20));
    return longest * this.options.random.next();
  }

  // Transitions

  become(state: RaftState): void {
    const before = this.state;
    this.state = state;
    if (state.name !== 'resigned') this.effects.persist = state.election;
    if (before.name !== state.name || before.epoch !== state.epoch) {
      this.outbox.forgetAll();
      this.#leaderHighWatermark = -1;
    }
    if (before.epoch !== state.epoch || before.leaderId !== state.leaderId) {
      this.effects.leadership = { epoch: state.epoch, leaderId: state.leaderId };
    }
    if (before.name === state.name) return;
    // Who cannot be elected tries again and again: that is told once, with the reason.
    const isRepeated =
      this.lostElections >= TOLD_LOST_ELECTIONS && state.name !== 'leader' && state.name !== 'follower';
    this.tell(isRepeated ? 'debug' : 'info', `${before.name} has become ${state.name}`, leaderField(state));
  }

  /** In the same epoch what we voted is kept. */
  becomeUnattached(
    epoch: number,
    now: number,
    facts: { leaderId?: number | undefined; voted?: ReplicaKey | undefined; electionDeadlineMs?: number } = {},
  ): void {
    const { leaderId, electionDeadlineMs = this.electionDeadline(now) } = facts;
    const voted = facts.voted ?? (epoch === this.state.epoch ? this.state.voted : undefined);
    this.become(new UnattachedState({ epoch, leaderId, voted, electionDeadlineMs }));
  }

  becomeFollower(epoch: number, leaderId: number, leaderAddress: PeerAddress, now: number): void {
    const { fetchMs } = this.options.timeouts;
    const voted = epoch === this.state.epoch ? this.state.voted : undefined;
    const updateVoterMs = now + 3 * fetchMs;
    this.become(
      new FollowerState({ epoch, leaderId, leaderAddress, voted, fetchDeadlineMs: now + fetchMs, updateVoterMs }),
    );
    this.lostElections = 0;
  }

  becomeProspective(now: number): void {
    const { epoch, leaderId, voted } = this.state;
    const tally = new VoteTally(this.voters, this.self.id);
    this.become(
      new ProspectiveState({ epoch, leaderId, voted, tally, electionDeadlineMs: this.electionDeadline(now) }),
    );
  }

  becomeCandidate(now: number): void {
    this.become(
      new CandidateState({
        epoch: this.state.epoch + 1,
        self: this.self,
        tally: new VoteTally(this.voters, this.self.id),
        electionDeadlineMs: this.electionDeadline(now),
      }),
    );
  }

  /** We led `epoch`, and tell the voters that we do not any more. */
  resign(now: number): void {
    const { state } = this;
    const preferred = state.name === 'leader' ? state.successors : [];
    this.becomeResigned(state.epoch, now, preferred);
  }

  becomeResigned(epoch: number, now: number, preferred: readonly ReplicaKey[] = []): void {
    this.become(
      new ResignedState({
        epoch,
        preferred,
        untold: this.otherVoters,
        electionDeadlineMs: this.resignedDeadline(now),
      }),
    );
  }
}

function leaderField({ leaderId }: RaftState): Readonly<Record<string, number>> {
  return leaderId === undefined ? {} : { leaderId };
}
