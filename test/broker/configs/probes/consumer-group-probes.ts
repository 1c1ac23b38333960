// Configs of consumer groups (KIP-848): those of the broker, and the bounds of those of a group.
import { Errors } from '../../../../src/protocol/index.ts';
import { FindCoordinator } from '../../../../src/protocol/messages/10-find-coordinator.ts';
import { JoinGroup } from '../../../../src/protocol/messages/11-join-group.ts';
import { ConsumerGroupHeartbeat } from '../../../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { ConsumerGroupDescribe } from '../../../../src/protocol/messages/69-consumer-group-describe.ts';
import { subscription } from '../../../group-coordinator/coordinator-under-test.ts';
import { PATIENT } from './cluster-probes.ts';
import type { Probe, Probes } from './probe.ts';
import type { ProbedBroker } from './probed-broker.ts';

const GROUP = 32;
const BESIDE = { 'ottla.coordinator.topic.wait': 'true', 'offsets.topic.num.partitions': '1', ...PATIENT };
const LOADING: readonly number[] = [
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
];
const STAYS = { rebalanceTimeoutMs: -1, subscribedTopicNames: null, topicPartitions: null };

async function beat(broker: ProbedBroker, memberId: string, part: Record<string, unknown> = {}) {
  const joining = { memberEpoch: 0, rebalanceTimeoutMs: 30_000, subscribedTopicNames: ['t'], topicPartitions: [] };
  const request = { groupId: 'g', memberId, ...joining, ...part };
  return broker.client.ask(ConsumerGroupHeartbeat, 1, request);
}

/** The first member of the group, with what the group is configured with. */
async function first(broker: ProbedBroker, configs: Readonly<Record<string, string>> = {}) {
  await broker.set(GROUP, 'g', configs);
  await broker.client.ask(FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] });
  let answer = await beat(broker, 'a');
  for (let turn = 0; turn < 50 && LOADING.includes(answer.errorCode); turn++) {
    await broker.wait(1);
    answer = await beat(broker, 'a');
  }
  return answer;
}

const described = async (broker: ProbedBroker) =>
  (await broker.client.ask(ConsumerGroupDescribe, 1, { groupIds: ['g'], includeAuthorizedOperations: false }))
    .groups[0];

/** How often members are told to send heartbeats. */
const interval = (configs: Readonly<Record<string, string>>) => async (broker: ProbedBroker) =>
  (await first(broker, configs)).heartbeatIntervalMs;
/** The epoch of a second member, which comes at once: a new assignment has been computed, or not. */
const secondEpoch = (configs: Readonly<Record<string, string>>) => async (broker: ProbedBroker) => {
  await first(broker, configs);
  return (await beat(broker, 'b')).memberEpoch;
};
/** Members that are left when the only one is silent for so long. */
const leftAfter = (waitMs: number, configs: Readonly<Record<string, string>>) => async (broker: ProbedBroker) => {
  await first(broker, configs);
  await broker.wait(waitMs);
  return (await described(broker))?.members.length;
};

function probe(
  values: Probe['values'],
  sees: Probe['sees'],
  look: Probe['look'],
  beside: Readonly<Record<string, string>> = {},
): Probe {
  return { values, sees, look, beside: { ...BESIDE, ...beside } };
}

/** Whether what an expression matches is written down again, with no new topic, half a minute later. */
async function isResolvedAgain(broker: ProbedBroker): Promise<boolean> {
  await broker.createTopic('t');
  await first(broker);
  let { memberEpoch } = await beat(broker, 'a', { subscribedTopicNames: [], subscribedTopicRegex: 't.*' });
  for (let turn = 0; turn < 4; turn++) {
    await broker.wait(1);
    memberEpoch = (await beat(broker, 'a', { ...STAYS, memberEpoch, topicPartitions: [] })).memberEpoch;
  }
  const before = await broker.offset('__consumer_offsets', -1);
  await broker.wait(20_000);
  await beat(broker, 'a', { ...STAYS, memberEpoch });
  for (let turn = 0; turn < 4; turn++) await broker.wait(1);
  return (await broker.offset('__consumer_offsets', -1)) > before;
}

async function classicJoin(broker: ProbedBroker): Promise<number> {
  await first(broker);
  const protocols = [{ name: 'range', metadata: subscription('t') }];
  const times = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 };
  const request = { groupId: 'g', memberId: '', protocolType: 'consumer', protocols, ...times };
  return (await broker.client.ask(JoinGroup, 3, request)).errorCode;
}

const EAGER = { 'group.consumer.assignment.interval.ms': '0' };
const LAZY = { 'group.consumer.assignment.interval.ms': '60000' };

export const consumerGroupProbes: Probes = {
  'group.coordinator.rebalance.protocols': probe(
    ['classic,consumer', 'classic'],
    [0, 35],
    async (broker) => (await first(broker)).errorCode,
  ),
  'group.consumer.heartbeat.interval.ms': probe(['5000', '6000'], [5000, 6000], interval({})),
  'group.consumer.min.heartbeat.interval.ms': probe(
    ['5000', '100'],
    [5000, 1000],
    interval({ 'consumer.heartbeat.interval.ms': '1000' }),
  ),
  'group.consumer.max.heartbeat.interval.ms': probe(
    ['15000', '20000'],
    [5000, 20_000],
    interval({ 'consumer.heartbeat.interval.ms': '20000' }),
  ),
  'group.consumer.assignment.interval.ms': probe(['0', '60000'], [3, 2], secondEpoch({})),
  'group.consumer.min.assignment.interval.ms': probe(
    ['0', '2000'],
    [3, 2],
    secondEpoch({ 'consumer.assignment.interval.ms': '0' }),
    LAZY,
  ),
  'group.consumer.max.assignment.interval.ms': probe(
    ['15000', '30000'],
    [3, 2],
    secondEpoch({ 'consumer.assignment.interval.ms': '20000' }),
    EAGER,
  ),
  'group.consumer.session.timeout.ms': probe(['45000', '10000'], [1, 0], leftAfter(20_000, {})),
  'group.consumer.min.session.timeout.ms': probe(
    ['45000', '1000'],
    [1, 0],
    leftAfter(20_000, { 'consumer.session.timeout.ms': '10000' }),
  ),
  'group.consumer.max.session.timeout.ms': probe(
    ['60000', '100000'],
    [0, 1],
    leftAfter(50_000, { 'consumer.session.timeout.ms': '90000' }),
  ),
  'group.consumer.max.size': probe(['5', '1'], [0, 81], async (broker) => {
    await first(broker);
    return (await beat(broker, 'b')).errorCode;
  }),
  'group.consumer.assignors': probe(['uniform,range', 'range,uniform'], ['uniform', 'range'], async (broker) => {
    await first(broker);
    return (await described(broker))?.assignorName;
  }),
  'group.consumer.migration.policy': probe(['bidirectional', 'disabled'], [0, 23], classicJoin),
  'group.consumer.regex.refresh.interval.ms': probe(['600000', '10000'], [false, true], isResolvedAgain, EAGER),
};
