// __consumer_offsets of data directories that Apache Kafka 4.3.1 wrote, against what Kafka itself answered about its groups.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ReplicaPartitionWriter } from '../../src/broker/node/partition-writer.ts';
import { load } from '../../src/coordinator-common/loader.ts';
import { groupMetadata } from '../../src/group-coordinator/consumer/record-types.ts';
import type { GroupRecord } from '../../src/group-coordinator/group-record.ts';
import { groupKinds, Groups } from '../../src/group-coordinator/groups.ts';
import { TopicHashes } from '../../src/group-coordinator/modern/index.ts';
import { groupRecordSerdeOf } from '../../src/group-coordinator/record-types.ts';
import { GroupCoordinator } from '../../src/group-coordinator/group-coordinator.ts';
import { groupCoordinatorConfig } from '../../src/group-coordinator/index.ts';
import { defaultLogConfig, LogManager, topicLogConfig } from '../../src/log/index.ts';
import { noTransactions, Partition } from '../../src/replication/index.ts';
import { Metrics, parseConfigs, silentLogger } from '../../src/runtime/index.ts';
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../src/runtime/sim/index.ts';
import { unpack } from '../log/data-directory.ts';
import { context, fetchRequest } from './coordinator-under-test.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const TOPIC = '__consumer_offsets';
const PARTITIONS = 50;

interface ExpectedGroup {
  type: string;
  protocol: string;
  state: string;
  members: number;
  protocolData?: string;
  offsets: { topic: string; partition: number; offset: number; leaderEpoch: number; metadata: string }[];
}

for (const [archive, expectation] of [
  ['kafka-4.3.1-datadir.tar.gz', 'expected.json'],
  ['kafka-4.3.1-datadir-crashed.tar.gz', 'expected-crashed.json'],
] as const) {
  describe(`the group coordinator opens ${archive}`, () => {
    const expected = JSON.parse(readFileSync(new URL(expectation, fixtures), 'utf8')) as {
      readAtMs: number;
      groups: Record<string, ExpectedGroup>;
      topics: Record<string, { topicId: string; partitions: Record<string, unknown> }>;
    };
    let clock: SimClock;
    let manager: LogManager;
    let coordinator: GroupCoordinator;
    let writer: ReplicaPartitionWriter;

    before(async () => {
      clock = new SimClock({ nextTurn, startMs: expected.readAtMs });
      const disk = new MemoryDisk({ nowMs: () => clock.nowMs() });
      unpack(new URL(archive, fixtures), disk, '/data');
      manager = await clock.run(
        LogManager.open({
          runtime: { disk, clock, logger: silentLogger, metrics: new Metrics() },
          logDirs: ['/data'],
          config: { ...defaultLogConfig, producerIdExpirationMs: 2147483647 },
          durability: 'memory',
          topicConfig: () => topicLogConfig(defaultLogConfig),
        }),
      );
      const partitions = new Map<number, Partition>();
      for (const log of manager.logs()) {
        if (log.topic !== TOPIC) continue;
        const partition = new Partition(log, 1);
        partition.update({ leader: 1, leaderEpoch: 20, partitionEpoch: 20, replicas: [1], isr: [1] } as never);
        partitions.set(log.partition, partition);
      }
      const replicas = { partition: (_topic: string, index: number) => partitions.get(index), missingError: () => 3 };
      writer = new ReplicaPartitionWriter({ replicas, topic: TOPIC, clock, verifier: noTransactions });
      coordinator = new GroupCoordinator({
        runtime: { clock, random: new SeededRandom(1), logger: silentLogger },
        config: () => parseConfigs(groupCoordinatorConfig, new Map()),
        writer,
        partitionCount: () => PARTITIONS,
      });
      for (const index of partitions.keys()) coordinator.onLeader(index, 20);
      await loaded();
    });

    /** No virtual time passes: sessions do not end meanwhile. */
    async function loaded(): Promise<void> {
      for (let turn = 0; turn < 1000; turn++) {
        await clock.settle();
        const { errorCode } = await coordinator.listGroups({ statesFilter: [], typesFilter: [] }, context(5));
        if (errorCode === 0) return;
      }
      throw new Error('not loaded');
    }

    after(async () => {
      coordinator.close();
      await clock.run(manager.close(-1));
    });

    it('lists every group as Apache Kafka does', async () => {
      const { groups } = await coordinator.listGroups({ statesFilter: [], typesFilter: [] }, context(5));
      const found = groups.map(({ groupId, protocolType, groupState, groupType }) => ({
        groupId,
        protocolType,
        groupState,
        groupType,
      }));
      const theirs = Object.entries(expected.groups).map(([groupId, { protocol, state, type }]) => ({
        groupId,
        protocolType: protocol,
        groupState: state,
        groupType: type.toLowerCase(),
      }));
      expect(found).to.have.deep.members(theirs);
    });

    for (const [groupId, group] of Object.entries(expected.groups)) {
      if (group.type === 'Share') continue;

      it(`has the offsets of ${groupId}`, async () => {
        const { groups } = await coordinator.offsetFetch(fetchRequest(groupId), context(9));
        const found = groups?.[0]?.topics.flatMap(({ name, partitions }) =>
          partitions.map((one) => ({
            topic: name,
            partition: one.partitionIndex,
            offset: one.committedOffset,
            leaderEpoch: one.committedLeaderEpoch,
            metadata: one.metadata,
          })),
        );
        expect(found).to.have.deep.members(group.offsets);
      });

      if (group.type !== 'Classic') continue;
      it(`describes ${groupId}`, async () => {
        const request = { groups: [groupId], includeAuthorizedOperations: false };
        const [described] = (await coordinator.describeGroups(request, context(6))).groups;
        expect(described).to.include({
          errorCode: 0,
          groupState: group.state,
          protocolType: group.protocol,
          protocolData: group.protocolData,
        });
        expect(described?.members).to.have.length(group.members);
      });
    }

    it('makes the hashes of topics that Apache Kafka wrote down with the epochs of groups', async () => {
      const topics = Object.entries(expected.topics).map(([name, { topicId, partitions }]) => {
        const rows = Object.keys(partitions).map((partition) => ({ partition: Number(partition), replicas: [1] }));
        return [name, { name, id: topicId, partitions: rows }] as const;
      });
      const image = { topics: { byName: new Map(topics) }, cluster: { brokers: new Map() } } as never;
      const groups = new Groups(groupKinds);
      const hashes: [string, unknown, unknown][] = [];
      const replay = (record: GroupRecord): void => {
        if (record.kind === 'offset') return;
        groups.replay(record);
        const read = groupMetadata.read(record);
        const group = groups.consumer(record.groupId);
        if (group === undefined || read?.value === undefined || read.value === null) return;
        const own = new TopicHashes().groupHash(group.subscribedTopics().names, image);
        hashes.push([record.groupId, own, read.value.metadataHash]);
      };
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const reader = writer.reader(partition);
        if (reader === undefined) continue;
        const shard = { replay, replayEndTransactionMarker: () => undefined };
        const serde = groupRecordSerdeOf(groupKinds);
        const loaded = load({
          reader,
          serde,
          shard,
          clock,
          logger: silentLogger,
          sliceBytes: 1 << 20,
          isWanted: () => true,
        });
        for (let turn = 0; turn < 20; turn++) await clock.settle();
        await loaded;
      }
      expect(hashes.filter(([, , theirs]) => theirs !== 0)).to.not.have.length(0);
      for (const [groupId, own, theirs] of hashes) expect(own, groupId).to.equal(theirs);
    });

    it('tells that an offset of an open transaction is not stable', async () => {
      const request = { ...fetchRequest('txn-pending-group'), requireStable: true };
      const topics = [{ name: 'txn-ongoing', topicId: '', partitionIndexes: [0, 1] }];
      const asked = { ...request, groups: request.groups.map((one) => ({ ...one, topics })) };
      const { groups } = await coordinator.offsetFetch(asked, context(9));
      const codes = groups?.[0]?.topics[0]?.partitions.map(({ errorCode }) => errorCode);
      expect(codes).to.include(88);
    });

    it('says that groups of other types are no classic groups', async () => {
      const request = { groups: ['kip848', 'sharegroup'], includeAuthorizedOperations: false };
      const { groups } = await coordinator.describeGroups(request, context(6));
      expect(groups.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).to.deep.equal([
        [69, 'Group kip848 is not a classic group.'],
        [69, 'Group sharegroup is not a classic group.'],
      ]);
    });
  });
}
