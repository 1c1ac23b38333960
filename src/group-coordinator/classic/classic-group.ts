// A classic group: members that agree on a protocol, and a leader among them that hands out the work (Kafka: ClassicGroup).
// What it holds, and what may be asked of it; its ways from one generation to the next are in rebalance.ts, join.ts, sync.ts.
import { Errors, type ErrorCode, type Int64 } from '../../protocol/index.ts';
import { assert } from '../../runtime/index.ts';
import type { Committer, DescribedGroup, Group, ListedGroup } from '../group.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { CommittedOffset } from '../group-record.ts';
import { type ClassicGroupState, PREVIOUS_STATES } from './classic-group-state.ts';
import type { ClassicMember, MemberProtocol } from './classic-member.ts';
import { described } from './describe.ts';
import { ProtocolSupport } from './protocol-support.ts';
import { groupMetadata } from './record-types.ts';
import { cancelSession, keepSession } from '../sessions.ts';
import { subscribedTopicsOf } from './subscriptions.ts';

/** The protocol type whose metadata the broker can read. */
const CONSUMER_PROTOCOL_TYPE = 'consumer';

export const CLASSIC_TYPE = 'classic';

export class ClassicGroup implements Group {
  readonly type = CLASSIC_TYPE;
  readonly groupId: string;
  generationId = 0;
  /** undefined: never had members. */
  protocolType: string | undefined;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** When it came into the present state, milliseconds; -1: not known. */
  stateTimestampMs: Int64 = -1;
  /** A member has joined while the first rebalance waited: it may wait longer. */
  hasNewMember = false;
  /** undefined: not known, because members are no consumers or their metadata cannot be read. */
  subscribedTopics: ReadonlySet<string> | undefined;
  #state: ClassicGroupState;
  #previousState: ClassicGroupState;
  readonly #members = new Map<string, ClassicMember>();
  readonly #staticMembers = new Map<string, string>();
  /** Have been given an id and have not joined with it yet (KIP-394). */
  readonly #pendingMembers = new Set<string>();
  /** Have been told the generation and have not sent SyncGroup yet. */
  readonly #pendingSyncs = new Set<string>();
  readonly #protocols = new ProtocolSupport();

  /** Empty, or what the log says of it. */
  constructor(groupId: string, state: 'Empty' | 'Stable' = 'Empty') {
    this.groupId = groupId;
    this.#state = state;
    this.#previousState = state;
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
  transitionTo(state: ClassicGroupState, nowMs: number): void {
    assert(PREVIOUS_STATES[state].includes(this.#state), 'a classic group changes its state as the table has it');
    assert(state !== 'Empty' || this.#members.size === 0, 'an empty group has no members');
    assert(this.#hasLeader, 'the leader is a member, and a group with members has one');
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
  get #hasLeader(): boolean {
    return this.leaderId === null ? this.#members.size === 0 : this.#members.has(this.leaderId);
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
    return this.#protocols.hasCommon(protocols, this.#members.size);
  }

  add(member: ClassicMember, protocolType: string): void {
    if (this.#members.size === 0) this.protocolType = protocolType;
    assert(!this.#members.has(member.memberId), 'nobody becomes a member twice');
    assert(this.protocolType === protocolType, 'all members speak the protocol type of the group');
    this.leaderId ??= member.memberId;
    this.#members.set(member.memberId, member);
    this.#protocols.count(member, 1);
    if (member.groupInstanceId !== null) this.#staticMembers.set(member.groupInstanceId, member.memberId);
    this.#pendingMembers.delete(member.memberId);
  }

  addPending(memberId: string): void {
    assert(!this.#members.has(memberId), 'a member is not waited for any more');
    this.#pendingMembers.add(memberId);
  }

  /** Forgets a member, joined or pending. Who waits for its answers must be told by the caller. */
  remove(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member !== undefined) {
      this.#members.delete(memberId);
      this.#protocols.count(member, -1);
      if (member.groupInstanceId !== null) this.#staticMembers.delete(member.groupInstanceId);
    }
    if (this.leaderId === memberId) this.leaderId = this.#members.keys().next().value ?? null;
    this.#pendingMembers.delete(memberId);
    this.#pendingSyncs.delete(memberId);
  }

  updateProtocols(member: ClassicMember, protocols: readonly MemberProtocol[]): void {
    this.#protocols.count(member, -1);
    member.protocols = protocols;
    this.#protocols.count(member, 1);
  }

  /** Another process has taken the place of a static member: it is the same member under a new id. */
  replaceStatic(old: ClassicMember, memberId: string): ClassicMember {
    assert(this.#members.get(old.memberId) === old, 'only a member is replaced');
    assert(old.groupInstanceId !== null, 'only static members are replaced');
    assert(!this.#members.has(memberId), "the new id is nobody else's");
    const member = old.renamed(memberId);
    const wasLeader = this.leaderId === old.memberId;
    this.remove(old.memberId);
    this.#members.set(memberId, member);
    this.#protocols.count(member, 1);
    this.#staticMembers.set(old.groupInstanceId, memberId);
    if (wasLeader) this.leaderId = memberId;
    return member;
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
    assert(this.#state === 'PreparingRebalance', 'a generation begins when its members have joined');
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
    assert(this.#members.has(memberId), 'only members fetch an assignment');
    this.#pendingSyncs.add(memberId);
  }
  hasSynced(memberId: string): void {
    this.#pendingSyncs.delete(memberId);
  }

  selectProtocol(): string {
    return this.#protocols.select(this.#members);
  }

  // The contract of groups.

  get isEmpty(): boolean {
    return this.#state === 'Empty';
  }
  get shouldExpire(): boolean {
    return this.#state === 'Empty' && this.#pendingMembers.size === 0;
  }

  checkCommit(committer: Committer, effects: GroupEffects): ErrorCode {
    const errorCode = this.#commitFault(committer);
    if (errorCode !== Errors.NONE || committer.isTransactional) return errorCode;
    const member = this.#members.get(committer.memberId);
    if (member !== undefined && this.#state !== 'Empty') keepSession(this.groupId, member, effects);
    return Errors.NONE;
  }

  #commitFault(committer: Committer): ErrorCode {
    const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId, isTransactional } = committer;
    // Admin clients and consumers that assign themselves: as long as nobody else uses the group.
    if (generationId < 0 && this.#state === 'Empty') return Errors.NONE;
    if (generationId < 0 && memberId === '' && groupInstanceId === null) {
      // Producers of before KIP-447 do not say for whom they commit.
      return isTransactional ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
    }
    const errorCode = this.validateMember(memberId, groupInstanceId);
    if (errorCode !== Errors.NONE) return errorCode;
    if (generationId !== this.generationId) return Errors.ILLEGAL_GENERATION;
    if (isTransactional) return Errors.NONE;
    return this.#state === 'CompletingRebalance' ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
  }

  checkFetch(): ErrorCode {
    return Errors.NONE;
  }

  /** While it has members that are no consumers, nobody knows which topics they read. */
  checkDeleteOffsets(): ErrorCode {
    return this.#state === 'Empty' || this.isConsumerGroup ? Errors.NONE : Errors.NON_EMPTY_GROUP;
  }

  /** A group of consumers whose subscription is not known may read any topic. */
  isSubscribedTo(topic: string): boolean {
    if (!this.isConsumerGroup) return false;
    return this.subscribedTopics?.has(topic) ?? true;
  }

  offsetsAgeFrom(): ((offset: CommittedOffset) => Int64) | undefined {
    const commitTime = (offset: CommittedOffset): Int64 => offset.commitTimestampMs;
    // Simple consumers: nobody but the commits themselves tells that somebody is there.
    if (this.protocolType === undefined) return commitTime;
    if (this.#state === 'Empty') {
      const { stateTimestampMs } = this;
      return stateTimestampMs === -1 ? commitTime : () => stateTimestampMs;
    }
    return this.#state === 'Stable' && this.subscribedTopics !== undefined ? commitTime : undefined;
  }

  appendTombstones(effects: GroupEffects): void {
    effects.append(groupMetadata.record({ group: this.groupId }, null));
  }

  cancelTimers(effects: GroupEffects): void {
    for (const memberId of this.#pendingMembers) cancelSession(this.groupId, memberId, effects);
  }

  listed(): ListedGroup {
    const { groupId, type, state, protocolType = '' } = this;
    return { groupId, protocolType, groupState: state, groupType: type };
  }

  described(): DescribedGroup {
    return described(this);
  }
}
