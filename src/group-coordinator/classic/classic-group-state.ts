// The states of a classic group, and what brings it from one to the next (Kafka: ClassicGroupState):
//
//   Empty                no members; perhaps committed offsets
//     join                → PreparingRebalance, which waits group.initial.rebalance.delay.ms for more members
//     heartbeat, sync     UNKNOWN_MEMBER_ID          commit: accepted without a member (simple consumers)
//     retention, delete   → gone, with a tombstone
//
//   PreparingRebalance   members are asked to join again, by the answer to their heartbeats
//     join                held until all members have joined, or the rebalance time-out
//     heartbeat, sync     REBALANCE_IN_PROGRESS      commit: accepted, the last of the old generation
//     leave, session end  the member goes; who is left may be complete now
//     complete            → CompletingRebalance in the next generation, joins are answered; → Empty without members
//
//   CompletingRebalance  the leader assigns
//     sync                held until the leader's; the leader's → Stable, once it is written
//     heartbeat           fine                       commit: REBALANCE_IN_PROGRESS
//     join                unchanged: the same answer again; changed: → PreparingRebalance
//     leave, session end, sync time-out              → PreparingRebalance
//
//   Stable               everybody has its assignment
//     heartbeat, sync, commit   fine
//     join                of the leader or with changed metadata, or a new member: → PreparingRebalance;
//                         a follower with nothing new gets the same answer again
//     leave, session end  → PreparingRebalance
//
// A group that has gone (Kafka: Dead) is not kept. Only Empty and Stable are in the log: a coordinator that starts in the
// middle of a rebalance knows the generation before it, and its members join again.
export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** The states from which a state is reached (Kafka: ClassicGroupState.validPreviousStates). */
export const PREVIOUS_STATES: Readonly<Record<ClassicGroupState, readonly ClassicGroupState[]>> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Empty', 'CompletingRebalance', 'Stable'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
};
