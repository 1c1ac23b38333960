// What a consumer and its place in a group owe each other, whichever protocol the place is held by.
export interface GroupPlace {
  readonly topic: string;
  readonly partition: number;
}

/** As whom offsets are committed. */
export interface GroupIdentity {
  /** Generation of a classic group, member epoch of a consumer group (KIP-848), -1 outside of a group. */
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** By the protocol of KIP-848. */
  readonly isModern: boolean;
}

export const NO_MEMBER: GroupIdentity = { generationId: -1, memberId: '', groupInstanceId: null, isModern: false };

/** The consumer, as its membership sees it. */
export interface MembershipHost {
  /** What the consumer has now, of this membership. */
  owned(): readonly GroupPlace[];
  /** These are ours from now on. Resolves when the program has been told. */
  assign(places: readonly GroupPlace[]): Promise<void>;
  /**
   * These are to be given up: resolves when the program is done with their records or `deadlineMs` (monotonic) is over, offsets
   * are committed and the program has been told.
   */
  revoke(places: readonly GroupPlace[], deadlineMs: number): Promise<void>;
  /** These are no longer ours: others may have them. Resolves when the program has been told. */
  lose(places: readonly GroupPlace[]): Promise<void>;
  /** Whether the program has not asked for records for longer than max.poll.interval.ms. */
  isIdleTooLong(): boolean;
  /** The membership cannot go on: told to the program with the next poll. */
  fault(error: unknown): void;
}

export interface Membership {
  readonly identity: GroupIdentity;
  /** The place was given up because the program did not come for its records. */
  readonly isAway: boolean;
  /** In the background, until it is left. */
  start(): void;
  /** The program is back after it was idle for too long, or has subscribed to something else. */
  rejoin(): void;
  /**
   * Joins no more. `isForGood`: the group is told that it need not wait; else the member may be back before its session ends.
   * Resolves when that has been told, or cannot be.
   */
  leave(isForGood: boolean): Promise<void>;
}

export interface GroupOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly rack: string;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** max.poll.interval.ms: what a rebalance may take. */
  readonly rebalanceTimeoutMs: number;
}

export const groupPlaceName = ({ topic, partition }: GroupPlace): string => `${topic}-${partition}`;

/** Those of `places` that are not among `others`. */
export function without(places: readonly GroupPlace[], others: readonly GroupPlace[]): GroupPlace[] {
  const names = new Set(others.map(groupPlaceName));
  return places.filter((place) => !names.has(groupPlaceName(place)));
}
