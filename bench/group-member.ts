// A consumer of a classic group over its own socket, as far as its group goes: it joins, assigns when it leads, and joins
// again when it is told to.

import { WireConnection } from '../conformance/wire/connection.ts';
import {
  heartbeat,
  isCoordinatorAway,
  joinGroup,
  type JoinedMember,
  syncGroup,
} from '../conformance/wire/group-requests.ts';

const MEMBER_ID_REQUIRED = 79;
const REBALANCE_IN_PROGRESS = 27;
const ILLEGAL_GENERATION = 22;
const RETRY_MS = 50;

/** The Java consumer's: session.timeout.ms, max.poll.interval.ms. */
const TIMEOUTS = { sessionMs: 45_000, rebalanceMs: 300_000 };

export interface Membership {
  readonly groupId: string;
  readonly topic: string;
  readonly partitions: number;
}

const later = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

export class GroupMember {
  readonly #connection: WireConnection;
  readonly #in: Membership;
  #memberId = '';
  /** Of its assignment; 0: it has none. */
  generation = 0;
  assignedPartitions = 0;

  private constructor(connection: WireConnection, membership: Membership) {
    this.#connection = connection;
    this.#in = membership;
  }

  static async open(bootstrap: string, membership: Membership): Promise<GroupMember> {
    return new GroupMember(await WireConnection.open(bootstrap), membership);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Resolves when it has an assignment. */
  async join(): Promise<void> {
    this.generation = 0;
    for (;;) {
      const { groupId, topic } = this.#in;
      const joined = await joinGroup(this.#connection, { groupId, topic, memberId: this.#memberId }, TIMEOUTS);
      if (joined.memberId !== '') this.#memberId = joined.memberId;
      if (joined.errorCode === 0) {
        if (await this.#sync(joined)) return;
      } else if (joined.errorCode !== MEMBER_ID_REQUIRED) await this.#mayGoOn('JoinGroup', joined.errorCode);
    }
  }

  async #sync({ leader, generation, members }: JoinedMember): Promise<boolean> {
    const facts = { groupId: this.#in.groupId, memberId: this.#memberId, generation };
    const assignments =
      leader === this.#memberId ? members.map((id, index) => this.#share(id, index, members.length)) : [];
    const { errorCode, assignment } = await syncGroup(this.#connection, facts, assignments);
    if (errorCode !== 0) {
      await this.#mayGoOn('SyncGroup', errorCode);
      return false;
    }
    this.generation = generation;
    this.assignedPartitions = assignment.length === 0 ? 0 : assignment.readInt32BE(8 + this.#in.topic.length);
    return true;
  }

  /** A ConsumerProtocolAssignment of version 0: every n-th partition. */
  #share(memberId: string, index: number, count: number): { memberId: string; assignment: Buffer } {
    const { topic, partitions } = this.#in;
    const own: number[] = [];
    for (let partition = index; partition < partitions; partition += count) own.push(partition);
    const bytes = Buffer.alloc(8 + topic.length + 4 + own.length * 4 + 4);
    bytes.writeInt32BE(1, 2);
    bytes.writeInt16BE(topic.length, 6);
    bytes.write(topic, 8);
    let at = bytes.writeInt32BE(own.length, 8 + topic.length);
    for (const partition of own) at = bytes.writeInt32BE(partition, at);
    bytes.writeInt32BE(-1, at);
    return { memberId, assignment: bytes };
  }

  /** One heartbeat; false: it has to join again. Throws for any other answer. */
  async beat(): Promise<boolean> {
    const { generation } = this;
    const errorCode = await heartbeat(this.#connection, {
      groupId: this.#in.groupId,
      memberId: this.#memberId,
      generation,
    });
    if (errorCode === 0) return true;
    await this.#mayGoOn('Heartbeat', errorCode);
    return false;
  }

  async #mayGoOn(what: string, errorCode: number): Promise<void> {
    if (errorCode === REBALANCE_IN_PROGRESS || errorCode === ILLEGAL_GENERATION) return;
    if (!isCoordinatorAway(errorCode)) throw new Error(`${what}: error ${errorCode} in ${this.#in.groupId}`);
    await later(RETRY_MS);
  }
}
