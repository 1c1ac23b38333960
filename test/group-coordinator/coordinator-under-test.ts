// A group coordinator over a log in memory, and shorthands for its requests.
import { type Clock, type Logger, parseConfigs, type Random, silentLogger } from '../../src/runtime/index.ts';
import { GroupCoordinator } from '../../src/group-coordinator/group-coordinator.ts';
import type { GroupKind } from '../../src/group-coordinator/group.ts';
import { type GroupCoordinatorConfig, groupCoordinatorConfig } from '../../src/group-coordinator/index.ts';
import type { DecodedResponseOf } from '../../src/protocol/index.ts';
import type { JoinGroup } from '../../src/protocol/messages/11-join-group.ts';
import type { SyncGroup } from '../../src/protocol/messages/14-sync-group.ts';
import { MetadataBench } from '../api-handlers/metadata-bench.ts';
import type { MemoryWriter } from '../coordinator-common/memory-writer.ts';

export type Joined = DecodedResponseOf<typeof JoinGroup>;
export type Synced = DecodedResponseOf<typeof SyncGroup>;

/** Takes away that only what is set has to be there in an answer to be encoded. */
export const decoded = <T>(answer: unknown): T => answer as T;

interface UnderTest {
  readonly partitions?: number;
  readonly configs?: Readonly<Record<string, string>>;
  /** In place of `configs`: as they are whenever they are asked for. */
  readonly config?: () => GroupCoordinatorConfig;
  readonly kinds?: readonly GroupKind[];
  readonly logger?: Logger;
}

export const configOf = (configs: Readonly<Record<string, string>>): GroupCoordinatorConfig =>
  parseConfigs(groupCoordinatorConfig, new Map(Object.entries(configs)));

export function coordinatorOver(
  writer: MemoryWriter,
  clock: Clock,
  random: Random,
  options: UnderTest = {},
): GroupCoordinator {
  const { partitions = 1, configs = {}, kinds, logger = silentLogger } = options;
  const fixed = configOf(configs);
  const coordinator = new GroupCoordinator({
    runtime: { clock, random, logger },
    config: options.config ?? (() => fixed),
    writer,
    partitionCount: () => partitions,
    ...(kinds === undefined ? {} : { kinds }),
  });
  for (let partition = 0; partition < partitions; partition++) coordinator.onLeader(partition, 0);
  return coordinator;
}

/** The coordinator hears that a topic is gone. */
export function deleteTopic(coordinator: GroupCoordinator, name: string): void {
  const metadata = new MetadataBench();
  const topicId = metadata.createTopic(name);
  const delta = metadata.replay([{ type: 'RemoveTopicRecord', version: 0, topicId }]);
  coordinator.onMetadata(metadata.image, delta);
}

export const context = (apiVersion: number, clientId = 'test') => ({ clientId, clientHost: '/127.0.0.1', apiVersion });

/** A ConsumerProtocolSubscription of version 0. */
export function subscription(...topics: string[]): Uint8Array {
  const parts = [Buffer.from([0, 0, 0, 0, 0, topics.length])];
  for (const topic of topics) parts.push(Buffer.from([0, topic.length]), Buffer.from(topic));
  return Buffer.concat([...parts, Buffer.from([255, 255, 255, 255])]);
}

export function joinRequest(groupId: string, memberId: string, change: Record<string, unknown> = {}) {
  return {
    groupId,
    memberId,
    groupInstanceId: null as string | null,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 5_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription('topic') }],
    reason: null,
    ...change,
  };
}

export function syncRequest(
  groupId: string,
  memberId: string,
  generationId: number,
  assignments: { memberId: string; assignment: Uint8Array }[] = [],
) {
  return {
    groupId,
    memberId,
    generationId,
    groupInstanceId: null as string | null,
    protocolType: 'consumer' as string | null,
    protocolName: 'range' as string | null,
    assignments,
  };
}

export function commitRequest(groupId: string, offset: number, change: Record<string, unknown> = {}) {
  return {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null as string | null,
    retentionTimeMs: -1,
    topics: [
      {
        name: 'topic',
        topicId: '',
        partitions: [{ partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: 3, committedMetadata: 'm' }],
      },
    ],
    ...change,
  };
}

export function fetchRequest(groupId: string) {
  const topics = null as { name: string; topicId: string; partitionIndexes: number[] }[] | null;
  return {
    groupId: '',
    topics: null,
    groups: [{ groupId, memberId: null, memberEpoch: -1, topics }],
    requireStable: false,
  };
}
