// What each state does as time passes and peers become ready: requests that are due, and transitions by timers (Kafka: the
// poll… methods of KafkaRaftClient). Each returns when it wants to be looked at next.
import { ZERO_UUID } from '../../protocol/index.ts';
import type { ElectionDuties } from './elections.ts';
import { fetchAsk, followerAsk } from './fetch-taking.ts';
import type { FollowerState } from './follower-state.ts';
import type { LeaderState } from './leader-state.ts';
import type { Destination } from './outbox.ts';
import type { PeerAsk } from './peer-messages.ts';
import type { RaftContext } from './raft-context.ts';
import { isMeant } from './replica-key.ts';
import type { ResignedState } from './resigned-state.ts';
import type { UnattachedState } from './unattached-state.ts';
import type { Voter } from './voter-set.ts';
import { sameEndpoints } from './voter-set.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** Between two questions for the leader. */
const SEARCH_PAUSE_MS = 50;
/** The levels of kraft.version that this node has. */
export const SUPPORTED_KRAFT_VERSIONS = { min: 0, max: 1 };

export function attendUnattached(context: RaftContext, state: UnattachedState, now: number, elections: ElectionDuties) {
  if (context.mayStand && now >= state.electionDeadlineMs) {
    elections.stand(now);
    return now;
  }
  return Math.min(state.electionDeadlineMs, seekLeader(context, now));
}

/**
 * Asks those who may know by a fetch: a leader answers with its log, others with its name. One at a time and in turn, whoever has
 * waited longest first (Kafka: RequestManager.findReadyBootstrapServer, which draws lots each time). What was asked of a port at
 * which nobody listens stays with the channel until somebody does, and meanwhile the others are asked.
 */
function seekLeader(context: RaftContext, now: number, leader?: Destination): number {
  const { outbox, refusing } = context;
  const others = context.acquaintances.filter(({ id }) => id !== leader?.id);
  const known = leader === undefined ? others : [leader, ...others];
  if (known.length === 0 || context.isOnlyVoter) return NEVER;
  const awaited = known.filter(({ id }) => outbox.isUnderWay(id) && outbox.readyMs(id) > now && !refusing.has(id));
  if (awaited.length > 0) return Math.min(...awaited.map(({ id }) => outbox.readyMs(id)));
  const pauseEndMs = Math.max(...known.map(({ id }) => outbox.sentMs(id))) + SEARCH_PAUSE_MS;
  const dueMs = Math.max(pauseEndMs, Math.min(...known.map(({ id }) => outbox.readyMs(id))));
  if (dueMs > now) return dueMs;
  const ready = known.filter(({ id }) => outbox.readyMs(id) <= now);
  const longestAgoMs = Math.min(...ready.map(({ id }) => outbox.sentMs(id)));
  const first = ready.filter(({ id }) => outbox.sentMs(id) === longestAgoMs);
  const chosen = first[Math.floor(context.options.random.next() * first.length)] as Destination;
  context.send(chosen, fetchAsk(context), now);
  return refusing.has(chosen.id) ? now + SEARCH_PAUSE_MS : outbox.readyMs(chosen.id);
}

export function attendFollower(context: RaftContext, state: FollowerState, now: number, elections: ElectionDuties) {
  if (context.mayStand && !context.isWriting) {
    if (now >= state.fetchDeadlineMs || now >= state.standMs) {
      elections.stand(now);
      return now;
    }
  }
  const standMs = context.mayStand && !context.isWriting ? Math.min(state.fetchDeadlineMs, state.standMs) : NEVER;
  if (context.isWriting) return standMs;
  // Whoever may not stand keeps its leader, and asks others whether there is a new one (Kafka: maybeSendFetchToBestNode).
  const isSilent = !context.mayStand && (now >= state.fetchDeadlineMs || context.refusing.has(state.leaderId));
  if (isSilent)
    return Math.min(standMs, seekLeader(context, now, { id: state.leaderId, address: state.leaderAddress }));
  return Math.min(standMs, askLeader(context, state, now), state.fetchDeadlineMs);
}

function askLeader(context: RaftContext, state: FollowerState, now: number): number {
  const { outbox } = context;
  const to = { id: state.leaderId, address: state.leaderAddress };
  const readyMs = outbox.readyMs(to.id);
  if (readyMs > now) return readyMs;
  context.send(
    to,
    (now >= state.updateVoterMs ? ownVoterAsk(context, state, now) : undefined) ?? followerAsk(context, state),
    now,
  );
  return outbox.readyMs(to.id);
}

/** What the leader should know of us as a voter, and does not; undefined: nothing. */
function ownVoterAsk(context: RaftContext, state: FollowerState, now: number): PeerAsk | undefined {
  const { options, self, history } = context;
  const { voters, kraftVersion } = history.last;
  state.updateVoterMs = now + 3 * options.timeouts.fetchMs;
  const own = voters.get(self.id);
  const { endpoints } = options;
  if (!options.isController || endpoints.length === 0) return undefined;
  const { min: minKraftVersion, max: maxKraftVersion } = SUPPORTED_KRAFT_VERSIONS;
  if (own !== undefined && isMeant(own, self)) {
    // With kraft.version 0 the leader alone learns our directory this way, which a later rise writes down.
    if (kraftVersion < 1 ? state.hasToldLeader : isUpToDate(own, context)) return undefined;
    return { kind: 'update voter', epoch: state.epoch, voter: self, endpoints, minKraftVersion, maxKraftVersion };
  }
  if (!options.autoJoin || kraftVersion < 1) return undefined;
  // KIP-1186: an observer that may vote asks to; first its own former directory has to go.
  if (own !== undefined) return { kind: 'remove voter', voter: { id: own.id, directoryId: own.directoryId } };
  return { kind: 'add voter', voter: self, endpoints, timeoutMs: options.timeouts.requestMs, ackWhenCommitted: false };
}

function isUpToDate(own: Voter, { options }: RaftContext): boolean {
  const { min, max } = SUPPORTED_KRAFT_VERSIONS;
  const hasLevels = own.minKraftVersion === min && own.maxKraftVersion === max;
  return hasLevels && sameEndpoints(own.endpoints, options.endpoints);
}

export function attendLeader(context: RaftContext, state: LeaderState, now: number): number {
  if (now >= state.checkQuorumMs) {
    context.tell('warn', 'a majority of the voters has not fetched in time: resigning');
    context.resign(now);
    return now;
  }
  const { fetchMs } = context.options.timeouts;
  const { outbox } = context;
  if (now >= state.beginEpochMs) {
    state.beginEpochMs = now + fetchMs / 2;
    for (const id of state.toBeTold(now, fetchMs / 2)) {
      const address = context.addressOf(id);
      if (address === undefined || outbox.readyMs(id) > now) continue;
      context.send({ id, address }, beginEpochAsk(context, state, id), now);
    }
  }
  return Math.min(state.checkQuorumMs, context.otherVoters.length === 0 ? NEVER : state.beginEpochMs);
}

function beginEpochAsk(context: RaftContext, state: LeaderState, voterId: number): PeerAsk {
  const { options, self } = context;
  const directoryId = context.voters.get(voterId)?.directoryId ?? ZERO_UUID;
  const endpoints = options.endpoints.length > 0 ? options.endpoints : (context.voters.get(self.id)?.endpoints ?? []);
  return { kind: 'begin epoch', epoch: state.epoch, leaderId: self.id, voter: { id: voterId, directoryId }, endpoints };
}

export function attendResigned(context: RaftContext, state: ResignedState, now: number, elections: ElectionDuties) {
  if (context.isOnlyVoter && now >= state.electionDeadlineMs) {
    elections.stand(now);
    return now;
  }
  if (now >= state.electionDeadlineMs) {
    context.becomeUnattached(state.epoch + 1, now);
    return now;
  }
  const { self, options, outbox } = context;
  let dueMs = state.electionDeadlineMs;
  for (const id of state.untold) {
    const address = context.addressOf(id);
    if (address === undefined) continue;
    if (outbox.readyMs(id) <= now) {
      const { epoch, preferred } = state;
      const ask = { kind: 'end epoch', epoch, leaderId: self.id, preferred, endpoints: options.endpoints } as const;
      context.send({ id, address }, ask, now);
    }
    dueMs = Math.min(dueMs, outbox.readyMs(id));
  }
  return dueMs;
}
