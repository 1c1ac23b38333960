// Configs of share groups (KIP-932): those of the broker, and the bounds of those of a group.
import { Errors } from '../../../../src/protocol/index.ts';
import { FindCoordinator } from '../../../../src/protocol/messages/10-find-coordinator.ts';
import { ShareGroupHeartbeat } from '../../../../src/protocol/messages/76-share-group-heartbeat.ts';
import { ShareGroupDescribe } from '../../../../src/protocol/messages/77-share-group-describe.ts';
import { ShareFetch } from '../../../../src/protocol/messages/78-share-fetch.ts';
import { addSilentBroker, createFollowed, PATIENT } from './cluster-probes.ts';
import type { Probe, Probes } from './probe.ts';
import type { ProbedBroker } from './probed-broker.ts';

const GROUP = 32;
const BESIDE = {
  'ottla.coordinator.topic.wait': 'true',
  'offsets.topic.num.partitions': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'share.coordinator.state.topic.min.isr': '1',
  ...PATIENT,
};
const LOADING: readonly number[] = [
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
];
const RELEASE = 2;

type Configs = Readonly<Record<string, string>>;

const beat = (broker: ProbedBroker, memberId: string, memberEpoch = 0) =>
  broker.client.ask(ShareGroupHeartbeat, 1, {
    groupId: 'g',
    memberId,
    memberEpoch,
    subscribedTopicNames: memberEpoch === 0 ? ['t'] : null,
  });

/** The first member of the group, with what the group is configured with. */
async function first(broker: ProbedBroker, configs: Configs = {}) {
  await broker.createTopic('t');
  await broker.set(GROUP, 'g', { 'share.auto.offset.reset': 'earliest' });
  await broker.set(GROUP, 'g', configs);
  await broker.client.ask(FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] });
  let answer = await beat(broker, 'a');
  for (let turn = 0; turn < 50 && LOADING.includes(answer.errorCode); turn++) {
    await broker.wait(1);
    answer = await beat(broker, 'a');
  }
  return answer;
}

/** Whether the member is given something within a few heartbeats. */
async function isAssigned(broker: ProbedBroker, configs: Configs = {}): Promise<boolean> {
  let { memberEpoch } = await first(broker, configs);
  for (let turn = 0; turn < 30; turn++) {
    await broker.wait(1);
    const answer = await beat(broker, 'a', memberEpoch);
    memberEpoch = answer.memberEpoch;
    if ((answer.assignment?.topicPartitions.length ?? 0) > 0) return true;
  }
  return false;
}

interface Asked {
  readonly memberId?: string;
  readonly epoch?: number;
  /** A range that is released. */
  readonly released?: { readonly firstOffset: number; readonly lastOffset: number } | undefined;
}

async function fetch(broker: ProbedBroker, { memberId = 'a', epoch = 0, released }: Asked = {}) {
  const topicId = await broker.topicId('t');
  const acknowledgementBatches = released === undefined ? [] : [{ ...released, acknowledgeTypes: [RELEASE] }];
  const answer = await broker.client.ask(ShareFetch, 2, {
    groupId: 'g',
    memberId,
    shareSessionEpoch: epoch,
    maxWaitMs: 300,
    minBytes: 1,
    maxRecords: 10_000,
    batchSize: 10_000,
    topics: [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches }] }],
    forgottenTopicsData: [],
  });
  const acquired = answer.responses[0]?.partitions[0]?.acquiredRecords ?? [];
  return { ...answer, acquired };
}

const lockMs = (configs: Configs) => async (broker: ProbedBroker) => {
  await isAssigned(broker, configs);
  return (await fetch(broker)).acquisitionLockTimeoutMs;
};

/** How often a record that is always given back is delivered. */
const deliveries = (configs: Configs) => async (broker: ProbedBroker) => {
  await isAssigned(broker, configs);
  await broker.produce('t', [{ value: Buffer.from('x') }]);
  let count = 0;
  for (let epoch = 0; ; epoch++) {
    const [range] = (await fetch(broker, { epoch, released: epoch === 0 ? undefined : ONE })).acquired;
    if (range === undefined) return count;
    count = range.deliveryCount;
  }
};
const ONE = { firstOffset: 0, lastOffset: 0 };

/** How many records one member has at a time, of batches of a hundred. */
const inFlight = (configs: Configs) => async (broker: ProbedBroker) => {
  await isAssigned(broker, configs);
  const records = Array.from({ length: 100 }, () => ({ value: Buffer.from('x') }));
  for (let at = 0; at < 35; at++) await broker.produce('t', records);
  let count = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const range of (await fetch(broker, { epoch })).acquired) count += range.lastOffset - range.firstOffset + 1;
  }
  return count;
};

/** How often members are told to send heartbeats. */
const interval = (configs: Configs) => async (broker: ProbedBroker) =>
  (await first(broker, configs)).heartbeatIntervalMs;

/** Members that are left when the only one is silent for so long. */
const leftAfter = (waitMs: number, configs: Configs) => async (broker: ProbedBroker) => {
  await first(broker, configs);
  await broker.wait(waitMs);
  return (await described(broker))?.members.length;
};

async function described(broker: ProbedBroker) {
  const asked = { groupIds: ['g'], includeAuthorizedOperations: false };
  return (await broker.client.ask(ShareGroupDescribe, 1, asked)).groups[0];
}

/** Whether state whose writing is not answered is asked for again after some seconds. */
async function isAskedAgain(broker: ProbedBroker): Promise<boolean> {
  // Only what follows waits for the silent broker.
  await broker.createTopic('t');
  await broker.client.ask(FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] });
  await addSilentBroker(broker);
  await createFollowed(broker, '__share_group_state');
  const { memberEpoch } = await first(broker);
  for (let turn = 0; turn < 60; turn++) await broker.wait(5);
  const before = await broker.offset('__consumer_offsets', -1);
  await broker.wait(3_000);
  await beat(broker, 'a', memberEpoch);
  await broker.settle();
  const isLonger = (await broker.offset('__consumer_offsets', -1)) > before;
  await broker.wait(1_000_000);
  return isLonger;
}

function probe(values: Probe['values'], sees: Probe['sees'], look: Probe['look'], beside: Configs = {}): Probe {
  return { values, sees, look, beside: { ...BESIDE, ...beside } };
}

const EAGER = { 'group.share.assignment.interval.ms': '0' };
const LAZY = { 'group.share.assignment.interval.ms': '60000' };

export const shareGroupProbes: Probes = {
  'group.share.heartbeat.interval.ms': probe(['5000', '6000'], [5000, 6000], interval({})),
  'group.share.min.heartbeat.interval.ms': probe(
    ['5000', '100'],
    [5000, 1000],
    interval({ 'share.heartbeat.interval.ms': '1000' }),
  ),
  'group.share.max.heartbeat.interval.ms': probe(
    ['15000', '20000'],
    [5000, 20_000],
    interval({ 'share.heartbeat.interval.ms': '20000' }),
  ),
  'group.share.assignment.interval.ms': probe(['0', '60000'], [true, false], isAssigned),
  'group.share.min.assignment.interval.ms': probe(
    ['0', '2000'],
    [true, false],
    (broker) => isAssigned(broker, { 'share.assignment.interval.ms': '0' }),
    LAZY,
  ),
  'group.share.max.assignment.interval.ms': probe(
    ['15000', '30000'],
    [true, false],
    (broker) => isAssigned(broker, { 'share.assignment.interval.ms': '20000' }),
    EAGER,
  ),
  'group.share.session.timeout.ms': probe(['45000', '10000'], [1, 0], leftAfter(20_000, {})),
  'group.share.min.session.timeout.ms': probe(
    ['45000', '1000'],
    [1, 0],
    leftAfter(20_000, { 'share.session.timeout.ms': '10000' }),
  ),
  'group.share.max.session.timeout.ms': probe(
    ['60000', '100000'],
    [0, 1],
    leftAfter(50_000, { 'share.session.timeout.ms': '90000' }),
  ),
  'group.share.assignors': probe(['simple', 'range'], ['simple', 'refused'], async (broker) => {
    await first(broker);
    return (await described(broker))?.assignorName;
  }),
  'group.share.max.size': probe(['5', '1'], [0, Errors.GROUP_MAX_SIZE_REACHED], async (broker) => {
    await first(broker);
    return (await beat(broker, 'b')).errorCode;
  }),
  'group.share.initialize.retry.interval.ms': probe(['600000', '1000'], [false, true], isAskedAgain, {
    'share.coordinator.write.timeout.ms': '900000',
    'broker.session.timeout.ms': '2000000',
    'group.share.session.timeout.ms': '60000',
  }),
  'group.share.record.lock.duration.ms': probe(['30000', '20000'], [30_000, 20_000], lockMs({}), EAGER),
  'group.share.min.record.lock.duration.ms': probe(
    ['15000', '1000'],
    [30_000, 5_000],
    lockMs({ 'share.record.lock.duration.ms': '5000' }),
    EAGER,
  ),
  'group.share.max.record.lock.duration.ms': probe(
    ['60000', '120000'],
    [30_000, 100_000],
    lockMs({ 'share.record.lock.duration.ms': '100000' }),
    EAGER,
  ),
  'group.share.delivery.count.limit': probe(['2', '3'], [2, 3], deliveries({}), EAGER),
  'group.share.min.delivery.count.limit': probe(
    ['2', '3'],
    [2, 5],
    deliveries({ 'share.delivery.count.limit': '2' }),
    EAGER,
  ),
  'group.share.max.delivery.count.limit': probe(
    ['10', '5'],
    [7, 5],
    deliveries({ 'share.delivery.count.limit': '7' }),
    EAGER,
  ),
  'group.share.partition.max.record.locks': probe(['100', '200'], [100, 200], inFlight({}), EAGER),
  'group.share.min.partition.max.record.locks': probe(
    ['100', '300'],
    [200, 400],
    inFlight({ 'share.partition.max.record.locks': '200' }),
    { ...EAGER, 'group.share.partition.max.record.locks': '400' },
  ),
  'group.share.max.partition.max.record.locks': probe(
    ['2000', '4000'],
    [2000, 3000],
    inFlight({ 'share.partition.max.record.locks': '3000' }),
    EAGER,
  ),
  'group.share.max.share.sessions': probe(
    ['5', '1'],
    [0, Errors.SHARE_SESSION_LIMIT_REACHED],
    async (broker) => {
      await isAssigned(broker);
      await fetch(broker);
      return (await fetch(broker, { memberId: 'b' })).errorCode;
    },
    EAGER,
  ),
};
