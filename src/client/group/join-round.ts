// One way through JoinGroup and SyncGroup: what is told of a member, what the leader makes of what all tell, what comes back.
import { type DecodedResponseOf, decodeVersioned, encodeVersioned, Errors } from '../../protocol/index.ts';
import { JoinGroup } from '../../protocol/messages/11-join-group.ts';
import { SyncGroup } from '../../protocol/messages/14-sync-group.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from '../../protocol/messages/consumer-protocol.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { type Assignor, type AssignorMember, groupedByTopic } from './assignors/assignor.ts';
import type { GroupPlace } from './membership.ts';
import type { ClassicOptions } from './classic-member.ts';
import { partitionCounts } from './subscription.ts';

export interface JoinedAs {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** Kept while joining. */
  readonly owned: readonly GroupPlace[];
  /** Had before, kept or not. */
  readonly previous: readonly GroupPlace[];
  readonly generationId: number;
  /** The coordinator has given it an id. */
  readonly named: (memberId: string) => void;
  /** Throws KafkaError when the code is one of a failure. */
  readonly check: (code: number) => void;
}

export interface Joined {
  readonly generationId: number;
  readonly places: readonly GroupPlace[];
  /** What the assignment rests on when this member has made it. */
  readonly divided: string | undefined;
}

type JoinAnswer = DecodedResponseOf<typeof JoinGroup>;

const PROTOCOL_TYPE = 'consumer';
const SUBSCRIPTION_VERSION = 3;
const ASSIGNMENT_VERSION = 3;
const INSTANCE_IDS_IN_JOIN = 5;
const INSTANCE_IDS_IN_SYNC = 3;
/** Beyond the longest that a join may wait for others. */
const JOIN_SLACK_MS = 5_000;

export class JoinRound {
  readonly #client: ClusterClient;
  readonly #options: ClassicOptions;
  readonly #as: JoinedAs;

  constructor(client: ClusterClient, options: ClassicOptions, as: JoinedAs) {
    this.#client = client;
    this.#options = options;
    this.#as = as;
  }

  /** What an assignment rests on, as a text. */
  static told(counts: ReadonlyMap<string, number>): string {
    return JSON.stringify([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The topics of `told`, and these. */
  static topicsOf(told: string, others: readonly string[]): string[] {
    const known = (JSON.parse(told) as [string, number][]).map(([topic]) => topic);
    return [...new Set([...known, ...others])];
  }

  /** Rejects with KafkaError. */
  async run(): Promise<Joined> {
    const joined = await this.#join();
    const { generationId, protocolName } = joined;
    const assignor = this.#options.assignors.find(({ name }) => name === protocolName) ?? this.#options.assignors[0];
    const isLeader = joined.leader === joined.memberId && !joined.skipAssignment;
    const divided = isLeader ? await this.#divide(assignor as Assignor, joined) : undefined;
    const places = await this.#sync(joined, divided?.assignments ?? []);
    return { generationId, places, divided: divided?.restsOn };
  }

  async #join(): Promise<JoinAnswer> {
    const { groupId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, assignors } = this.#options;
    const { memberId, named, check } = this.#as;
    const joined = await this.#client.askCoordinator(
      'group',
      groupId,
      JoinGroup,
      (version) => ({
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        memberId,
        ...(version >= INSTANCE_IDS_IN_JOIN && { groupInstanceId }),
        protocolType: PROTOCOL_TYPE,
        protocols: assignors.map((assignor) => ({ name: assignor.name, metadata: this.#subscription(assignor) })),
      }),
      { timeoutMs: rebalanceTimeoutMs + JOIN_SLACK_MS },
    );
    if (joined.errorCode === Errors.MEMBER_ID_REQUIRED) named(joined.memberId);
    check(joined.errorCode);
    named(joined.memberId);
    return joined;
  }

  #subscription(assignor: Assignor): Buffer {
    const { topics, owned, previous, generationId } = this.#as;
    return encodeVersioned(consumerProtocolSubscription, SUBSCRIPTION_VERSION, {
      topics: [...topics],
      userData: assignor.userData?.(groupedByTopic(previous), generationId) ?? null,
      ownedPartitions: groupedByTopic(owned),
      generationId,
      rackId: this.#options.rack === '' ? null : this.#options.rack,
    });
  }

  async #divide(assignor: Assignor, { members }: JoinAnswer) {
    const told = members.map(({ memberId, groupInstanceId, metadata }): AssignorMember => {
      const { topics, ownedPartitions, generationId, userData } = decodeVersioned(
        consumerProtocolSubscription,
        metadata,
      );
      return { memberId, groupInstanceId, topics, owned: ownedPartitions, generationId, userData };
    });
    const topics = [...new Set(told.flatMap((member) => member.topics))];
    const counts = await partitionCounts(this.#client, topics);
    const assignments = [...assignor.assign(told, counts)].map(([memberId, share]) => ({
      memberId,
      assignment: encodeVersioned(consumerProtocolAssignment, ASSIGNMENT_VERSION, { assignedPartitions: share }),
    }));
    return { assignments, restsOn: JoinRound.told(counts) };
  }

  async #sync(
    { generationId, memberId, protocolName }: JoinAnswer,
    assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
  ): Promise<GroupPlace[]> {
    const { groupId, groupInstanceId, rebalanceTimeoutMs } = this.#options;
    const answer = await this.#client.askCoordinator(
      'group',
      groupId,
      SyncGroup,
      (version) => ({
        groupId,
        generationId,
        memberId,
        ...(version >= INSTANCE_IDS_IN_SYNC && { groupInstanceId }),
        protocolType: PROTOCOL_TYPE,
        protocolName,
        assignments,
      }),
      { timeoutMs: rebalanceTimeoutMs + JOIN_SLACK_MS },
    );
    this.#as.check(answer.errorCode);
    if (answer.assignment.length === 0) return [];
    const { assignedPartitions } = decodeVersioned(consumerProtocolAssignment, answer.assignment);
    return assignedPartitions.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
  }
}
