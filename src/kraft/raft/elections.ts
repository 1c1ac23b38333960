// How a node comes to lead: pre-votes, votes, and the first batch of its epoch (Kafka: pollProspective, pollCandidate,
// handleVoteResponse, onBecomeLeader).
import { Errors, errorName, ZERO_UUID } from '../../protocol/index.ts';
import type { CandidateState } from './candidate-state.ts';
import type { ControlRecord } from './control-records.ts';
import { isOnlyNews } from './epoch-keeping.ts';
import { LeaderState } from './leader-state.ts';
import type { VoteAnswer } from './peer-messages.ts';
import type { ProspectiveState } from './prospective-state.ts';
import { type RaftContext, TOLD_LOST_ELECTIONS } from './raft-context.ts';
import type { VoterSet } from './voter-set.ts';

const TOLD_AT = [TOLD_LOST_ELECTIONS, 30, 300, 3000, 30_000];

export interface ElectionDuties {
  /** The time has come to stand for election. */
  stand(now: number): void;
}

export class Elections implements ElectionDuties {
  readonly #context: RaftContext;
  /** Who answers, but not to the question, and with what: the last error of each voter. */
  readonly #errors = new Map<number, number>();

  constructor(context: RaftContext) {
    this.#context = context;
  }

  /** A quorum of one needs no vote but its own: candidacy and election are one step, and only its result is persisted. */
  stand(now: number): void {
    const context = this.#context;
    if (context.isOnlyVoter) {
      if (context.state.name !== 'candidate') context.becomeCandidate(now);
      this.#lead(now);
      return;
    }
    context.becomeProspective(now);
    this.#countRefusals(now);
  }

  attend(state: ProspectiveState | CandidateState, now: number): number {
    const context = this.#context;
    if (now >= state.electionDeadlineMs) {
      this.#lost(state);
      if (state.name === 'candidate') this.stand(now);
      else this.#fallBack(state, now);
      return now;
    }
    let dueMs = state.electionDeadlineMs;
    for (const { id, directoryId } of context.voters.voters) {
      const address = context.addressOf(id);
      if (!state.tally.isOpen(id) || address === undefined) continue;
      if (context.outbox.readyMs(id) <= now) {
        const voter = { id, directoryId };
        const { epoch } = state;
        const { self: candidate, log } = context;
        const isPreVote = state.name === 'prospective';
        const { lastEpoch, endOffset } = log;
        context.send({ id, address }, { kind: 'vote', epoch, candidate, voter, lastEpoch, endOffset, isPreVote }, now);
      }
      dueMs = Math.min(dueMs, context.outbox.readyMs(id));
    }
    return dueMs;
  }

  takeVoteAnswer(answer: VoteAnswer, from: number, wasPreVote: boolean, now: number): void {
    const context = this.#context;
    if (isOnlyNews(context, answer, now)) return context.outbox.rest(from, now);
    const { state } = context;
    if (state.name !== (wasPreVote ? 'prospective' : 'candidate')) return;
    if (answer.errorCode !== Errors.NONE) {
      this.#errors.set(from, answer.errorCode);
      return context.outbox.rest(from, now);
    }
    this.#errors.delete(from);
    state.tally.record(from, answer.isGranted);
    this.#count(state, now);
  }

  /** A peer that has no pre-votes (before Kafka 4.0): it is taken to grant it, so that old and new can elect together. */
  hasNoPreVotes(from: number, now: number): void {
    const { state } = this.#context;
    if (state.name !== 'prospective') return;
    state.tally.record(from, true);
    this.#count(state, now);
  }

  /** Nobody listens at the port of this voter: it will not vote in this round. */
  refused(voterId: number, now: number): void {
    const { state } = this.#context;
    if (state.name !== 'prospective' && state.name !== 'candidate') return;
    if (!state.tally.isOpen(voterId)) return;
    state.tally.record(voterId, false);
    this.#count(state, now);
  }

  #countRefusals(now: number): void {
    for (const id of this.#context.refusing) this.refused(id, now);
  }

  #count(state: ProspectiveState | CandidateState, now: number): void {
    const context = this.#context;
    if (context.state !== state) return;
    if (state.tally.isWon) {
      if (state.name === 'candidate') return this.#lead(now);
      context.becomeCandidate(now);
      return this.#countRefusals(now);
    }
    if (!state.tally.isLost) return;
    this.#lost(state);
    if (state.name === 'prospective') return this.#fallBack(state, now);
    const electionDeadlineMs = now + context.electionBackoff();
    context.becomeUnattached(state.epoch, now, { electionDeadlineMs });
  }

  /** The third time, and then each time that it has taken ten times as many. */
  #lost({ tally }: ProspectiveState | CandidateState): void {
    const context = this.#context;
    context.lostElections += 1;
    if (!TOLD_AT.includes(context.lostElections)) return;
    const silent = context.otherVoters.filter((id) => tally.isOpen(id) || context.refusing.has(id));
    const named = silent.map((id) => {
      const address = context.addressOf(id);
      const errorCode = this.#errors.get(id);
      const answers = errorCode === undefined ? '' : ` answers ${errorName(errorCode)}`;
      return address === undefined ? String(id) : `${id} (${address.host}:${address.port})${answers}`;
    });
    if (named.length < context.voters.size / 2) return;
    context.tell(
      'warn',
      'no majority of the controllers answers: nothing can be changed, and no leaders are elected, until enough of these are back. ' +
        'Start them; where their directories are lost, put one back from a copy',
      { voters: context.voters.ids.join(','), silent: named.join(', '), attempts: context.lostElections },
    );
  }

  /** No majority would vote for us: we go on with the leader that we know. */
  #fallBack({ epoch, leaderId }: ProspectiveState, now: number): void {
    const context = this.#context;
    const { lostElections } = context;
    const address = leaderId === undefined ? undefined : context.addressOf(leaderId);
    if (leaderId === undefined || address === undefined) {
      const electionDeadlineMs = this.#mayStandSoon(leaderId) ? now + context.electionBackoff() : undefined;
      context.becomeUnattached(epoch, now, {
        leaderId,
        ...(electionDeadlineMs !== undefined && { electionDeadlineMs }),
      });
      return;
    }
    context.becomeFollower(epoch, leaderId, address, now);
    context.lostElections = lostElections;
    const { state } = context;
    if (state.name === 'follower' && this.#mayStandSoon(leaderId)) state.standMs = now + context.electionBackoff();
  }

  #mayStandSoon(leaderId: number | undefined): boolean {
    return leaderId !== undefined && this.#context.refusing.has(leaderId);
  }

  #lead(now: number): void {
    const context = this.#context;
    const candidate = context.state as CandidateState;
    const { log, self, options } = context;
    const baseOffset = log.endOffset;
    const { voters } = context;
    const leader = new LeaderState({ epoch: candidate.epoch, self, epochStartOffset: baseOffset, voters });
    leader.checkQuorumMs = now + context.checkQuorumTimeoutMs;
    leader.beginEpochMs = now;
    context.become(leader);
    context.lostElections = 0;
    const records = this.#epochStartRecords(candidate, baseOffset);
    leader.nextOffset = baseOffset + records.length;
    leader.votersAre(context.voters);
    context.effects.append.push({ baseOffset, epoch: leader.epoch, records });
    context.advanceTo(leader.flushed(Math.min(context.flushedOffset, baseOffset)));
    context.tell('info', 'this node leads the metadata quorum', { nodeId: options.nodeId, epochStart: baseOffset });
  }

  /** LEADER_CHANGE first; then the voters, if the log does not hold them yet or our endpoints have changed. */
  #epochStartRecords(candidate: CandidateState, baseOffset: number): ControlRecord[] {
    const { self, options, history } = this.#context;
    const { voters, votersOffset, kraftVersion } = history.last;
    // Kafka still writes version 0 here, which has no directory ids.
    const named = (voterId: number) => ({ voterId, voterDirectoryId: ZERO_UUID });
    const grantingVoters = candidate.tally.granted.map(named);
    const value = { version: 0, leaderId: self.id, voters: voters.ids.map(named), grantingVoters };
    const records: ControlRecord[] = [{ type: 'LeaderChange', value }];
    if (kraftVersion < 1) return records;
    const updated = options.endpoints.length === 0 ? voters : voters.withEndpoints(self.id, options.endpoints);
    if (votersOffset >= 0 && updated === voters) return records;
    history.add(baseOffset, { voters: updated });
    return [...records, ...quorumRecords(updated, kraftVersion)];
  }
}

/** One batch holds both: whoever reads the log never sees one without the other. */
export function quorumRecords(voters: VoterSet, kRaftVersion: number): ControlRecord[] {
  return [
    { type: 'KRaftVersion', value: { version: 0, kRaftVersion } },
    { type: 'KRaftVoters', value: voters.toRecord() },
  ];
}
