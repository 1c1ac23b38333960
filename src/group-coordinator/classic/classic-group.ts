// A classic group: members that agree on a protocol, and a leader among them that hands out the work (Kafka: ClassicGroup,
// ClassicGroupState). The state machine:
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
import { Errors, type ErrorCode, type Int64 } from '../../protocol/index.ts';
import type { ClassicMember, MemberProtocol } from './classic-member.ts';
import { subscribedTopicsOf } from './subscriptions.ts';

export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** The protocol type whose metadata the broker can read. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

export class ClassicGroup {
  readonly kind = 'classic';
  readonly groupId: string;
  generationId = 0;
  /** undefined: never had members. */
  protocolType: string | undefined;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** When it came into the present state, milliseconds; -1: not known. */
  stateTimestampMs: Int64 = -1;
  /** Somebody joined while the first rebalance waited: it may wait longer. */
  hasNewMember = false;
  /** undefined: not known, because members are no consumers or their metadata cannot be read. */
  subscribedTopics: ReadonlySet<string> | undefined;
  #state: ClassicGroupState = 'Empty';
  #previousState: ClassicGroupState = 'Empty';
  readonly #members = new Map<string, ClassicMember>();
  readonly #staticMembers = new Map<string, string>();
  /** Have been given an id and have not joined with it yet (KIP-394). */
  readonly #pendingMembers = new Set<string>();
  /** Have been told the generation and have not sent SyncGroup yet. */
  readonly #pendingSyncs = new Set<string>();
  /** How many members support a protocol. */
  readonly #supporters = new Map<string, number>();

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get state(): ClassicGroupState {
    return this.#state;
  }
  get previousState(): ClassicGroupState {
    return this.#previousState;
  }
  get members(): MapIterator<ClassicMember> {
    return this.#members.values();
  }
  get size(): number {
    return this.#members.size;
  }
  get pendingMembers(): ReadonlySet<string> {
    return this.#pendingMembers;
  }
  get pendingSyncs(): ReadonlySet<string> {
    return this.#pendingSyncs;
  }
  get isConsumerGroup(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  isIn(...states: ClassicGroupState[]): boolean {
    return states.includes(this.#state);
  }
  transitionTo(state: ClassicGroupState, nowMs: Int64): void {
    this.#previousState = this.#state;
    this.#state = state;
    this.stateTimestampMs = nowMs;
  }

  member(memberId: string): ClassicMember | undefined {
    return this.#members.get(memberId);
  }
  staticMemberId(groupInstanceId: string): string | undefined {
    return this.#staticMembers.get(groupInstanceId);
  }
  isPending(memberId: string): boolean {
    return this.#pendingMembers.has(memberId);
  }
  isLeader(memberId: string): boolean {
    return this.leaderId === memberId;
  }

  /** UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, or NONE for a member that is who it says. */
  validateMember(memberId: string, groupInstanceId: string | null): ErrorCode {
    if (groupInstanceId !== null) {
      const known = this.#staticMembers.get(groupInstanceId);
      if (known === undefined) return Errors.UNKNOWN_MEMBER_ID;
      if (known !== memberId) return Errors.FENCED_INSTANCE_ID;
    }
    return this.#members.has(memberId) ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
  }

  /** Whether a member with these protocols can be in the group with all the others. */
  supportsProtocols(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0;
    if (protocolType !== this.protocolType) return false;
    return protocols.some(({ name }) => (this.#supporters.get(name) ?? 0) === this.#members.size);
  }

  add(member: ClassicMember, protocolType: string): void {
    if (this.#members.size === 0) this.protocolType = protocolType;
    this.leaderId ??= member.memberId;
    this.#members.set(member.memberId, member);
    this.#count(member, 1);
    if (member.groupInstanceId !== null) this.#staticMembers.set(member.groupInstanceId, member.memberId);
    this.#pendingMembers.delete(member.memberId);
  }

  addPending(memberId: string): void {
    this.#pendingMembers.add(memberId);
  }

  /** Forgets a member, joined or pending. Who waits for its answers must be told by the caller. */
  remove(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member !== undefined) {
      this.#members.delete(memberId);
      this.#count(member, -1);
      if (member.groupInstanceId !== null) this.#staticMembers.delete(member.groupInstanceId);
    }
    if (this.leaderId === memberId) this.leaderId = this.#members.keys().next().value ?? null;
    this.#pendingMembers.delete(memberId);
    this.#pendingSyncs.delete(memberId);
  }

  updateProtocols(member: ClassicMember, protocols: readonly MemberProtocol[]): void {
    this.#count(member, -1);
    member.protocols = protocols;
    this.#count(member, 1);
  }

  /** Another process has taken the place of a static member: it is the same member under a new id. */
  replaceStatic(old: ClassicMember, memberId: string): ClassicMember {
    const member = old.renamed(memberId);
    const wasLeader = this.leaderId === old.memberId;
    this.remove(old.memberId);
    this.#members.set(memberId, member);
    this.#count(member, 1);
    this.#staticMembers.set(member.groupInstanceId as string, memberId);
    if (wasLeader) this.leaderId = memberId;
    return member;
  }

  #count(member: ClassicMember, change: number): void {
    for (const { name } of member.protocols) {
      const count = (this.#supporters.get(name) ?? 0) + change;
      if (count > 0) this.#supporters.set(name, count);
      else this.#supporters.delete(name);
    }
  }

  get joinsAwaited(): number {
    let count = 0;
    for (const member of this.#members.values()) if (member.awaitingJoin !== undefined) count++;
    return count;
  }
  get hasAllMembersJoined(): boolean {
    if (this.#pendingMembers.size > 0) return false;
    for (const member of this.#members.values()) if (member.awaitingJoin === undefined) return false;
    return true;
  }

  /** The slowest member sets the pace. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const member of this.#members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs);
    return longest;
  }

  /** When the leader has not come back, the first member that has takes its place. false: nobody has. */
  electLeader(): boolean {
    const leader = this.leaderId === null ? undefined : this.#members.get(this.leaderId);
    if (leader === undefined) return false;
    if (leader.awaitingJoin !== undefined) return true;
    for (const member of this.#members.values()) {
      if (member.awaitingJoin === undefined) continue;
      this.leaderId = member.memberId;
      return true;
    }
    return false;
  }

  beginGeneration(nowMs: number): void {
    this.generationId++;
    this.protocolName = this.#members.size === 0 ? null : this.selectProtocol();
    this.updateSubscribedTopics();
    this.transitionTo(this.#members.size === 0 ? 'Empty' : 'CompletingRebalance', nowMs);
    this.#pendingSyncs.clear();
  }

  updateSubscribedTopics(): void {
    this.subscribedTopics = this.isConsumerGroup
      ? subscribedTopicsOf(this.#members.values(), this.protocolName)
      : undefined;
  }

  awaitSync(memberId: string): void {
    this.#pendingSyncs.add(memberId);
  }
  hasSynced(memberId: string): void {
    this.#pendingSyncs.delete(memberId);
  }

  /** Of the protocols that all support, the one that most members prefer to the others. */
  selectProtocol(): string {
    const votes = new Map<string, number>();
    for (const member of this.#members.values()) {
      const vote = member.protocols.find(({ name }) => this.#supporters.get(name) === this.#members.size);
      if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
    }
    let [chosen, most] = ['', 0];
    for (const [name, count] of votes) if (count > most) [chosen, most] = [name, count];
    return chosen;
  }

  /** Whether offsets of `topic` are in use: a group of consumers whose subscription is not known may read any. */
  isSubscribedTo(topic: string): boolean {
    if (!this.isConsumerGroup) return false;
    return this.subscribedTopics?.has(topic) ?? true;
  }
}
