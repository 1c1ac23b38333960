// A member of a classic group, and the requests of it that wait for the others.
import type { Held } from '../../coordinator-common/index.ts';
import type { JoinGroupResponse } from '../../protocol/messages/11-join-group.ts';
import type { SyncGroupResponse } from '../../protocol/messages/14-sync-group.ts';

export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface MemberFacts {
  readonly memberId: string;
  /** Set for static members (KIP-345). */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** In the order in which the member prefers them. */
  readonly protocols: readonly MemberProtocol[];
}

export const NO_BYTES = new Uint8Array(0);

export class ClassicMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocols: readonly MemberProtocol[];
  assignment: Uint8Array = NO_BYTES;
  /** True while the first join has no answer: the member does not know its id, so it cannot send heartbeats. */
  isNew = false;
  awaitingJoin: Held<JoinGroupResponse> | undefined;
  awaitingSync: Held<SyncGroupResponse> | undefined;

  constructor(facts: MemberFacts) {
    this.memberId = facts.memberId;
    this.groupInstanceId = facts.groupInstanceId;
    this.clientId = facts.clientId;
    this.clientHost = facts.clientHost;
    this.rebalanceTimeoutMs = facts.rebalanceTimeoutMs;
    this.sessionTimeoutMs = facts.sessionTimeoutMs;
    this.protocols = facts.protocols;
  }

  /** The same member with its assignment under another id; no request of it is waiting. */
  renamed(memberId: string): ClassicMember {
    const { groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = this;
    const facts = { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols };
    const member = new ClassicMember(facts);
    member.assignment = this.assignment;
    return member;
  }

  /** The metadata that the member gave for `protocol`. */
  metadata(protocol: string | null): Uint8Array {
    return this.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES;
  }

  /** Same protocols in the same order with the same metadata: joining again changes nothing. */
  matches(protocols: readonly MemberProtocol[]): boolean {
    if (protocols.length !== this.protocols.length) return false;
    return this.protocols.every((own, index) => {
      const other = protocols[index] as MemberProtocol;
      return own.name === other.name && Buffer.compare(own.metadata, other.metadata) === 0;
    });
  }

  /** A session that ends now does not end the member: it waits for us, not we for it. */
  get hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.awaitingJoin !== undefined || this.awaitingSync !== undefined);
  }
}
