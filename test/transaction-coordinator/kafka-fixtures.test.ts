// __transaction_state of data directories that Apache Kafka 4.3.1 wrote, against what Kafka itself answered about its
// transactions.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ReplicaPartitionWriter } from '../../src/broker/node/partition-writer.ts';
import { defaultLogConfig, LogManager, topicLogConfig } from '../../src/log/index.ts';
import { noTransactions, Partition } from '../../src/replication/index.ts';
import { Metrics, parseConfigs, silentLogger } from '../../src/runtime/index.ts';
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';
import { ProducerIds, transactionConfig } from '../../src/transaction-coordinator/index.ts';
import { TransactionCoordinator } from '../../src/transaction-coordinator/transaction-coordinator.ts';
import { unpack } from '../log/data-directory.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const TOPIC = '__transaction_state';
const PARTITIONS = 50;
const ALL = { stateFilters: [], producerIdFilters: [], durationFilter: -1, transactionalIdPattern: null };

interface ExpectedTransaction {
  producerId: number;
  producerEpoch: number;
  state: string;
  timeoutMs: number;
  startTimeMs: number;
  partitions: string[];
}

for (const [archive, expectation] of [
  ['kafka-4.3.1-datadir.tar.gz', 'expected.json'],
  ['kafka-4.3.1-datadir-crashed.tar.gz', 'expected-crashed.json'],
] as const) {
  describe(`the transaction coordinator opens ${archive}`, () => {
    const expected = JSON.parse(readFileSync(new URL(expectation, fixtures), 'utf8')) as {
      readAtMs: number;
      transactions: Record<string, ExpectedTransaction>;
    };
    const ids = Object.keys(expected.transactions);
    let clock: SimClock;
    let manager: LogManager;
    let coordinator: TransactionCoordinator;

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
      const config = parseConfigs(transactionConfig, new Map());
      coordinator = new TransactionCoordinator({
        runtime: { clock, logger: silentLogger },
        config: () => config,
        writer: new ReplicaPartitionWriter({ replicas, topic: TOPIC, clock, verifier: noTransactions }),
        partitionCount: () => PARTITIONS,
        producerIds: new ProducerIds(() => Promise.reject(new Error('nobody asks for ids'))),
        markers: { write: () => Promise.reject(new Error('nothing is being ended')) },
      });
      for (const index of partitions.keys()) coordinator.onLeader(index, 20);
      for (let turn = 0; turn < 1000; turn++) {
        await clock.settle();
        if ((await coordinator.listTransactions(ALL)).errorCode === 0) return;
      }
      throw new Error('not loaded');
    });

    after(async () => {
      coordinator.close();
      await clock.run(manager.close(-1));
    });

    it('describes every transaction as Apache Kafka does', async () => {
      const described = await coordinator.describeTransactions(ids);
      const found = described.map((one) => [
        one.transactionalId,
        {
          producerId: one.producerId,
          producerEpoch: one.producerEpoch,
          state: one.transactionState,
          timeoutMs: one.transactionTimeoutMs,
          startTimeMs: one.transactionStartTimeMs,
          partitions: one.topics.flatMap(({ topic, partitions }) => partitions.map((at) => `${topic}-${at}`)).sort(),
        },
      ]);
      expect(Object.fromEntries(found)).to.deep.equal(expected.transactions);
    });

    it('lists them by state, producer, age and pattern', async () => {
      const listed = async (filters: object): Promise<string[]> => {
        const { transactionStates } = await coordinator.listTransactions({ ...ALL, ...filters });
        return transactionStates.map(({ transactionalId }) => transactionalId).sort();
      };
      const where = (holds: (one: ExpectedTransaction) => boolean): string[] =>
        ids.filter((id) => holds(expected.transactions[id] as ExpectedTransaction)).sort();
      expect(await listed({})).to.deep.equal(ids.sort());
      expect(await listed({ stateFilters: ['Ongoing', 'Empty', 'Nonsense'] })).to.deep.equal(
        where(({ state }) => state === 'Ongoing' || state === 'Empty'),
      );
      expect(await listed({ stateFilters: ['Nonsense'] })).to.deep.equal([]);
      expect(await listed({ producerIdFilters: [6, 7] })).to.deep.equal(['tx-never-used', 'tx-ongoing']);
      const durationFilter = expected.readAtMs - 1_795_255_723_800;
      expect(await listed({ durationFilter })).to.deep.equal(where((one) => one.startTimeMs < 1_795_255_723_800));
      expect(await listed({ transactionalIdPattern: 'tx-(one|two)' })).to.deep.equal(['tx-one', 'tx-two']);
      expect(await listed({ transactionalIdPattern: 'one' })).to.deep.equal([]);
      const { unknownStateFilters } = await coordinator.listTransactions({ ...ALL, stateFilters: ['A', 'Dead', 'A'] });
      expect(unknownStateFilters).to.deep.equal(['A']);
    });
  });
}
