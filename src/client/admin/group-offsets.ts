// Offsets that consumer groups, and streams groups like them, have committed: read, set and deleted at the group's coordinator.
import { type DecodedResponseOf, Errors, type Int64, KafkaError } from '../../protocol/index.ts';
import { OffsetCommit } from '../../protocol/messages/08-offset-commit.ts';
import { OffsetFetch } from '../../protocol/messages/09-offset-fetch.ts';
import { OffsetDelete } from '../../protocol/messages/47-offset-delete.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { atCoordinator, coordinatorsOf, fanOut } from './fan-out.ts';
import {
  answerFor,
  byTopic,
  failureOf,
  type Outcome,
  type OutcomeFor,
  placeOf,
  throwIfFailed,
  type TopicPartition,
} from './outcomes.ts';

export interface GroupOffset {
  readonly offset: Int64;
  /** undefined: not known. */
  readonly leaderEpoch: number | undefined;
  readonly metadata: string;
}

/** null: nothing has been committed there. */
export type OffsetsOfGroup = readonly OutcomeFor<TopicPartition, GroupOffset | null>[];

export interface AskedGroupOffsets {
  readonly groupId: string;
  /** Left out: all that have something committed. */
  readonly partitions?: readonly TopicPartition[];
}

export interface ListOffsetsOfGroupsOptions extends CallOptions {
  /** Waits for transactions that are about to commit offsets (KIP-447). */
  readonly requireStable?: boolean;
}

export interface OffsetToCommit extends TopicPartition {
  readonly offset: Int64;
  readonly leaderEpoch?: number | undefined;
  readonly metadata?: string;
}

/** The newest version of OffsetCommit and OffsetFetch that names topics by their names: ids are for members (KIP-848). */
const BY_NAME = 9;
/** OffsetFetch: several groups in one request (KIP-709). */
const SEVERAL_GROUPS = 8;
const STABLE_SINCE = 7;
const ALL_SINCE = 2;

/** Rejects with KafkaError. */
export function listGroupOffsets(
  asking: Asking,
  groups: readonly AskedGroupOffsets[],
  { requireStable = false }: ListOffsetsOfGroupsOptions,
): Promise<Map<string, Outcome<OffsetsOfGroup>>> {
  const asked = new Map(groups.map((group) => [group.groupId, group]));
  return fanOut<string, OffsetsOfGroup>(asking, {
    items: [...asked.keys()],
    locate: coordinatorsOf(asking, 'group'),
    ask: async (nodeId, ids) => {
      const of = ids.map((id) => asked.get(id) as AskedGroupOffsets);
      const found = (await fetchOffsets(asking, nodeId, of, requireStable)).map(asAnswer);
      return new Map(found);
    },
    again: new Set([Errors.UNSTABLE_OFFSET_COMMIT]),
  });
}

interface AnsweredGroup {
  readonly groupId: string;
  readonly errorCode: number;
  readonly topics: DecodedResponseOf<typeof OffsetFetch>['topics'];
}

/** Brokers before 3.0 are asked for one group at a time. */
async function fetchOffsets(
  asking: Asking,
  nodeId: number,
  groups: readonly AskedGroupOffsets[],
  requireStable: boolean,
): Promise<readonly AnsweredGroup[]> {
  const [first] = groups;
  if (first === undefined) return [];
  const answer = await asking.node(
    nodeId,
    OffsetFetch,
    (version) => {
      if (version >= SEVERAL_GROUPS) return { groups: groups.map((group) => wireGroup(group)), requireStable };
      const topics = wireTopics(first);
      if (topics === null && version < ALL_SINCE) throw new KafkaError(Errors.UNSUPPORTED_VERSION);
      return { groupId: first.groupId, topics, ...(version >= STABLE_SINCE && { requireStable }) };
    },
    BY_NAME,
  );
  if (answer.groups.length > 0) return answer.groups;
  const others = groups.slice(1).map((group) => fetchOffsets(asking, nodeId, [group], requireStable));
  return [{ ...answer, groupId: first.groupId }, ...(await Promise.all(others)).flat()];
}

function wireGroup(group: AskedGroupOffsets) {
  return { groupId: group.groupId, topics: wireTopics(group) };
}

function wireTopics({ partitions }: AskedGroupOffsets) {
  if (partitions === undefined) return null;
  return [...byTopic(partitions)].map(([name, list]) => ({
    name,
    partitionIndexes: list.map(({ partition }) => partition),
  }));
}

function asAnswer({ groupId, errorCode, topics }: AnsweredGroup): [string, OffsetsOfGroup | KafkaError] {
  if (errorCode !== Errors.NONE) return [groupId, new KafkaError(errorCode)];
  const unstable = topics.flatMap(({ partitions }) => partitions).find((one) => one.errorCode === UNSTABLE);
  if (unstable !== undefined) return [groupId, new KafkaError(UNSTABLE)];
  const offsets = topics.flatMap(({ name, partitions }) =>
    partitions.map((one) => ({
      topic: name,
      partition: one.partitionIndex,
      result: failureOf(one.errorCode) ?? committedOf(one),
    })),
  );
  return [groupId, offsets];
}

const UNSTABLE = Errors.UNSTABLE_OFFSET_COMMIT;

type AnsweredPartition = AnsweredGroup['topics'][number]['partitions'][number];

function committedOf({ committedOffset, committedLeaderEpoch, metadata }: AnsweredPartition): GroupOffset | null {
  if (committedOffset < 0) return null;
  const leaderEpoch = committedLeaderEpoch < 0 ? undefined : committedLeaderEpoch;
  return { offset: committedOffset, leaderEpoch, metadata: metadata ?? '' };
}

/** In the order given. Works on groups without active members (of topics that they subscribe). Rejects with KafkaError. */
export async function alterGroupOffsets(
  asking: Asking,
  groupId: string,
  offsets: readonly OffsetToCommit[],
): Promise<OutcomeFor<TopicPartition, undefined>[]> {
  const topics = [...byTopic(offsets)].map(([name, list]) => ({
    name,
    partitions: list.map(({ partition, offset, leaderEpoch = -1, metadata = '' }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      committedMetadata: metadata,
    })),
  }));
  const answer = await atCoordinator(
    asking,
    'group',
    groupId,
    async (nodeId) => {
      const { topics: answered } = await asking.node(nodeId, OffsetCommit, { groupId, memberId: '', topics }, BY_NAME);
      const again = answered.flatMap(({ partitions }) => partitions).find(({ errorCode }) => IN_PASSING.has(errorCode));
      if (again !== undefined) throw new KafkaError(again.errorCode);
      return answered;
    },
    IN_PASSING,
  );
  return inOrder(offsets, answer);
}

const IN_PASSING: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
  Errors.REBALANCE_IN_PROGRESS,
]);

/** In the order given. Rejects with KafkaError. */
export async function deleteGroupOffsets(
  asking: Asking,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<OutcomeFor<TopicPartition, undefined>[]> {
  const topics = [...byTopic(partitions)].map(([name, list]) => ({
    name,
    partitions: list.map(({ partition }) => ({ partitionIndex: partition })),
  }));
  const answer = await atCoordinator(asking, 'group', groupId, async (nodeId) => {
    const { errorCode, topics: answered } = await asking.node(nodeId, OffsetDelete, { groupId, topics });
    throwIfFailed(errorCode);
    return answered;
  });
  return inOrder(partitions, answer);
}

type AnsweredTopics = readonly {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
}[];

function inOrder(places: readonly TopicPartition[], topics: AnsweredTopics): OutcomeFor<TopicPartition, undefined>[] {
  const outcomes = new Map<string, Outcome<undefined>>();
  for (const { name, partitions } of topics) {
    for (const { partitionIndex: partition, errorCode } of partitions) {
      outcomes.set(placeOf({ topic: name, partition }), failureOf(errorCode));
    }
  }
  return places.map(({ topic, partition }) => ({
    topic,
    partition,
    result: answerFor(outcomes, placeOf({ topic, partition })),
  }));
}
