// Configs of streams groups: what members are told and how long they live, and what a group may be set to.
import { FindCoordinator } from '../../../../src/protocol/messages/10-find-coordinator.ts';
import { OffsetFetch } from '../../../../src/protocol/messages/09-offset-fetch.ts';
import { IncrementalAlterConfigs } from '../../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { StreamsGroupHeartbeat } from '../../../../src/protocol/messages/88-streams-group-heartbeat.ts';
import { StreamsGroupDescribe } from '../../../../src/protocol/messages/89-streams-group-describe.ts';
import type { ProbedBroker } from './probed-broker.ts';
import type { Probe, Probes } from './probe.ts';

const GROUP = 32;
const BESIDE = {
  'ottla.coordinator.topic.wait': 'true',
  'offsets.topic.num.partitions': '1',
  'group.streams.initial.rebalance.delay.ms': '0',
  'group.streams.assignment.interval.ms': '0',
};
const CHANGELOG = { name: 'g-changelog', partitions: 0, replicationFactor: 0, topicConfigs: [] };

async function coordinated(broker: ProbedBroker): Promise<void> {
  await broker.client.ask(FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g'] });
  // The coordinator has loaded when this is answered.
  await broker.client.ask(OffsetFetch, 5, { groupId: 'g', topics: [] });
}

async function join(broker: ProbedBroker, memberId = 'a') {
  await coordinated(broker);
  const part = {
    subtopologyId: '0',
    sourceTopics: ['in'],
    sourceTopicRegex: [],
    stateChangelogTopics: [CHANGELOG],
    repartitionSinkTopics: [],
    repartitionSourceTopics: [],
    copartitionGroups: [],
  };
  return broker.client.ask(StreamsGroupHeartbeat, 0, {
    groupId: 'g',
    memberId,
    memberEpoch: 0,
    endpointInformationEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    topology: { epoch: 0, subtopologies: [part] },
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    processId: memberId,
    clientTags: [],
  });
}

async function members(broker: ProbedBroker) {
  const request = { groupIds: ['g'], includeAuthorizedOperations: false };
  return (await broker.client.ask(StreamsGroupDescribe, 0, request)).groups[0]?.members ?? [];
}

const statusCodes = async (broker: ProbedBroker, memberId?: string): Promise<number[]> =>
  ((await join(broker, memberId)).status ?? []).map(({ statusCode }) => statusCode);

async function createTopics(broker: ProbedBroker): Promise<void> {
  await broker.createTopic('in');
  await broker.createTopic('g-changelog');
}

/** Whether a group may be set to this: 0, or INVALID_CONFIG. */
const bound = (
  name: string,
  value: string,
  values: readonly [string, string],
  sees: readonly [number, number],
): Probe => ({
  values,
  sees,
  look: async ({ client }) => {
    const configs = [{ name, configOperation: 0, value }];
    const resources = [{ resourceType: GROUP, resourceName: 'g', configs }];
    return (await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false })).responses[0]?.errorCode;
  },
});
const INVALID = 40;

export const streamsProbes: Probes = {
  'group.streams.session.timeout.ms': {
    values: ['45000', '2000'],
    sees: [1, 0],
    look: async (broker) => {
      await join(broker);
      await broker.wait(3_000);
      return (await members(broker)).length;
    },
    beside: BESIDE,
  },
  'group.streams.min.session.timeout.ms': bound('streams.session.timeout.ms', '10000', ['45000', '8000'], [INVALID, 0]),
  'group.streams.max.session.timeout.ms': bound(
    'streams.session.timeout.ms',
    '50000',
    ['60000', '45000'],
    [0, INVALID],
  ),
  'group.streams.heartbeat.interval.ms': {
    values: ['5000', '7000'],
    sees: [5000, 7000],
    look: async (broker) => (await join(broker)).heartbeatIntervalMs,
    beside: BESIDE,
  },
  'group.streams.min.heartbeat.interval.ms': bound(
    'streams.heartbeat.interval.ms',
    '2000',
    ['5000', '1000'],
    [INVALID, 0],
  ),
  'group.streams.max.heartbeat.interval.ms': bound(
    'streams.heartbeat.interval.ms',
    '12000',
    ['15000', '10000'],
    [0, INVALID],
  ),
  'group.streams.assignment.interval.ms': {
    values: ['0', '60000'],
    sees: [[], [5]],
    look: async (broker) => {
      await createTopics(broker);
      await join(broker);
      return statusCodes(broker, 'b');
    },
    beside: BESIDE,
  },
  'group.streams.min.assignment.interval.ms': bound('streams.assignment.interval.ms', '10', ['0', '100'], [0, INVALID]),
  'group.streams.max.assignment.interval.ms': bound(
    'streams.assignment.interval.ms',
    '2000',
    ['15000', '1000'],
    [0, INVALID],
  ),
  'group.streams.initial.rebalance.delay.ms': {
    values: ['0', '60000'],
    sees: [[], [5]],
    look: async (broker) => {
      await createTopics(broker);
      return statusCodes(broker);
    },
    beside: BESIDE,
  },
  'group.streams.max.size': {
    values: ['2', '1'],
    sees: [0, 81],
    look: async (broker) => {
      await join(broker);
      return (await join(broker, 'b')).errorCode;
    },
    beside: BESIDE,
  },
  'group.streams.num.standby.replicas': {
    values: ['0', '1'],
    sees: [0, 1],
    look: async (broker) => {
      await createTopics(broker);
      for (const memberId of ['a', 'b']) await join(broker, memberId);
      return (await members(broker)).filter(({ targetAssignment }) => targetAssignment.standbyTasks.length > 0).length;
    },
    beside: BESIDE,
  },
  'group.streams.max.standby.replicas': bound('streams.num.standby.replicas', '2', ['2', '1'], [0, INVALID]),
};
