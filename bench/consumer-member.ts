// A consumer of a KIP-848 group over its own socket: it joins, takes on what it is assigned, and gives up what it is not.

import { randomUUID } from 'node:crypto';
import { WireConnection } from '../conformance/wire/connection.ts';
import { type AssignedTopic, consumerGroupHeartbeat } from '../conformance/wire/consumer-group-requests.ts';
import { isCoordinatorAway } from '../conformance/wire/group-requests.ts';

const RETRY_MS = 50;

export class ConsumerMember {
  readonly #connection: WireConnection;
  readonly #groupId: string;
  readonly #topic: string;
  readonly #memberId = randomUUID();
  #owned: readonly AssignedTopic[] = [];
  /** What it owns has changed, which the coordinator does not know yet. */
  #isUntold = false;
  /** 0: it has not joined. */
  memberEpoch = 0;

  private constructor(connection: WireConnection, groupId: string, topic: string) {
    this.#connection = connection;
    this.#groupId = groupId;
    this.#topic = topic;
  }

  static async open(bootstrap: string, groupId: string, topic: string): Promise<ConsumerMember> {
    return new ConsumerMember(await WireConnection.open(bootstrap), groupId, topic);
  }

  get ownedPartitions(): number {
    return this.#owned.reduce((sum, { partitions }) => sum + partitions.length, 0);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** One heartbeat; true when it changed something. Throws for an error that is not the coordinator's coming or going. */
  async beat(): Promise<boolean> {
    const isJoining = this.memberEpoch === 0;
    const answer = await consumerGroupHeartbeat(this.#connection, {
      groupId: this.#groupId,
      memberId: this.#memberId,
      memberEpoch: this.memberEpoch,
      topics: isJoining ? [this.#topic] : null,
      owned: isJoining || this.#isUntold ? this.#owned : null,
    });
    const { errorCode, memberEpoch, assignment } = answer;
    if (errorCode !== 0) {
      if (!isCoordinatorAway(errorCode)) throw new Error(`ConsumerGroupHeartbeat: error ${errorCode}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return true;
    }
    const hasChanged = assignment !== undefined || this.#isUntold || memberEpoch !== this.memberEpoch;
    this.memberEpoch = memberEpoch;
    this.#isUntold = assignment !== undefined;
    if (assignment !== undefined) this.#owned = assignment;
    return hasChanged;
  }
}
