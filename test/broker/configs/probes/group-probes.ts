// Configs of coordinators: their topics, members of classic groups, committed offsets.
import { OffsetCommit } from '../../../../src/protocol/messages/08-offset-commit.ts';
import { OffsetFetch } from '../../../../src/protocol/messages/09-offset-fetch.ts';
import { FindCoordinator } from '../../../../src/protocol/messages/10-find-coordinator.ts';
import { JoinGroup } from '../../../../src/protocol/messages/11-join-group.ts';
import { DescribeConfigs } from '../../../../src/protocol/messages/32-describe-configs.ts';
import { requestOf, type RawClient } from '../../raw-client.ts';
import { addSilentBroker, createFollowed, PATIENT } from './cluster-probes.ts';
import { DATA, type ProbedBroker, TOPIC } from './probed-broker.ts';
import type { Probe, Probes } from './probe.ts';

const GROUP = { kind: 0, key: 'g', topic: '__consumer_offsets' };
const SHARE = { kind: 2, key: 'g:AAAAAAAAAAAAAAAAAAAABQ:0', topic: '__share_group_state' };
type Kind = typeof GROUP;
const AT_ONCE = { 'ottla.coordinator.topic.wait': 'true' };
const ONE_PARTITION = { ...AT_ONCE, 'offsets.topic.num.partitions': '1' };

export async function topicOf(broker: ProbedBroker, { kind, key, topic }: Kind) {
  await broker.client.ask(FindCoordinator, 6, { keyType: kind, coordinatorKeys: [key] });
  return broker.topic(topic);
}
async function configOf(broker: ProbedBroker, kind: Kind, name: string) {
  await topicOf(broker, kind);
  const resources = [{ resourceType: TOPIC, resourceName: kind.topic, configurationKeys: [name] }];
  const asked = { resources, includeSynonyms: false, includeDocumentation: false };
  return (await broker.client.ask(DescribeConfigs, 4, asked)).results[0]?.configs[0]?.value;
}
export const config = (kind: Kind, name: string, one: string, other: string): Probe => ({
  values: [one, other],
  sees: [one, other],
  look: (broker) => configOf(broker, kind, name),
  beside: AT_ONCE,
});
export const partitions = (kind: Kind): Probe => ({
  values: ['1', '3'],
  sees: [1, 3],
  look: async (broker) => (await topicOf(broker, kind))?.partitions.length,
  beside: AT_ONCE,
});
export const replicas = (kind: Kind): Probe => ({
  values: ['1', '2'],
  sees: [1, 2],
  look: async (broker) => {
    await addSilentBroker(broker);
    return (await topicOf(broker, kind))?.partitions[0]?.replicaNodes.length;
  },
  beside: AT_ONCE,
});

const joinRequest = (sessionTimeoutMs: number) =>
  requestOf(JoinGroup, 3, {
    groupId: 'g',
    sessionTimeoutMs,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  });

/** The error with which a member is answered; undefined: it waits. */
async function joined(broker: ProbedBroker, sessionTimeoutMs = 10_000): Promise<number | undefined> {
  const client = await broker.connect();
  client.send(joinRequest(sessionTimeoutMs));
  return answered(broker, client, 4 + 4);
}

/** Turns after which a handler has been loaded that nobody had asked for before, also where TypeScript is compiled beside it. */
const LOADED_AFTER = 500;

/** The error code at `at` of the answer that has come by now. */
async function answered(broker: ProbedBroker, client: RawClient, at: number): Promise<number | undefined> {
  for (let turn = 0; turn < LOADED_AFTER && client.receivedBytes === 0; turn++) await broker.wait(1);
  if (client.receivedBytes === 0) return undefined;
  const frame = await client.next();
  client.destroy();
  return frame === 'closed' ? undefined : frame.readInt16BE(at);
}

const commitRequest = (metadata: string) => ({
  groupId: 'g',
  generationIdOrMemberEpoch: -1,
  memberId: '',
  topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 7, committedMetadata: metadata }] }],
});

async function commit(broker: ProbedBroker, metadata = ''): Promise<number | undefined> {
  await broker.createTopic('t');
  await topicOf(broker, GROUP);
  const { topics } = await broker.client.ask(OffsetCommit, 7, commitRequest(metadata));
  return topics[0]?.partitions[0]?.errorCode;
}

async function committed(broker: ProbedBroker): Promise<number> {
  const request = { groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] };
  const { topics } = await broker.client.ask(OffsetFetch, 5, request);
  return Number(topics[0]?.partitions[0]?.committedOffset);
}
const committedAfter =
  (waitMs: number) =>
  async (broker: ProbedBroker): Promise<number> => {
    await commit(broker);
    await broker.wait(waitMs);
    return committed(broker);
  };

/** Whether a commit that no follower takes is given up after two seconds. */
async function commitIsGivenUp(broker: ProbedBroker): Promise<boolean> {
  await addSilentBroker(broker);
  await createFollowed(broker, GROUP.topic);
  await broker.createTopic('t');
  await committed(broker);
  const client = await broker.connect();
  client.send(requestOf(OffsetCommit, 7, commitRequest('')));
  for (let turn = 0; turn < 4; turn++) await broker.settle();
  await broker.wait(2000);
  const isAnswered = client.receivedBytes > 0;
  // Nobody waits for it when the broker stops.
  await broker.wait(60_000);
  client.destroy();
  return isAnswered;
}

/** Whether committed offsets are loaded in many small reads. */
async function loadsInSmallReads(broker: ProbedBroker): Promise<boolean> {
  for (let at = 0; at < 30; at++) await commit(broker);
  await broker.restart();
  broker.disk.reads.length = 0;
  for (let turn = 0; turn < 10; turn++) await committed(broker);
  return broker.disk.reads.filter(({ path }) => path.startsWith(`${DATA}/__consumer_offsets-0/`)).length > 20;
}

export const groupProbes: Probes = {
  'group.min.session.timeout.ms': { values: ['6000', '20000'], sees: [0, 26], look: joinedFirst, beside: joinNow() },
  'group.max.session.timeout.ms': { values: ['20000', '8000'], sees: [0, 26], look: joinedFirst, beside: joinNow() },
  'group.max.size': {
    values: ['10', '1'],
    sees: [undefined, 81],
    look: async (broker) => {
      await joinedFirst(broker);
      return joined(broker);
    },
    beside: joinNow(),
  },
  'group.initial.rebalance.delay.ms': {
    values: ['60000', '0'],
    sees: [undefined, 0],
    look: joinedFirst,
    beside: ONE_PARTITION,
  },
  'offset.metadata.max.bytes': {
    values: ['4096', '10'],
    sees: [0, 12],
    look: (broker) => commit(broker, 'x'.repeat(100)),
    beside: ONE_PARTITION,
  },
  'offsets.commit.timeout.ms': {
    values: ['60000', '1000'],
    sees: [false, true],
    look: commitIsGivenUp,
    beside: { ...ONE_PARTITION, 'broker.session.timeout.ms': '100000' },
  },
  'offsets.load.buffer.size': {
    values: ['5242880', '100'],
    sees: [false, true],
    look: loadsInSmallReads,
    beside: ONE_PARTITION,
  },
  'offsets.retention.minutes': {
    values: ['10080', '1'],
    sees: [7, -1],
    look: committedAfter(120_000),
    beside: { ...ONE_PARTITION, 'offsets.retention.check.interval.ms': '1000', ...PATIENT },
  },
  'offsets.retention.check.interval.ms': {
    values: ['600000', '1000'],
    sees: [7, -1],
    look: committedAfter(120_000),
    beside: { ...ONE_PARTITION, 'offsets.retention.minutes': '1', ...PATIENT },
  },
  'offsets.topic.compression.codec': {
    values: ['0', '1'],
    sees: [0, 1],
    look: async (broker) => {
      await commit(broker);
      return broker.codec(GROUP.topic);
    },
    beside: ONE_PARTITION,
  },
  'offsets.topic.num.partitions': partitions(GROUP),
  'offsets.topic.replication.factor': replicas(GROUP),
  'offsets.topic.segment.bytes': config(GROUP, 'segment.bytes', '104857600', '2000000'),
  'share.coordinator.state.topic.num.partitions': partitions(SHARE),
  'share.coordinator.state.topic.replication.factor': replicas(SHARE),
  'share.coordinator.state.topic.min.isr': config(SHARE, 'min.insync.replicas', '1', '2'),
  'share.coordinator.state.topic.segment.bytes': config(SHARE, 'segment.bytes', '104857600', '2000000'),
};

async function joinedFirst(broker: ProbedBroker): Promise<number | undefined> {
  await topicOf(broker, GROUP);
  // The coordinator has loaded when this is answered.
  await committed(broker);
  return joined(broker);
}

function joinNow() {
  return { ...ONE_PARTITION, 'group.initial.rebalance.delay.ms': '0' };
}
