// The metadata log of three Apache Kafka 4.3.1 nodes through whose life topics were reassigned, leaders elected, one broker
// stopped in order and another killed. Whatever their controllers wrote, ours decides the same in the same state.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { brokerHeartbeat, fenceBroker } from '../../../src/kraft/controller/cluster/broker-heartbeat.ts';
import { registerBroker } from '../../../src/kraft/controller/cluster/cluster-control.ts';
import { assignReplicasToDirs } from '../../../src/kraft/controller/cluster/directories-control.ts';
import type { ControllerState } from '../../../src/kraft/controller/operation.ts';
import { PartitionIndex } from '../../../src/kraft/controller/placement/partition-index.ts';
import { electLeaders } from '../../../src/kraft/controller/topics/election-control.ts';
import { alterPartitions } from '../../../src/kraft/controller/topics/isr-control.ts';
import { alterPartitionReassignments } from '../../../src/kraft/controller/topics/reassignment-control.ts';
import {
  type BrokerRegistration,
  decodeMetadataRecord,
  MetadataDelta,
  MetadataImage,
  type MetadataRecord,
  type PartitionChangeRecord,
  type PartitionImage,
  type RegisterBrokerRecord,
} from '../../../src/kraft/metadata/index.ts';
import { readBatches } from '../../../src/kraft/raft/index.ts';
import { openPolicy } from '../node-under-test.ts';

const fixture = new URL('../../fixtures/kafka-4.3.1-three-nodes-metadata.log.gz', import.meta.url);
const ANY_CLUSTER = 'any';

/** What was decided, by the name of the operation. */
interface Explanation {
  readonly what: string;
  readonly records: readonly MetadataRecord[];
}

class Reader {
  image = MetadataImage.empty;
  /** How often each operation was found, and what no operation explains. */
  readonly found = new Map<string, number>();
  readonly unexplained: string[] = [];

  read(records: readonly MetadataRecord[], baseOffset: number): void {
    for (let at = 0; at < records.length; ) {
      const left = records.slice(at);
      const explanation = this.#explain(left, baseOffset + at);
      if (explanation !== undefined) this.found.set(explanation.what, (this.found.get(explanation.what) ?? 0) + 1);
      else if (isDecision(left[0] as MetadataRecord)) this.unexplained.push(JSON.stringify(left));
      const taken = left.slice(0, explanation?.records.length ?? 1);
      this.#replay(taken, baseOffset + at + taken.length - 1);
      at += taken.length;
    }
  }

  #replay(records: readonly MetadataRecord[], offset: number): void {
    const delta = new MetadataDelta(this.image);
    for (const record of records) delta.replay(record);
    this.image = delta.apply({ offset, epoch: 1, appendTimeMs: 0, isBatchAligned: false });
  }

  /** The operation whose records come next; one that writes more is tried before one that writes less. */
  #explain(left: readonly MetadataRecord[], offset: number): Explanation | undefined {
    const state = { image: this.image, partitions: new PartitionIndex(this.image) };
    const candidates = [...operations(state, left, offset)].sort(
      (one, other) => other.records.length - one.records.length,
    );
    return candidates.find(({ records }) => records.length > 0 && isSame(records, left.slice(0, records.length)));
  }
}

const isDecision = ({ type }: MetadataRecord): boolean =>
  ['PartitionChangeRecord', 'BrokerRegistrationChangeRecord', 'RegisterBrokerRecord'].includes(type);

/** The partitions of an operation stand in the log in the order of a hash map; so do the features of a registration. */
function isSame(one: readonly MetadataRecord[], other: readonly MetadataRecord[]): boolean {
  const text = (record: MetadataRecord): string =>
    JSON.stringify(record, (_key, value: unknown) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
        : value,
    );
  const sorted = (records: readonly MetadataRecord[]): string[] => records.map(text).sort();
  return sorted(one).join('\n') === sorted(other).join('\n');
}

function* operations(state: ControllerState, left: readonly MetadataRecord[], offset: number): Generator<Explanation> {
  for (const broker of state.image.cluster.brokers.values()) {
    if (!broker.isFenced) yield { what: 'fence', records: [...fenceBroker(state, openPolicy, broker.id).records] };
    for (const wantShutDown of [false, true]) {
      yield { what: wantShutDown ? 'stop' : 'unfence', records: heartbeat(state, broker, { wantShutDown }) };
    }
    yield { what: 'cordon', records: heartbeat(state, broker, { wantFence: broker.isFenced, cordonedLogDirs: [] }) };
  }
  const registration = left.find((record) => record.type === 'RegisterBrokerRecord');
  if (registration !== undefined) yield* registrations(state, registration as RegisterBrokerRecord, offset);
  const [first] = left;
  if (first?.type === 'PartitionChangeRecord') yield* partitionOperations(state, first);
}

function heartbeat(state: ControllerState, { id, epoch }: BrokerRegistration, change: object): MetadataRecord[] {
  const request = {
    brokerId: id,
    brokerEpoch: epoch,
    currentMetadataOffset: Number.MAX_SAFE_INTEGER,
    wantFence: false,
    wantShutDown: false,
    offlineLogDirs: [],
    cordonedLogDirs: null,
    ...change,
  };
  const facts = { registrationOffset: 0, isLedOut: false, haveOthersHeard: false };
  return [...brokerHeartbeat(state, openPolicy, request, facts).records];
}

function* registrations(state: ControllerState, record: RegisterBrokerRecord, offset: number): Generator<Explanation> {
  const { brokerId, incarnationId, endPoints: listeners, features, rack, logDirs } = record;
  const request = { brokerId, incarnationId, listeners, features, rack, logDirs, isMigratingZkBroker: false };
  const facts = { clusterId: ANY_CLUSTER, nextOffset: offset, hasLiveSession: false };
  const existing = state.image.cluster.brokers.get(brokerId)?.epoch ?? -1;
  for (const previousBrokerEpoch of [existing, -1]) {
    const asked = { ...request, clusterId: ANY_CLUSTER, previousBrokerEpoch };
    const what = previousBrokerEpoch === -1 ? 'register after a crash' : 'register after a stop';
    yield { what, records: [...registerBroker(state, openPolicy, asked, facts).records] };
  }
}

function* partitionOperations(state: ControllerState, record: PartitionChangeRecord): Generator<Explanation> {
  const { image } = state;
  const topic = image.topics.byId.get(record.topicId);
  const partition = topic?.partitions[record.partitionId];
  if (topic === undefined || partition === undefined) return;
  if (record.isr !== null) {
    const leaving = partition.removingReplicas.filter((id) => partition.isr.includes(id));
    for (const isr of [record.isr, [...leaving, ...record.isr]]) {
      yield { what: 'isr', records: proposal(image, topic.id, partition, isr) };
      yield {
        what: 'isr',
        records: proposal(image, topic.id, partition, [
          ...partition.isr,
          ...isr.filter((id) => !partition.isr.includes(id)),
        ]),
      };
    }
  }
  const election = { electionType: 0, topicPartitions: [{ topic: topic.name, partitions: [record.partitionId] }] };
  yield { what: 'elect', records: [...electLeaders(image, openPolicy, { ...election, timeoutMs: 1 }).records] };
  const replicas = (record.replicas ?? partition.replicas).filter(
    (id) => !(record.removingReplicas ?? []).includes(id),
  );
  const partitions = [{ partitionIndex: record.partitionId, replicas: [...replicas] }];
  const request = { timeoutMs: 1, allowReplicationFactorChange: true, topics: [{ name: topic.name, partitions }] };
  yield { what: 'reassign', records: [...alterPartitionReassignments(image, openPolicy, request).records] };
  yield* assignments(state, record, partition);
}

function proposal(image: MetadataImage, topicId: string, partition: PartitionImage, isr: readonly number[]) {
  const leader = image.cluster.brokers.get(partition.leader);
  if (leader === undefined) return [];
  const asked = {
    partitionIndex: partition.partition,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    leaderRecoveryState: 0,
    newIsr: [...isr],
    newIsrWithEpochs: [],
  };
  const request = { brokerId: leader.id, brokerEpoch: leader.epoch, topics: [{ topicId, partitions: [asked] }] };
  return [...alterPartitions(image, openPolicy, leader, request, 2).records];
}

function* assignments(
  state: ControllerState,
  { directories, topicId, partitionId }: PartitionChangeRecord,
  partition: PartitionImage,
): Generator<Explanation> {
  const moved = directories?.findIndex((id, index) => id !== partition.directories[index]) ?? -1;
  const broker = state.image.cluster.brokers.get(partition.replicas[moved] ?? -1);
  if (broker === undefined || directories === null) return;
  const topics = [{ topicId, partitions: [{ partitionIndex: partitionId }] }];
  const asked = [{ id: directories[moved] as string, topics }];
  const request = { brokerId: broker.id, brokerEpoch: broker.epoch, directories: asked };
  yield { what: 'directory', records: [...assignReplicasToDirs(state, openPolicy, broker, request).records] };
}

describe('what three nodes of Apache Kafka decided', () => {
  it('is what our controller decides in the same state', () => {
    const reader = new Reader();
    for (const batch of readBatches(gunzipSync(readFileSync(fixture)))) {
      reader.read(
        batch.values.map((value) => decodeMetadataRecord(value)),
        batch.baseOffset,
      );
    }
    expect(reader.unexplained).to.deep.equal([]);
    const kinds = [
      'elect',
      'fence',
      'isr',
      'reassign',
      'register after a crash',
      'register after a stop',
      'stop',
      'unfence',
    ];
    for (const what of kinds) expect(reader.found.get(what) ?? 0, what).to.be.at.least(1);
  });
});
