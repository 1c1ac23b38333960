// What every message tells of epochs and leaders, and what becomes of us by it (Kafka: maybeHandleCommonResponse,
// handleBeginQuorumEpochRequest, handleEndQuorumEpochRequest).
import { Errors, ZERO_UUID } from '../../protocol/index.ts';
import { NO_NODE } from './election-state.ts';
import type { BeginEpochAsk, EndEpochAsk, EpochAnswer, LeaderAnswer } from './peer-messages.ts';
import type { PeerAddress } from './quorum-peers.ts';
import type { RaftContext } from './raft-context.ts';
import { isMeant } from './replica-key.ts';

/** The part of an answer that says who leads. */
export function answerOf(context: RaftContext, errorCode: number) {
  const { state } = context;
  return { errorCode, epoch: state.epoch, leaderId: state.leaderId, leaderAddress: leaderAddress(context) };
}

export function leaderAddress(context: RaftContext): PeerAddress | undefined {
  const { state, options } = context;
  if (state.name === 'follower') return state.leaderAddress;
  if (state.name === 'leader') return options.endpoints[0] ?? context.addressOf(context.self.id);
  return state.leaderId === undefined ? undefined : context.addressOf(state.leaderId);
}

/** Two leaders of one epoch: one of the nodes has lost what it had promised. */
const CONFLICT =
  'another leader of this epoch is named than the one that is known; it is not followed. One of the two may have lost its ' +
  'quorum-state, or belong to another cluster';

export interface ToldLeader {
  readonly epoch: number;
  readonly leaderId: number | undefined;
  readonly address: PeerAddress | undefined;
  /** The leader says so itself. */
  readonly isFirstHand: boolean;
}

/** False when what is told cannot be: another leader of this epoch is known. An older epoch changes nothing. */
export function learn(context: RaftContext, told: ToldLeader, now: number): boolean {
  const { state, self } = context;
  const { epoch, leaderId, isFirstHand } = told;
  if (epoch < state.epoch || (epoch === state.epoch && leaderId === undefined)) return true;
  if (leaderId === self.id) return learnOfOurselves(context, epoch, now);
  if (leaderId === undefined) {
    context.becomeUnattached(epoch, now);
    return true;
  }
  const address = told.address ?? context.addressOf(leaderId);
  if (epoch === state.epoch) {
    const known = state.name === 'resigned' ? self.id : state.leaderId;
    if (known !== undefined && known !== leaderId) {
      context.tell('error', CONFLICT, { leaderId: known, namedId: leaderId });
      return false;
    }
    if (state.name === 'follower') {
      if (isFirstHand && address !== undefined) state.leaderAddress = address;
      return true;
    }
    // We asked for pre-votes because that leader is silent: that others know of it is no news.
    if (state.name === 'prospective' && known === leaderId && !isFirstHand) return true;
  }
  if (address !== undefined) context.becomeFollower(epoch, leaderId, address, now);
  else if (epoch > state.epoch || state.leaderId === undefined) context.becomeUnattached(epoch, now, { leaderId });
  return true;
}

/**
 * We are said to lead. Where we do not know of it our directory is new or was wiped: we neither lead that epoch nor vote in it,
 * which is what a leader does that comes back (Apache Kafka 4.3 ends itself here).
 */
function learnOfOurselves(context: RaftContext, epoch: number, now: number): boolean {
  const { state, self } = context;
  if (epoch === state.epoch && (state.name === 'leader' || state.name === 'resigned')) return true;
  if (epoch === state.epoch && state.leaderId !== undefined) {
    context.tell('error', CONFLICT, { leaderId: state.leaderId, namedId: self.id });
    return false;
  }
  context.becomeResigned(epoch, now);
  context.tell(
    'warn',
    'this node is named as the leader of an epoch that it knows nothing of: its metadata directory is new',
  );
  context.effects.persist = { epoch, leaderId: self.id, votedId: NO_NODE, votedDirectoryId: ZERO_UUID };
  return true;
}

/** True when the answer says nothing more than who leads, or nothing at all. */
export function isOnlyNews(context: RaftContext, answer: LeaderAnswer, now: number): boolean {
  const { epoch, leaderId, leaderAddress: address, errorCode } = answer;
  const before = context.state;
  if (epoch < before.epoch && errorCode === Errors.NONE) return true;
  const isPossible = learn(context, { epoch, leaderId, address, isFirstHand: false }, now);
  if (!isPossible || context.state !== before) return true;
  return errorCode === Errors.FENCED_LEADER_EPOCH || errorCode === Errors.NOT_LEADER_OR_FOLLOWER;
}

export function answerBeginEpoch(context: RaftContext, ask: BeginEpochAsk, now: number): EpochAnswer {
  const answer = (errorCode: number): EpochAnswer => ({ kind: 'begin epoch', ...answerOf(context, errorCode) });
  const { epoch, leaderId, voter, endpoints } = ask;
  if (leaderId < 0 || epoch < 0) return answer(Errors.INVALID_REQUEST);
  if (epoch < context.state.epoch) return answer(Errors.FENCED_LEADER_EPOCH);
  if (!learn(context, { epoch, leaderId, address: addressIn(context, endpoints), isFirstHand: true }, now)) {
    return answer(Errors.INVALID_REQUEST);
  }
  if (voter.id >= 0 && !isMeant(voter, context.self)) return answer(Errors.INVALID_VOTER_KEY);
  return answer(Errors.NONE);
}

export function answerEndEpoch(context: RaftContext, ask: EndEpochAsk, now: number): EpochAnswer {
  const answer = (errorCode: number): EpochAnswer => ({ kind: 'end epoch', ...answerOf(context, errorCode) });
  const { epoch, leaderId, preferred } = ask;
  if (leaderId < 0 || epoch < 0) return answer(Errors.INVALID_REQUEST);
  if (epoch < context.state.epoch) return answer(Errors.FENCED_LEADER_EPOCH);
  if (!learn(context, { epoch, leaderId, address: addressIn(context, ask.endpoints), isFirstHand: true }, now)) {
    return answer(Errors.INVALID_REQUEST);
  }
  const { state } = context;
  if (state.name !== 'follower' && state.name !== 'unattached') return answer(Errors.NONE);
  if (state.leaderId !== leaderId || !context.isVoter) return answer(Errors.NONE);
  const place = preferred.findIndex((key) => isMeant(key, context.self));
  const pauseMs = successionBackoff(place, preferred.length, context.options.timeouts.electionBackoffMaxMs);
  if (state.name === 'unattached') state.electionDeadlineMs = now + pauseMs;
  else {
    state.hasLeaderResigned = true;
    state.standMs = now + pauseMs;
  }
  return answer(Errors.NONE);
}

/** The best successor stands at once, the others later by their place (Kafka: endEpochElectionBackoff). */
function successionBackoff(place: number, count: number, maxMs: number): number {
  if (place < 0) return maxMs;
  return place === 0 ? 0 : Math.min(maxMs, (maxMs >> (count - 1)) << (place - 1));
}

function addressIn({ options }: RaftContext, endpoints: BeginEpochAsk['endpoints']): PeerAddress | undefined {
  const ours = options.endpoints[0]?.name;
  return endpoints.find(({ name }) => name === ours) ?? endpoints[0];
}
