// What a node has before it is asked: coordinators of every kind, three topics, and three records in each.
import { buildBatch } from '../../src/protocol/index.ts';
import { apiOf, type Peer } from './peer.ts';

const TRIES = 300;
const REST_MS = 100;
const CREATE_TOPICS = 19;
const PRODUCE = 0;
const METADATA = 3;

type Answer = Record<string, unknown> & { readonly errorCode?: number };

interface Step {
  readonly key: number;
  readonly version: number;
  readonly body: unknown;
  readonly isDone: (answer: Answer) => boolean;
}

const isFine = ({ errorCode }: Answer): boolean => errorCode === 0;
const initProducerId = (transactionalId: string | null): Step => ({
  key: 22,
  version: 4,
  body: { transactionalId, transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 },
  isDone: isFine,
});

const COORDINATORS: readonly Step[] = [
  { key: 10, version: 2, body: { key: 'g-0', keyType: 0 }, isDone: isFine },
  { key: 10, version: 2, body: { key: 'tx', keyType: 1 }, isDone: isFine },
  initProducerId(null),
  initProducerId('tx'),
  { key: 16, version: 5, body: { statesFilter: [], typesFilter: [] }, isDone: isFine },
  {
    key: 76,
    version: 1,
    body: { groupId: 'first-share', memberId: 'abc', memberEpoch: 0, rackId: null, subscribedTopicNames: ['none'] },
    isDone: isFine,
  },
];

/** Resolves when all coordinators answer; rejects when they do not within half a minute. */
export async function makeCoordinators(peer: Peer): Promise<void> {
  for (const step of COORDINATORS) await untilDone(peer, step);
}

/** The first of them has two partitions, the second is compacted. Rejects when one is there already. */
export async function makeTopics(peer: Peer, names: readonly string[], nowMs: number): Promise<void> {
  const topics = names.map((name, place) => ({
    name,
    numPartitions: place === 0 ? 2 : 1,
    replicationFactor: 1,
    assignments: [],
    configs: place === 1 ? [{ name: 'cleanup.policy', value: 'compact' }] : [],
  }));
  const made = (await peer.ask(apiOf(CREATE_TOPICS), 7, { topics, timeoutMs: 30_000, validateOnly: false })) as {
    readonly topics: readonly { readonly name: string; readonly topicId: string; readonly errorCode: number }[];
  };
  for (const { name, topicId, errorCode } of made.topics) {
    if (errorCode !== 0) throw new Error(`${name} could not be made: ${errorCode}`);
    peer.ids.set(name, topicId);
  }
  for (const name of names) {
    const topicData = [{ name, partitionData: [{ index: 0, records: batchOf(3, nowMs) }] }];
    await untilDone(peer, {
      key: PRODUCE,
      version: 9,
      body: { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData },
      isDone: ({ responses }) =>
        (responses as { partitionResponses: { errorCode: number }[] }[])[0]?.partitionResponses[0]?.errorCode === 0,
    });
  }
}

/** A group of each kind with a member that has `topics`, and offsets of the first one; their names begin with these words. */
export async function makeGroups(peer: Peer, era: string, topics: readonly string[]): Promise<readonly string[]> {
  const [classic, consumer, share, streams] = ['g', 'consumer', 'share', 'streams'].map((kind) => `${kind}-${era}`);
  const partitions = [{ partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: null }];
  const offsets = topics.map((name) => ({ name, partitions }));
  const subscription = { memberId: 'member', memberEpoch: 0, rackId: null, subscribedTopicNames: topics };
  const subtopology = {
    subtopologyId: 'a',
    sourceTopics: topics,
    sourceTopicRegex: [],
    stateChangelogTopics: [],
    repartitionSinkTopics: [],
    repartitionSourceTopics: [],
    copartitionGroups: [],
  };
  const steps: readonly Step[] = [
    {
      key: 8,
      version: 8,
      body: { groupId: classic, generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null, topics: offsets },
      isDone: ({ topics: told }) =>
        (told as { partitions: { errorCode: number }[] }[])[0]?.partitions[0]?.errorCode === 0,
    },
    {
      key: 68,
      version: 1,
      body: {
        ...subscription,
        groupId: consumer,
        instanceId: null,
        rebalanceTimeoutMs: 60_000,
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: [],
      },
      isDone: isFine,
    },
    { key: 76, version: 1, body: { ...subscription, groupId: share }, isDone: isFine },
    {
      key: 88,
      version: 0,
      body: {
        groupId: streams,
        memberId: 'member',
        memberEpoch: 0,
        endpointInformationEpoch: 0,
        rebalanceTimeoutMs: 60_000,
        topology: { epoch: 0, subtopologies: [subtopology] },
        activeTasks: [],
        standbyTasks: [],
        warmupTasks: [],
        processId: 'process',
      },
      isDone: isFine,
    },
  ];
  for (const step of steps) await untilDone(peer, step);
  return [classic, consumer, share, streams] as string[];
}

/** The ids of all topics. Adds what is new: what is gone is still to be told by its name. */
export async function learnIds(peer: Peer): Promise<void> {
  const all = { topics: null, allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false };
  const { topics } = (await peer.ask(apiOf(METADATA), 12, all)) as {
    readonly topics: readonly { readonly name: string; readonly topicId: string }[];
  };
  for (const { name, topicId } of topics) peer.ids.set(name, topicId);
}

async function untilDone(peer: Peer, { key, version, body, isDone }: Step): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = await peer.ask(apiOf(key), version, body);
    if (typeof answer === 'object' && isDone(answer as Answer)) return;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  throw new Error(`${apiOf(key).name} does not come to an end`);
}

export function batchOf(count: number, timestamp: number): Buffer {
  return buildBatch(
    Array.from({ length: count }, (_, i) => ({ key: Buffer.from(`k${i}`), value: Buffer.from(`v${i}`), timestamp })),
  );
}
