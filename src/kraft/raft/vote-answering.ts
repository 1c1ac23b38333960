// Who gets our vote (Kafka: KafkaRaftClient.handleVoteRequest, canGrantVote of each state).
import { Errors } from '../../protocol/index.ts';
import type { VoteAnswer, VoteAsk } from './peer-messages.ts';
import { answerOf } from './epoch-keeping.ts';
import type { RaftContext } from './raft-context.ts';
import { isMeant } from './replica-key.ts';

export function answerVote(context: RaftContext, ask: VoteAsk, now: number): VoteAnswer {
  const { epoch, candidate, lastEpoch, endOffset, isPreVote } = ask;
  const answer = (errorCode: number, isGranted = false): VoteAnswer => ({
    kind: 'vote',
    ...answerOf(context, errorCode),
    isGranted,
  });
  // A candidate has not written anything in the epoch that it stands for.
  const isEpochPossible = isPreVote ? lastEpoch <= epoch : lastEpoch < epoch;
  if (endOffset < 0 || lastEpoch < 0 || !isEpochPossible || candidate.id < 0) return answer(Errors.INVALID_REQUEST);
  if (epoch < context.state.epoch) return answer(Errors.FENCED_LEADER_EPOCH);
  if (epoch > context.state.epoch) context.becomeUnattached(epoch, now);
  // Who is an observer may have been made a voter without having heard of it: it votes when it is asked.
  if (ask.voter.id >= 0 && !isMeant(ask.voter, context.self)) return answer(Errors.INVALID_VOTER_KEY);
  const isGranted = isPreVote ? grantsPreVote(context, ask) : grantsVote(context, ask);
  if (isGranted && !isPreVote) vote(context, ask, now);
  context.tell('debug', isGranted ? 'a vote is granted' : 'a vote is refused', {
    candidateId: candidate.id,
    isPreVote: String(isPreVote),
  });
  return answer(Errors.NONE, isGranted);
}

function isUpToDate({ log }: RaftContext, { lastEpoch, endOffset }: VoteAsk): boolean {
  return lastEpoch > log.lastEpoch || (lastEpoch === log.lastEpoch && endOffset >= log.endOffset);
}

function grantsVote(context: RaftContext, ask: VoteAsk): boolean {
  const { state } = context;
  if (state.name !== 'unattached' && state.name !== 'prospective') return false;
  if (state.leaderId !== undefined) return false;
  if (state.voted !== undefined) return isMeant(state.voted, ask.candidate);
  return isUpToDate(context, ask);
}

/** Pre-votes are for whoever could win, unless we have reason to believe in the leader that there is. */
function grantsPreVote(context: RaftContext, ask: VoteAsk): boolean {
  const { state } = context;
  if (state.name === 'leader') return false;
  if (state.name === 'follower' && state.hasFetched && !context.isLeaderGone) return false;
  return isUpToDate(context, ask);
}

/** The one we vote for gets its time: our own round of pre-votes ends, and the election timeout begins anew. */
function vote(context: RaftContext, { candidate }: VoteAsk, now: number): void {
  const { epoch, leaderId } = context.state;
  context.becomeUnattached(epoch, now, { leaderId, voted: candidate });
}
