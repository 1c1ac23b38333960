// Raft as KRaft has it (KIP-595, 630, 853, 996, 1166, 1186), without I/O: an event and the time go in, what has to be done comes
// out. One file per state says what it is; the ways between them:
//
//   state        | leads to       | when
//   -------------|----------------|--------------------------------------------------------------------------------------
//   unattached   | prospective    | election timeout (only voters have one)
//   prospective  | candidate      | a majority would vote for us
//                | follower       | no majority, or election timeout: of the leader that we know
//                | unattached     | the same, and we know of none; or we vote for another
//   candidate    | leader         | a majority has voted for us
//                | unattached     | no majority can come: for a pause of random length
//                | prospective    | election timeout
//   follower     | prospective    | fetch timeout; the leader resigned, or its process is dead (its port refuses)
//   leader       | resigned       | its disk fails; it shuts down; it was removed; no majority has fetched (check-quorum)
//   resigned     | unattached     | election timeout: in the next epoch
//   any          | follower       | a leader of this epoch, or of a later one, is known
//   any          | unattached     | a later epoch without a known leader
//   any          | resigned       | we are named as leader of an epoch that we know nothing of: our directory was wiped
//
// A quorum of one goes from any state through candidate to leader at once. An observer (not in the voter set) is unattached or
// follower; it becomes a voter by a record in its log, and the same timers begin to count.
import { Errors, KafkaError, ZERO_UUID } from '../../protocol/index.ts';
import { assert, unreachable } from '../../runtime/index.ts';
import { Elections, quorumRecords } from './elections.ts';
import { answerBeginEpoch, answerEndEpoch, isOnlyNews, leaderAddress } from './epoch-keeping.ts';
import { answerFetch, answerSnapshot } from './fetch-answering.ts';
import { takeFetchAnswer, takeSnapshotAnswer } from './fetch-taking.ts';
import type { Outgoing } from './outbox.ts';
import type { PeerAnswer, PeerAsk } from './peer-messages.ts';
import { initialState } from './initial-state.ts';
import { askerOf, type RaftEvent } from './raft-event.ts';
import type { PeerAddress } from './quorum-peers.ts';
import { RaftContext, type RaftOptions, type RaftState } from './raft-context.ts';
import { type ControlAppend, type Effects, type Leadership, noEffects } from './raft-effects.ts';
import { attendFollower, attendLeader, attendResigned, attendUnattached } from './state-duties.ts';
import { UnattachedState } from './unattached-state.ts';
import type { Quorum } from './voter-history.ts';
import { VoterChanges } from './voter-changes.ts';
import type { VoterSet } from './voter-set.ts';
import { answerVote } from './vote-answering.ts';

export type { RaftEvent } from './raft-event.ts';
export type { RaftOptions, RaftState } from './raft-context.ts';
export type { ControlAppend, Effects, Leadership, LogView } from './raft-effects.ts';

/** Appending takes a leader, in the epoch that the caller has in mind. */
export class NotLeaderError extends Error {
  override readonly name = 'NotLeaderError';
}

/** Transitions in one step; more would be a circle. */
const MAX_TRANSITIONS = 20;

export class Raft {
  readonly #context: RaftContext;
  readonly #elections: Elections;
  readonly #changes: VoterChanges;
  #isShutDown = false;

  constructor(options: RaftOptions) {
    this.#context = new RaftContext(options);
    this.#context.state = initialState(this.#context);
    this.#elections = new Elections(this.#context);
    this.#changes = new VoterChanges(this.#context);
  }

  get state(): RaftState {
    return this.#context.state;
  }
  get voters(): VoterSet {
    return this.#context.voters;
  }
  get isVoter(): boolean {
    return this.#context.isVoter;
  }
  /** The level of the feature kraft.version. */
  get kraftVersion(): number {
    return this.#context.history.last.kraftVersion;
  }
  /** Who voted when the log ended before `endOffset`: what a snapshot has to say. */
  quorumBefore(endOffset: number): Quorum {
    return this.#context.history.before(endOffset);
  }
  /** The offset of the next append. */
  get logEndOffset(): number {
    const { state, log } = this.#context;
    return state.name === 'leader' ? state.nextOffset : log.endOffset;
  }
  get flushedOffset(): number {
    return this.#context.flushedOffset;
  }
  /** undefined until it is known that anything is committed. */
  get highWatermark(): number | undefined {
    return this.#context.highWatermark;
  }
  /** What the leader takes for committed, as far as we have been told. */
  get leaderHighWatermark(): number | undefined {
    return this.#context.leaderHighWatermark;
  }
  get leaderAddress(): PeerAddress | undefined {
    return leaderAddress(this.#context);
  }
  get leadership(): Leadership {
    return { epoch: this.state.epoch, leaderId: this.state.leaderId };
  }

  /** Throws AssertionFailure for what a correct driver cannot ask. */
  step(event: RaftEvent, now: number): Effects {
    const context = this.#context;
    const wasLeader = context.state.name === 'leader';
    context.effects = noEffects();
    this.#take(event, now);
    const deadlineMs = this.#isShutDown ? Number.POSITIVE_INFINITY : this.#attend(now);
    if (context.effects.highWatermark !== undefined) this.#changes.committed(now);
    if (wasLeader && context.state.name !== 'leader') this.#changes.leadershipLost();
    const { effects } = context;
    effects.deadlineMs = deadlineMs;
    return effects;
  }

  /** Gives `count` records their offsets; the first one is returned. Throws NotLeaderError. */
  prepareAppend(epoch: number, count: number): number {
    const { state } = this.#context;
    if (state.name !== 'leader' || state.epoch !== epoch) {
      throw new NotLeaderError(`not the leader of epoch ${epoch}, but ${state.name} in epoch ${state.epoch}`);
    }
    const baseOffset = state.nextOffset;
    state.nextOffset += count;
    return baseOffset;
  }

  /**
   * Raises kraft.version: the voters, who stood in the configuration until then, go into the log with their directories (KIP-853).
   * The batch is to be appended at once. Throws NotLeaderError; KafkaError INVALID_UPDATE_VERSION while voters are unknown.
   */
  raiseKraftVersion(epoch: number, kraftVersion: number): ControlAppend {
    const { self, history, options, state } = this.#context;
    assert(kraftVersion > this.kraftVersion, `kraft.version ${kraftVersion} is no rise`);
    const named = this.voters.withDirectory(self.id, self.directoryId);
    const voters = options.endpoints.length === 0 ? named : named.withEndpoints(self.id, options.endpoints);
    const unknown = voters.voters.filter((voter) => voter.directoryId === ZERO_UUID);
    if (unknown.length > 0) {
      const ids = unknown.map(({ id }) => id).join(', ');
      const text = `Invalid update version ${kraftVersion} for feature kraft.version. The directory ids of voters ${ids} are not known`;
      throw new KafkaError(Errors.INVALID_UPDATE_VERSION, text);
    }
    const records = quorumRecords(voters, kraftVersion);
    const baseOffset = this.prepareAppend(epoch, records.length);
    history.add(baseOffset, { voters, kraftVersion });
    if (state.name === 'leader') state.votersAre(voters);
    return { baseOffset, epoch, records };
  }

  #take(event: RaftEvent, now: number): void {
    const context = this.#context;
    switch (event.kind) {
      case 'start':
        return this.#start(now);
      case 'timeout':
        return this.#changes.expire(now);
      case 'stalled':
        return this.#excuse(event.byMs, now);
      case 'flushed':
        return this.#flushed(event.endOffset, now);
      case 'truncated':
        context.history.truncateTo(context.log.endOffset);
        return this.#flushed(context.log.endOffset, now);
      case 'piece written':
        context.isWriting = false;
        return;
      case 'snapshot installed':
        context.history.restart(event.quorum);
        this.#endDownload();
        this.#flushed(context.log.endOffset, now);
        return context.advanceTo(context.log.endOffset);
      case 'snapshot unusable':
        context.isWriting = false;
        return this.#endDownload();
      case 'write failed':
        return this.#writeFailed(now);
      case 'recovered':
        return this.#recovered(now);
      case 'asked':
        return this.#asked(event, now);
      case 'change':
        return this.#change(event.operation, event.ask, now);
      case 'answered':
        return this.#answered(event.number, event.answer, now);
      case 'unanswered':
        return this.#unanswered(event.number, event.isUnsupported, now);
      case 'refused':
        return this.#refused(event.nodeId, now);
      case 'shutdown':
        this.#isShutDown = true;
        if (context.state.name === 'leader') context.resign(now);
        // The voters are told once, so that they need not wait for the fetch timeout.
        if (context.state.name === 'resigned') attendResigned(context, context.state, now, this.#elections);
        return;
      default:
        return unreachable(event);
    }
  }

  #start(now: number): void {
    const context = this.#context;
    if (context.isOnlyVoter) return this.#elections.stand(now);
    const { state } = context;
    if (state.name === 'follower') {
      state.fetchDeadlineMs = now + context.options.timeouts.fetchMs;
      return;
    }
    if (state.name === 'resigned') state.electionDeadlineMs = context.resignedDeadline(now);
    else if (state.name !== 'leader') state.electionDeadlineMs = context.electionDeadline(now);
    const { epoch, leaderId, voted } = state;
    if (state.name !== 'unattached' || leaderId === undefined || !context.options.isController) return;
    const address = context.addressOf(leaderId);
    if (address !== undefined) context.becomeFollower(epoch, leaderId, address, now);
    else context.become(new UnattachedState({ epoch, leaderId, voted, electionDeadlineMs: state.electionDeadlineMs }));
  }

  /** Timers that count the silence of others begin anew, as far as the silence was our own. */
  #excuse(byMs: number, now: number): void {
    const { state, options } = this.#context;
    const excusedMs = Math.min(byMs, options.timeouts.fetchMs);
    if (state.name === 'follower') state.fetchDeadlineMs = Math.max(state.fetchDeadlineMs, now) + excusedMs;
    if (state.name === 'leader') state.checkQuorumMs = Math.max(state.checkQuorumMs, now) + excusedMs;
  }

  #flushed(endOffset: number, now: number): void {
    const context = this.#context;
    context.flushed(endOffset);
    if (!context.isWriting) return;
    context.isWriting = false;
    const { state } = context;
    // The leader was heard of before this was written; a slow disk of ours is no silence of the leader.
    if (state.name === 'follower') {
      state.fetchDeadlineMs = Math.max(state.fetchDeadlineMs, now + context.options.timeouts.fetchMs);
    }
  }

  #endDownload(): void {
    const { state } = this.#context;
    if (state.name === 'follower') state.download = undefined;
  }

  #writeFailed(now: number): void {
    const context = this.#context;
    context.isWriting = false;
    context.recoverMs = now + context.options.timeouts.electionBackoffMaxMs;
    const { state } = context;
    if (state.name === 'leader') context.resign(now);
    // Nobody is to be elected whose log is about to be cut.
    else if (state.name === 'prospective' || state.name === 'candidate') {
      context.becomeUnattached(state.epoch, now, { leaderId: state.leaderId });
    }
    this.#endDownload();
  }

  #recovered(now: number): void {
    const context = this.#context;
    context.recoverMs = Number.POSITIVE_INFINITY;
    context.flushedOffset = context.log.endOffset;
    context.history.truncateTo(context.log.endOffset);
    if (context.isOnlyVoter) this.#elections.stand(now);
  }

  #asked(event: Extract<RaftEvent, { kind: 'asked' }>, now: number): void {
    const context = this.#context;
    const { ask } = event;
    const { effects } = context;
    this.#isAlive(askerOf(ask));
    if (ask.kind === 'vote') effects.answer = answerVote(context, ask, now);
    else if (ask.kind === 'begin epoch') effects.answer = answerBeginEpoch(context, ask, now);
    else if (ask.kind === 'end epoch') effects.answer = answerEndEpoch(context, ask, now);
    else if (ask.kind === 'fetch snapshot') effects.answer = answerSnapshot(context, ask, now);
    else if (ask.kind === 'fetch') {
      const look = { isFirst: event.isAgain !== true, isLast: event.isLast === true };
      effects.answer = answerFetch(context, ask, now, look);
    }
  }

  #change(operation: number, ask: PeerAsk, now: number): void {
    if (ask.kind === 'add voter') this.#changes.add(operation, ask, now);
    else if (ask.kind === 'remove voter') this.#changes.remove(operation, ask, now);
    else if (ask.kind === 'update voter') this.#changes.update(operation, ask, now);
  }

  #answered(number: number, answer: PeerAnswer, now: number): void {
    const context = this.#context;
    const sent = context.outbox.settle(number);
    if (sent === undefined) return;
    this.#isAlive(sent.to.id);
    const from = sent.to.id;
    switch (answer.kind) {
      case 'vote':
        return this.#elections.takeVoteAnswer(answer, from, sent.ask.kind === 'vote' && sent.ask.isPreVote, now);
      case 'fetch':
        return takeFetchAnswer(context, answer, from, now);
      case 'fetch snapshot':
        return takeSnapshotAnswer(context, answer, from, now);
      case 'begin epoch':
      case 'end epoch':
      case 'update voter':
        return this.#acknowledged(answer, sent, now);
      case 'levels':
        return this.#changes.takeLevels(answer, from, now);
      case 'add voter':
      case 'remove voter':
        if (answer.errorCode === Errors.NONE) return;
        return context.tell('warn', 'this node could not join the voters', {
          error: answer.errorCode,
          reason: answer.errorMessage ?? '',
        });
      default:
        return unreachable(answer);
    }
  }

  #acknowledged(
    answer: Extract<PeerAnswer, { kind: 'begin epoch' | 'end epoch' | 'update voter' }>,
    sent: Outgoing,
    now: number,
  ) {
    const context = this.#context;
    const { state } = context;
    if (isOnlyNews(context, answer, now) || answer.errorCode !== Errors.NONE)
      return context.outbox.rest(sent.to.id, now);
    if (state.name === 'leader') state.unacknowledged.delete(sent.to.id);
    if (state.name === 'resigned') state.untold.delete(sent.to.id);
    if (state.name === 'follower') state.hasToldLeader = true;
  }

  #unanswered(number: number, isUnsupported: boolean, now: number): void {
    const context = this.#context;
    const sent = context.outbox.settle(number);
    if (sent === undefined) return;
    context.outbox.rest(sent.to.id, now);
    if (sent.ask.kind === 'levels') this.#changes.takeLevels(undefined, sent.to.id, now);
    if (!isUnsupported) return;
    if (sent.ask.kind === 'vote' && sent.ask.isPreVote) this.#elections.hasNoPreVotes(sent.to.id, now);
    if (sent.ask.kind === 'update voter' && context.state.name === 'follower') context.state.hasToldLeader = true;
  }

  #refused(nodeId: number, now: number): void {
    const context = this.#context;
    if (context.refusing.has(nodeId)) return;
    context.refusing.add(nodeId);
    const { state } = context;
    if (state.name === 'follower' && state.leaderId === nodeId && context.mayStand) {
      context.tell('warn', 'nobody listens where the leader did: standing for election', { leaderId: nodeId });
      state.standMs = Math.min(state.standMs, now + context.electionBackoff());
    }
    this.#elections.refused(nodeId, now);
  }

  /** The node has been heard of: it is not dead. */
  #isAlive(nodeId: number): void {
    const { refusing, state } = this.#context;
    if (!refusing.delete(nodeId)) return;
    if (state.name === 'follower' && state.leaderId === nodeId && !state.hasLeaderResigned) {
      state.standMs = Number.POSITIVE_INFINITY;
    }
  }

  /** Does what is due, until nothing is; the time at which something will be. */
  #attend(now: number): number {
    const context = this.#context;
    if (context.recoverMs <= now) {
      context.recoverMs = Number.POSITIVE_INFINITY;
      context.effects.recover = true;
      return Number.POSITIVE_INFINITY;
    }
    if (context.recoverMs !== Number.POSITIVE_INFINITY) return context.recoverMs;
    for (let count = 0; count < MAX_TRANSITIONS; count++) {
      const { state } = context;
      const dueMs = this.#duties(state, now);
      if (context.state === state) return Math.min(dueMs, this.#changes.deadlineMs);
    }
    return now;
  }

  #duties(state: RaftState, now: number): number {
    switch (state.name) {
      case 'unattached':
        return attendUnattached(this.#context, state, now, this.#elections);
      case 'prospective':
      case 'candidate':
        return this.#elections.attend(state, now);
      case 'follower':
        return attendFollower(this.#context, state, now, this.#elections);
      case 'leader':
        return attendLeader(this.#context, state, now);
      case 'resigned':
        return attendResigned(this.#context, state, now, this.#elections);
      default:
        return unreachable(state);
    }
  }
}
