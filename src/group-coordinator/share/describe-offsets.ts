// Where share groups stand, as DescribeShareGroupOffsets shows it: the start offset of each share partition, and how many
// records are still to be done with (Kafka: GroupCoordinatorService.describeShareGroupOffsets, computeShareGroupLagAndBuildResponse).
import { type ErrorCode, errorMessage, Errors, KafkaError, ZERO_UUID } from '../../protocol/index.ts';
import type {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from '../../protocol/messages/87-read-share-group-state-summary.ts';
import type {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../protocol/messages/90-describe-share-group-offsets.ts';
import type { Answer } from '../shards.ts';
import { partitionsWithState } from './share-offsets.ts';
import type { PartitionEnd, ShareStates } from './share-states.ts';
import type { ShareWorld } from './share-world.ts';

export type DescribedOffsets = DescribeShareGroupOffsetsResponse['groups'][number];
type DescribedTopic = DescribedOffsets['topics'][number];
type DescribedPartition = DescribedTopic['partitions'][number];
type AskedTopic = ReadShareGroupStateSummaryRequest['topics'][number];
type Summary = ReadShareGroupStateSummaryResponse['results'][number]['partitions'][number];

/** Nobody knows. */
const UNKNOWN = -1;
/** Not asked as a leader. */
const NO_LEADER_EPOCH = -1;

/** All share partitions that have state, unless topics are named. Throws KafkaError UNKNOWN_SERVER_ERROR for one without partitions. */
export function describeShareOffsets(
  world: ShareWorld,
  { groupId, topics }: DescribeShareGroupOffsetsRequest['groups'][number],
  states: ShareStates,
): Answer<DescribedOffsets> {
  const names = new Map<string, string>();
  const asked: AskedTopic[] = [];
  const unknown: DescribedTopic[] = [];
  const ask = (topicId: string, topicName: string, partitions: Iterable<number>): void => {
    names.set(topicId, topicName);
    const rows = Array.from(partitions, (partition) => ({ partition, leaderEpoch: NO_LEADER_EPOCH }));
    asked.push({ topicId, partitions: rows });
  };
  for (const { topicName, partitions } of topics ?? []) {
    const topic = world.image.topics.byName.get(topicName);
    // Kafka's share coordinator fails over a topic without partitions, and the group with it; of one that there is not it is not asked.
    if (topic !== undefined && partitions.length === 0) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    if (topic !== undefined) ask(topic.id, topicName, partitions);
    else unknown.push({ topicName, topicId: ZERO_UUID, partitions: partitions.map(unknownPartition) });
  }
  if (topics === null) {
    for (const [topicId, { topicName, partitions }] of partitionsWithState(world, groupId)) {
      ask(topicId, topicName, partitions);
    }
  }
  if (asked.length === 0) return described(groupId, unknown);
  // Nor is it asked about a group without a name.
  if (groupId === '') throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
  return describeKnown({ groupId, topics: asked }, names, states).then((known) =>
    described(groupId, [...known, ...unknown]),
  );
}

async function describeKnown(
  request: ReadShareGroupStateSummaryRequest,
  names: ReadonlyMap<string, string>,
  states: ShareStates,
): Promise<DescribedTopic[]> {
  const { results } = await states.readStateSummary(request);
  const wanted = results.flatMap(({ topicId, partitions }) =>
    partitions.filter(hasLag).map(({ partition }) => ({ topicId, partition })),
  );
  const ends = (wanted.length === 0 ? [] : await states.partitionEnds(wanted)).values();
  return results.map(({ topicId, partitions }) => ({
    topicName: names.get(topicId) ?? '',
    topicId,
    partitions: partitions.map((summary) =>
      describedPartition(summary, hasLag(summary) ? ends.next().value : undefined),
    ),
  }));
}

/** Whether it is known enough of the share partition to tell how far it is behind. */
function hasLag({ errorCode, startOffset, deliveryCompleteCount = UNKNOWN }: Summary): boolean {
  return errorCode === Errors.NONE && startOffset !== UNKNOWN && deliveryCompleteCount !== UNKNOWN;
}

export function undescribedOffsets(groupId: string, errorCode: ErrorCode): DescribedOffsets {
  return { groupId, topics: [], errorCode, errorMessage: errorMessage(errorCode) };
}

const described = (groupId: string, topics: DescribedTopic[]): DescribedOffsets => ({
  groupId,
  topics,
  errorCode: Errors.NONE,
  errorMessage: null,
});

function unknownPartition(partitionIndex: number): DescribedPartition {
  return {
    partitionIndex,
    startOffset: UNKNOWN,
    leaderEpoch: 0,
    lag: UNKNOWN,
    errorCode: Errors.NONE,
    errorMessage: null,
  };
}

function describedPartition(summary: Summary, end: PartitionEnd | undefined): DescribedPartition {
  const { partition, startOffset, leaderEpoch, deliveryCompleteCount = UNKNOWN } = summary;
  const nothing = unknownPartition(partition);
  if (summary.errorCode !== Errors.NONE) return nothing;
  const found = { ...nothing, startOffset, leaderEpoch };
  if (end === undefined) return found;
  // Kafka tells nothing of a partition whose end is not known.
  if (end.errorCode !== Errors.NONE) return { ...nothing, startOffset: 0, errorCode: end.errorCode };
  return { ...found, lag: end.offset - startOffset - deliveryCompleteCount };
}
