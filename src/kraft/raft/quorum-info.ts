// The quorum as DescribeQuorum tells it, and why a node may not take part in the one that its directory belongs to.
import type { Raft } from './raft.ts';
import type { ReplicaProgress } from './leader-state.ts';
import type { QuorumOptions } from './quorum-peers.ts';
import type { Quorum } from './voter-history.ts';
import type { Voter } from './voter-set.ts';

export interface ReplicaInfo {
  readonly id: number;
  readonly directoryId: string;
  /** -1: not known, as with the times, which are milliseconds since the epoch. */
  readonly logEndOffset: number;
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

export interface QuorumInfo {
  /** Whether this node leads. */
  readonly leads: boolean;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  /** -1: not known. */
  readonly highWatermark: number;
  /** How far they are, as the leader knows it; on other nodes nothing is known of them. */
  readonly replicas: readonly ReplicaInfo[];
  readonly observers: readonly ReplicaInfo[];
  /** Where the voters listen. */
  readonly voters: readonly Voter[];
}

const NO_LEADER = -1;

interface Now {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export function quorumInfoOf(raft: Raft, logEndOffset: number, now: Now): QuorumInfo {
  const { state, voters } = raft;
  const { epoch, leaderId } = raft.leadership;
  const info = {
    leads: state.name === 'leader',
    leaderId: leaderId ?? NO_LEADER,
    leaderEpoch: epoch,
    highWatermark: raft.leaderHighWatermark ?? -1,
    voters: voters.voters,
  };
  if (state.name !== 'leader') {
    const unknown = { logEndOffset: -1, lastFetchTimestamp: -1, lastCaughtUpTimestamp: -1 };
    return {
      ...info,
      replicas: voters.voters.map(({ id, directoryId }) => ({ id, directoryId, ...unknown })),
      observers: [],
    };
  }
  const told = (progress: ReplicaProgress) => replicaInfo(progress, now);
  const own = { logEndOffset, lastFetchTimestamp: now.wallMs, lastCaughtUpTimestamp: now.wallMs };
  return {
    ...info,
    replicas: state.voterProgress.map((progress) => {
      return progress.key.id === state.self.id ? { ...state.self, ...own } : told(progress);
    }),
    observers: state.observerProgress.map(told),
  };
}

/** Times are kept on the monotonic clock, so that a jump of the wall clock changes nothing but what is told. */
function replicaInfo({ key, endOffset, lastFetchMs, lastCaughtUpMs }: ReplicaProgress, now: Now): ReplicaInfo {
  const wall = (ms: number | undefined): number =>
    ms === undefined ? -1 : Math.round(now.wallMs - (now.monotonicMs - ms));
  return {
    ...key,
    logEndOffset: endOffset,
    lastFetchTimestamp: wall(lastFetchMs),
    lastCaughtUpTimestamp: wall(lastCaughtUpMs),
  };
}

/** The node may not take part in the quorum that its directory belongs to. */
export class QuorumError extends Error {
  override readonly name = 'QuorumError';
}

export interface QuorumMember {
  readonly nodeId: number;
  readonly directory: string;
  readonly directoryId: string;
}

/** Throws QuorumError, which says where the voters stand: in the configuration or in the directory. */
export function checkMembership(
  { voters, kraftVersion }: Quorum,
  member: QuorumMember,
  quorum: QuorumOptions | undefined,
): void {
  const { nodeId, directory, directoryId } = member;
  if (voters.includes(nodeId, directoryId) && (quorum !== undefined || voters.size === 1)) return;
  const hasOthers = voters.ids.some((id) => id !== nodeId) || (quorum?.bootstrapServers.length ?? 0) > 0;
  // Whoever may not vote, or does not yet, observes those who do.
  if (quorum !== undefined && hasOthers && (kraftVersion >= 1 || !quorum.isController || voters.size === 0)) return;
  if (kraftVersion >= 1) {
    const names = voters.voters.map((voter) => `${voter.id} (${voter.directoryId})`).join(', ');
    const who = `node ${nodeId} with directory ${directoryId}`;
    throw new QuorumError(`${who} is not the only voter of ${directory}; its voters are: ${names || 'none'}`);
  }
  const whatToDo = `set controller.quorum.voters=${nodeId}@<host>:<port>, with the address of its controller listener`;
  if (voters.size === 0) {
    throw new QuorumError(
      `${directory} leaves it to the configuration who votes (kraft.version 0), and controller.quorum.voters is not set: ${whatToDo}`,
    );
  }
  throw new QuorumError(
    `controller.quorum.voters names ${voters.size === 1 ? 'node' : 'the nodes'} ${voters.ids.join(', ')}, but node ${nodeId} has to be the only ` +
      `voter of ${directory}: ${whatToDo}`,
  );
}
