// Configs of metadata, topics and fetches. A second broker is registered where a single one shows no difference: it has a
// session and replicas, and never speaks.
import { DescribeTopicPartitions } from '../../../../src/protocol/messages/75-describe-topic-partitions.ts';
import { CreateTopics } from '../../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../../../src/protocol/messages/20-delete-topics.ts';
import { AlterPartition } from '../../../../src/protocol/messages/56-alter-partition.ts';
import { BrokerRegistration } from '../../../../src/protocol/messages/62-broker-registration.ts';
import { BrokerHeartbeat } from '../../../../src/protocol/messages/63-broker-heartbeat.ts';
import { QuorumError } from '../../../../src/kraft/raft/index.ts';
import { SUPPORTED_FEATURES } from '../../../../src/kraft/metadata/index.ts';
import { BROKER, DATA, type ProbedBroker, TOPIC } from './probed-broker.ts';
import type { Probes } from './probe.ts';

const METADATA_LOG = `${DATA}/__cluster_metadata-0`;
/** Connections outlive the time that passes. */
export const PATIENT = { 'connections.max.idle.ms': '-1' };

/** Registers broker 2, and has it serve. Resolves with its epoch. */
export async function addSilentBroker(
  { node }: ProbedBroker,
  { port = 1, rack = null }: { port?: number; rack?: string | null } = {},
): Promise<number> {
  const { brokerEpoch = -1 } = await node.controller.send(BrokerRegistration, {
    brokerId: 2,
    clusterId: node.clusterId,
    incarnationId: 'AAAAAAAAAAAAAAAAAAAABQ',
    listeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port, securityProtocol: 0 }],
    features: [...SUPPORTED_FEATURES],
    rack,
    isMigratingZkBroker: false,
    logDirs: ['tL0Yn4KbTHe2BQ1UQmTB7w'],
    previousBrokerEpoch: -1,
  });
  await beat(node, brokerEpoch, false);
  return brokerEpoch;
}

/** Broker 2 serves, or wants to be fenced. */
async function beat(node: ProbedBroker['node'], brokerEpoch: number, wantFence: boolean): Promise<void> {
  await node.controller.send(BrokerHeartbeat, {
    brokerId: 2,
    brokerEpoch,
    currentMetadataOffset: Number.MAX_SAFE_INTEGER,
    wantFence,
    wantShutDown: false,
    offlineLogDirs: [],
    cordonedLogDirs: [],
  });
}

const leaderOf = async (broker: ProbedBroker, topic: string): Promise<number | undefined> =>
  (await broker.topic(topic))?.partitions[0]?.leaderId;

/** Asks for this ISR of a topic as its leader. */
export async function propose(broker: ProbedBroker, name: string, leader: [id: number, epoch: number], isr: number[]) {
  const partition = broker.node.image.topics.byName.get(name)?.partitions[0];
  await broker.node.controller.send(AlterPartition, {
    brokerId: leader[0],
    brokerEpoch: leader[1],
    topics: [
      {
        topicId: await broker.topicId(name),
        partitions: [
          {
            partitionIndex: 0,
            leaderEpoch: partition?.leaderEpoch ?? -1,
            partitionEpoch: partition?.partitionEpoch ?? -1,
            leaderRecoveryState: 0,
            newIsr: [],
            newIsrWithEpochs: isr.map((brokerId) => ({ brokerId, brokerEpoch: -1 })),
          },
        ],
      },
    ],
  });
}

/** The leader of a topic whose first replica, the silent broker, was away and is in sync again, after `waitMs`. */
const leaderAfter = (waitMs: number) => async (broker: ProbedBroker) => {
  const epoch = await addSilentBroker(broker);
  await createFollowed(broker, 't', [2, 1]);
  await beat(broker.node, epoch, true);
  await beat(broker.node, epoch, false);
  await propose(broker, 't', [1, broker.node.image.cluster.brokers.get(1)?.epoch ?? -1], [1, 2]);
  await broker.wait(waitMs);
  return leaderOf(broker, 't');
};

/** The leader of a topic whose only replica in sync, the silent broker, is gone. */
async function leaderWithoutIsr(broker: ProbedBroker) {
  const epoch = await addSilentBroker(broker);
  await createFollowed(broker, 't', [2, 1]);
  await propose(broker, 't', [2, epoch], [2]);
  await beat(broker.node, epoch, true);
  return leaderOf(broker, 't');
}
const NEVER_SILENT = { 'broker.session.timeout.ms': '2000000', ...PATIENT };

/** A topic that this broker leads and the silent one follows. */
export async function createFollowed({ client }: ProbedBroker, name: string, brokerIds = [1, 2]): Promise<void> {
  const assignments = [{ partitionIndex: 0, brokerIds }];
  const topic = { name, numPartitions: -1, replicationFactor: -1, assignments, configs: [] };
  await client.ask(CreateTopics, 7, { topics: [topic], timeoutMs: 5000, validateOnly: false });
}

const changeMetadata = (broker: ProbedBroker, at: number): Promise<void> =>
  broker.set(BROKER, '', { 'message.max.bytes': String(100_000 + at) });

const metadataFiles =
  (suffix: string, waitMs: number, changes: number) =>
  async (broker: ProbedBroker): Promise<number> => {
    for (let at = 0; at < changes; at++) {
      await changeMetadata(broker, at);
      await broker.wait(waitMs);
    }
    return broker.files(METADATA_LOG, suffix).length;
  };
const moreThan = (least: number, look: (broker: ProbedBroker) => Promise<number>) => async (broker: ProbedBroker) =>
  (await look(broker)) > least;

/** Whether a metadata log is begun anew in a directory that does not name its voters. */
async function startsWithoutVoters(broker: ProbedBroker): Promise<boolean> {
  await broker.close();
  await broker.disk.removeTree(METADATA_LOG);
  try {
    await broker.restart();
    return true;
  } catch (error) {
    if (error instanceof QuorumError) return false;
    throw error;
  }
}

async function mayDelete(broker: ProbedBroker): Promise<boolean> {
  await broker.createTopic('t');
  await broker.client.ask(DeleteTopics, 5, { topicNames: ['t'], topics: [], timeoutMs: 1000 });
  return (await broker.topic('t'))?.errorCode !== 0;
}

async function bytesOfTwoBatches(broker: ProbedBroker): Promise<boolean> {
  await broker.createTopic('t');
  for (let at = 0; at < 2; at++) await broker.produce('t', [{ value: Buffer.alloc(1000) }]);
  return (await broker.fetch('t')).records.length > 2000;
}

async function partitionsDescribed(broker: ProbedBroker): Promise<number | undefined> {
  await broker.createTopic('t', { count: 3 });
  const request = { topics: [{ name: 't' }], responsePartitionLimit: 2000, cursor: null };
  return (await broker.client.ask(DescribeTopicPartitions, 0, request)).topics[0]?.partitions.length;
}

export const clusterProbes: Probes = {
  'auto.create.topics.enable': {
    values: ['true', 'false'],
    sees: [true, false],
    look: async (broker) => {
      await broker.topic('t', true);
      await broker.settle();
      return (await broker.topic('t'))?.errorCode === 0;
    },
  },
  'max.request.partition.size.limit': { values: ['2000', '2'], sees: [3, 2], look: partitionsDescribed },
  'fetch.max.bytes': { values: ['100000', '1024'], sees: [true, false], look: bytesOfTwoBatches },
  'max.incremental.fetch.session.cache.slots': {
    values: ['1000', '0'],
    sees: [true, false],
    look: async (broker) => {
      await broker.createTopic('t');
      return (await broker.fetch('t', { sessionEpoch: 0 })).sessionId > 0;
    },
  },
  'num.partitions': {
    values: ['1', '3'],
    sees: [1, 3],
    look: async (broker) => (await broker.createTopic('t', { count: -1 }))?.numPartitions,
  },
  'default.replication.factor': {
    values: ['1', '2'],
    sees: [0, 38],
    look: async (broker) => (await broker.createTopic('t', { factor: -1 }))?.errorCode,
  },
  'delete.topic.enable': { values: ['true', 'false'], sees: [true, false], look: mayDelete },
  'broker.session.timeout.ms': {
    values: ['60000', '1000'],
    sees: [2, 1],
    look: async (broker) => {
      await addSilentBroker(broker);
      await broker.pass(5000);
      return (await broker.brokers()).length;
    },
  },
  'auto.leader.rebalance.enable': {
    values: ['false', 'true'],
    sees: [1, 2],
    look: leaderAfter(400_000),
    beside: NEVER_SILENT,
  },
  'leader.imbalance.check.interval.seconds': {
    values: ['1000', '10'],
    sees: [1, 2],
    look: leaderAfter(20_000),
    beside: NEVER_SILENT,
  },
  'unclean.leader.election.enable': { values: ['false', 'true'], sees: [-1, 1], look: leaderWithoutIsr },
  'unclean.leader.election.interval.ms': {
    values: ['1000000', '10000'],
    sees: [-1, 1],
    look: async (broker) => {
      await leaderWithoutIsr(broker);
      await broker.set(TOPIC, 't', { 'unclean.leader.election.enable': 'true' });
      await broker.wait(20_000);
      return leaderOf(broker, 't');
    },
    beside: NEVER_SILENT,
  },
  'metadata.max.idle.interval.ms': {
    values: ['0', '100'],
    sees: [false, true],
    look: async (broker) => {
      await addSilentBroker(broker);
      const before = broker.node.image.offset;
      await broker.wait(1000);
      await broker.wait(1000);
      return broker.node.image.offset > before;
    },
  },
  'min.insync.replicas': {
    values: ['1', '2'],
    sees: [0, 19],
    look: async (broker) => {
      await addSilentBroker(broker);
      await createFollowed(broker, 't');
      await broker.pass(20_000);
      return (await broker.produce('t', [{ value: null }]))?.errorCode;
    },
  },
  'controller.quorum.voters': {
    values: [undefined, '1@127.0.0.1:9093'],
    sees: [false, true],
    look: startsWithoutVoters,
  },
  'metadata.log.dir': {
    values: [undefined, '/meta'],
    sees: [false, true],
    look: (broker) => broker.disk.existsSync('/meta/__cluster_metadata-0'),
  },
  'metadata.log.segment.bytes': {
    values: ['1073741824', '8388608'],
    sees: [1, 2],
    look: async (broker) => {
      const large = 'x'.repeat(30_000);
      for (let round = 0; round < 4; round++) {
        const entries = Array.from({ length: 80 }, (_, at) => [`custom.${round}.${at}`, large] as const);
        await broker.set(BROKER, '', Object.fromEntries(entries));
      }
      return broker.files(METADATA_LOG, '.log').length;
    },
  },
  'metadata.log.segment.ms': {
    values: ['604800000', '1000'],
    sees: [false, true],
    look: moreThan(1, metadataFiles('.log', 2000, 3)),
  },
  'metadata.log.max.record.bytes.between.snapshots': {
    values: ['20971520', '1'],
    sees: [false, true],
    look: moreThan(1, metadataFiles('.checkpoint', 0, 3)),
  },
  'metadata.log.max.snapshot.interval.ms': {
    values: ['0', '1000'],
    sees: [false, true],
    look: moreThan(1, metadataFiles('.checkpoint', 1500, 2)),
  },
  'metadata.max.retention.bytes': {
    values: ['-1', '1'],
    sees: [true, false],
    look: moreThan(3, metadataFiles('.checkpoint', 61_000, 6)),
    beside: { 'metadata.log.max.record.bytes.between.snapshots': '1', 'metadata.max.retention.ms': '-1', ...PATIENT },
  },
  'metadata.max.retention.ms': {
    values: ['-1', '1'],
    sees: [true, false],
    look: moreThan(3, metadataFiles('.checkpoint', 61_000, 6)),
    beside: {
      'metadata.log.max.record.bytes.between.snapshots': '1',
      'metadata.max.retention.bytes': '-1',
      ...PATIENT,
    },
  },
};
