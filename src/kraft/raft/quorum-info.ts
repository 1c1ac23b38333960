// The quorum as DescribeQuorum tells it, and why a node may not take part in the one that its directory belongs to.
import type { Raft } from './raft.ts';
import type { RecoveredVoters } from './recover-voters.ts';
import type { Voter } from './voter-set.ts';

export interface VoterInfo {
  readonly voter: Voter;
  readonly logEndOffset: number;
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

export interface QuorumInfo {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  /** -1: not known. */
  readonly highWatermark: number;
  readonly voters: readonly VoterInfo[];
}

const NO_LEADER = -1;

/** As the leader tells it, of whom all voters are up to date: it is the only one. */
export function quorumInfoOf(raft: Raft, logEndOffset: number, nowMs: number): QuorumInfo {
  const { epoch, leaderId } = raft.leadership;
  return {
    leaderId: leaderId ?? NO_LEADER,
    leaderEpoch: epoch,
    highWatermark: raft.highWatermark ?? -1,
    voters: raft.voters.voters.map((voter) => ({
      voter,
      logEndOffset,
      lastFetchTimestamp: nowMs,
      lastCaughtUpTimestamp: nowMs,
    })),
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
export function checkOnlyVoter({ voters, kraftVersion }: RecoveredVoters, member: QuorumMember): void {
  const { nodeId, directory, directoryId } = member;
  if (voters.isOnlyVoter(nodeId, directoryId)) return;
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
