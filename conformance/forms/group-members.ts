// Members of groups that are bare requests: they choose their own names, so that what a tool prints of them is the same each time.
import { ClusterClient } from '../../src/client/index.ts';
import {
  type ApiSchema,
  type DecodedResponseOf,
  type ErrorCode,
  Errors,
  type Fields,
  encodeVersioned,
  type InputOf,
  KafkaError,
} from '../../src/protocol/index.ts';
import { OffsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { JoinGroup } from '../../src/protocol/messages/11-join-group.ts';
import { SyncGroup } from '../../src/protocol/messages/14-sync-group.ts';
import { ConsumerGroupHeartbeat } from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { ShareGroupHeartbeat } from '../../src/protocol/messages/76-share-group-heartbeat.ts';
import { StreamsGroupHeartbeat } from '../../src/protocol/messages/88-streams-group-heartbeat.ts';
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../src/protocol/messages/consumer-protocol.ts';

const PATIENCE_MS = 30_000;
const LEAVES = -1;

type Prepare = (bootstrap: string) => Promise<void>;

const withClient =
  (memberId: string, work: (client: ClusterClient) => Promise<void>): Prepare =>
  async (brokers) => {
    await using client = new ClusterClient({ brokers, clientId: `${memberId}-client` });
    await work(client);
  };

/** The coordinator may have to be made first. Rejects with KafkaError when it refuses. */
function ask<Q extends Fields, S extends Fields>(
  client: ClusterClient,
  groupId: string,
  api: ApiSchema<Q, S>,
  request: InputOf<Q>,
): Promise<DecodedResponseOf<ApiSchema<Q, S>>> {
  return client.retrying(client.deadlineIn(PATIENCE_MS), async () => {
    const answer = await client.askCoordinator('group', groupId, api, request);
    const { errorCode, errorMessage } = answer as { errorCode: ErrorCode; errorMessage?: string | null };
    if (errorCode !== Errors.NONE) throw new KafkaError(errorCode, errorMessage ?? undefined);
    return answer;
  });
}

/** Resolves when it has been given partitions. */
export const joinShareGroup = (groupId: string, memberId: string, topics: readonly string[]): Prepare =>
  withClient(memberId, async (client) => {
    const who = { groupId, memberId };
    const joins = { ...who, memberEpoch: 0, subscribedTopicNames: topics };
    let answer = await ask(client, groupId, ShareGroupHeartbeat, joins);
    while ((answer.assignment?.topicPartitions.length ?? 0) === 0) {
      answer = await ask(client, groupId, ShareGroupHeartbeat, { ...who, memberEpoch: answer.memberEpoch });
    }
  });

export const leaveShareGroup = (groupId: string, memberId: string): Prepare =>
  withClient(memberId, async (client) => {
    await ask(client, groupId, ShareGroupHeartbeat, { groupId, memberId, memberEpoch: LEAVES });
  });

/** By KIP-848. Resolves when it has been given partitions. */
export const joinConsumerGroup = (groupId: string, memberId: string, topics: readonly string[]): Prepare =>
  withClient(memberId, async (client) => {
    const who = { groupId, memberId, rebalanceTimeoutMs: 60_000 };
    const joins = { ...who, memberEpoch: 0, subscribedTopicNames: topics, topicPartitions: [] };
    let answer = await ask(client, groupId, ConsumerGroupHeartbeat, joins);
    while ((answer.assignment?.topicPartitions.length ?? 0) === 0) {
      answer = await ask(client, groupId, ConsumerGroupHeartbeat, { ...who, memberEpoch: answer.memberEpoch });
    }
  });

/** By the protocol before it, as a static member that assigns itself the first partition of the topic. */
export const joinClassicGroup = (groupId: string, groupInstanceId: string, topic: string): Prepare =>
  withClient(groupInstanceId, async (client) => {
    const who = { groupId, groupInstanceId, protocolType: 'consumer' };
    const metadata = Buffer.from(encodeVersioned(consumerProtocolSubscription, 3, { topics: [topic] }));
    const protocols = [{ name: 'range', metadata }];
    const joins = { ...who, sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 60_000, protocols };
    const { memberId, generationId } = await ask(client, groupId, JoinGroup, { ...joins, memberId: '' });
    const assigned = { assignedPartitions: [{ topic, partitions: [0] }] };
    const assignment = Buffer.from(encodeVersioned(consumerProtocolAssignment, 3, assigned));
    await ask(client, groupId, SyncGroup, {
      ...who,
      memberId,
      generationId,
      protocolName: 'range',
      assignments: [{ memberId, assignment }],
    });
  });

type StreamsRequest = InputOf<(typeof StreamsGroupHeartbeat)['request']['fields']>;
export type Subtopology = NonNullable<StreamsRequest['topology']>['subtopologies'][number];

const joining = (groupId: string, memberId: string, subtopologies: readonly Subtopology[]): StreamsRequest => ({
  groupId,
  memberId,
  memberEpoch: 0,
  endpointInformationEpoch: 0,
  rebalanceTimeoutMs: 60_000,
  topology: { epoch: 0, subtopologies },
  activeTasks: [],
  standbyTasks: [],
  warmupTasks: [],
  processId: `${memberId}-process`,
  clientTags: [],
});

/** Resolves when it has been given tasks, and has committed. */
export const joinStreamsGroup = (
  groupId: string,
  memberId: string,
  subtopologies: readonly Subtopology[],
  committed: readonly Committed[] = [],
): Prepare =>
  withClient(memberId, async (client) => {
    let answer = await ask(client, groupId, StreamsGroupHeartbeat, joining(groupId, memberId, subtopologies));
    while ((answer.activeTasks?.length ?? 0) === 0) {
      const { memberEpoch } = answer;
      const lives = { groupId, memberId, memberEpoch, endpointInformationEpoch: 0 };
      answer = await ask(client, groupId, StreamsGroupHeartbeat, lives);
    }
    await commit(client, { groupId, memberId, generationIdOrMemberEpoch: answer.memberEpoch }, committed);
  });

async function commit(
  client: ClusterClient,
  member: { readonly groupId: string; readonly memberId: string; readonly generationIdOrMemberEpoch: number },
  committed: readonly Committed[],
): Promise<void> {
  const topics = committed.map(({ topic, partition, offset }) => ({
    name: topic,
    partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: '' }],
  }));
  if (topics.length === 0) return;
  const answer = await client.askCoordinator('group', member.groupId, OffsetCommit, { ...member, topics }, BY_NAME);
  const failed = answer.topics
    .flatMap(({ partitions }) => partitions)
    .find(({ errorCode }) => errorCode !== Errors.NONE);
  if (failed !== undefined) throw new KafkaError(failed.errorCode);
}

/** OffsetCommit names topics by their ids from version 10 on. */
const BY_NAME = { newestVersion: 9 };

interface Committed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** The same where nothing can be given to it: its source topics are missing. */
export const joinStreamsGroupInVain = (
  groupId: string,
  memberId: string,
  subtopologies: readonly Subtopology[],
): Prepare =>
  withClient(memberId, async (client) => {
    await ask(client, groupId, StreamsGroupHeartbeat, joining(groupId, memberId, subtopologies));
  });

export const leaveStreamsGroup = (groupId: string, memberId: string): Prepare =>
  withClient(memberId, async (client) => {
    const leaves = { groupId, memberId, memberEpoch: LEAVES, endpointInformationEpoch: 0 };
    await ask(client, groupId, StreamsGroupHeartbeat, leaves);
  });
