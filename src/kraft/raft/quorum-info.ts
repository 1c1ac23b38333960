// What DescribeQuorum tells.
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
