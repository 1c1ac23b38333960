// What members of consumer and of share groups have in common (Kafka: ModernGroupMember, MemberState). Members are not changed:
// another one takes their place.

/** Where a member stands on its way to its target assignment, as records write it. */
export const MemberStates = {
  /** It has what it was given, and nothing to give back. */
  STABLE: 0,
  /** It has been asked to give up partitions and has not said that it did. */
  UNREVOKED_PARTITIONS: 1,
  /** It waits for partitions that others have not given up. */
  UNRELEASED_PARTITIONS: 2,
  /** A state of versions to come. */
  UNKNOWN: 127,
} as const;
export type MemberState = (typeof MemberStates)[keyof typeof MemberStates];

/** Epochs in requests, records and answers that are no epochs. */
export const JOIN_EPOCH = 0;
export const LEAVE_EPOCH = -1;
/** A static member leaves for a while (KIP-345). */
export const LEAVE_STATIC_EPOCH = -2;

export interface ModernMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  /** The epoch before: an answer with the present one may have been lost. */
  readonly previousMemberEpoch: number;
  readonly state: MemberState;
  /** Set for static members. */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopicNames: ReadonlySet<string>;
}

/** The member has all that was assigned to it in this epoch, and nothing else. */
export function isReconciledTo({ state, memberEpoch }: ModernMember, assignmentEpoch: number): boolean {
  return state === MemberStates.STABLE && memberEpoch === assignmentEpoch;
}

/** The state with this number; UNKNOWN for those that we do not know. */
export function memberStateOf(value: number): MemberState {
  for (const state of Object.values(MemberStates)) if (state === value) return state;
  return MemberStates.UNKNOWN;
}

export function sameNames(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const name of one) if (!other.has(name)) return false;
  return true;
}
