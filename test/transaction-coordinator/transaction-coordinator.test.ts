// The transaction coordinator over a log in memory: steps that are on their way, markers that do not arrive, ids that nobody
// uses, and what is bounded.
import { expect } from 'chai';
import { errorName, Errors } from '../../src/protocol/index.ts';
import { delay, parseConfigs, silentLogger } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';
import { type MarkerToWrite, ProducerIds, transactionConfig } from '../../src/transaction-coordinator/index.ts';
import { TransactionCoordinator } from '../../src/transaction-coordinator/transaction-coordinator.ts';
import { MetadataBench } from '../api-handlers/metadata-bench.ts';
import { MemoryWriter } from '../coordinator-common/memory-writer.ts';

const ONE_PHASE = { enable2Pc: false, keepPreparedTxn: false };
const HOUR_MS = 3_600_000;

describe('The transaction coordinator', () => {
  let clock: SimClock;
  let writer: MemoryWriter;
  let metadata: MetadataBench;
  let coordinator: TransactionCoordinator;
  let markers: [string, number, MarkerToWrite][];
  /** What partitions answer, in order; NONE when there is no more. */
  let codes: number[];
  let blocks: number;

  beforeEach(async () => {
    clock = new SimClock({ nextTurn });
    writer = new MemoryWriter(clock);
    [markers, codes, blocks] = [[], [], 0];
    metadata = new MetadataBench();
    metadata.replay([{ type: 'FeatureLevelRecord', version: 0, name: 'transaction.version', featureLevel: 2 }]);
    metadata.createTopic('t', 2);
    const config = parseConfigs(transactionConfig, new Map());
    coordinator = new TransactionCoordinator({
      runtime: { clock, logger: silentLogger },
      config: () => config,
      writer,
      partitionCount: () => 1,
      producerIds: new ProducerIds(async () => ({ start: 1000 * ++blocks, length: 1000 })),
      markers: {
        write: async (topic, partition, marker) => {
          markers.push([topic, partition, marker]);
          return codes.shift() ?? Errors.NONE;
        },
      },
    });
    coordinator.onMetadata(metadata.image, metadata.createdTopic);
    coordinator.onLeader(0, 4);
    await clock.settle();
  });

  const after = async <T>(answer: T | Promise<T>): Promise<T> => clock.run(Promise.resolve(answer));
  const init = (transactionalId = 'tx', timeoutMs = 60_000) =>
    after(coordinator.initProducerId({ transactionalId, timeoutMs, expected: undefined, ...ONE_PHASE }));
  const asked = (producerEpoch = 0, partitions = [0, 1]) => ({
    transactionalId: 'tx',
    producerId: 1000,
    producerEpoch,
    topics: [{ topic: 't', partitions }],
  });
  const add = (producerEpoch = 0) => coordinator.addPartitions(asked(producerEpoch), 2);
  const end = (isCommit: boolean, producerEpoch = 0) =>
    coordinator.endTxn({ ...asked(producerEpoch), isCommit, clientTransactionVersion: 2 });
  const state = async (transactionalId = 'tx') => {
    const [one] = await after(coordinator.describeTransactions([transactionalId]));
    return one?.errorCode === Errors.NONE ? one.transactionState : errorName(one?.errorCode ?? -1);
  };

  it('refuses what cannot be asked for', async () => {
    const fault = async (parts: object) => {
      const request = { transactionalId: 'tx', timeoutMs: 60_000, expected: undefined, ...ONE_PHASE, ...parts };
      return errorName((await coordinator.initProducerId(request)).errorCode);
    };
    expect(await fault({ transactionalId: '' })).to.equal('INVALID_REQUEST');
    expect(await fault({ timeoutMs: 0 })).to.equal('INVALID_TRANSACTION_TIMEOUT');
    expect(await fault({ timeoutMs: 900_001 })).to.equal('INVALID_TRANSACTION_TIMEOUT');
    expect(await fault({ enable2Pc: true })).to.equal('TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    expect(await fault({ keepPreparedTxn: true })).to.equal('UNSUPPORTED_VERSION');
    expect(await coordinator.addPartitions({ ...asked(), transactionalId: '' }, 2)).to.equal(Errors.INVALID_REQUEST);
    const ended = await coordinator.endTxn({
      ...asked(),
      transactionalId: '',
      isCommit: true,
      clientTransactionVersion: 2,
    });
    expect(ended.errorCode).to.equal(Errors.INVALID_REQUEST);
    const verdict = await coordinator.verifyPartitions({ ...asked(), transactionalId: '' });
    expect(verdict('t', 0)).to.equal(Errors.INVALID_REQUEST);
    expect(await state('')).to.equal('INVALID_REQUEST');
    expect(await state('nobody')).to.equal('TRANSACTIONAL_ID_NOT_FOUND');
  });

  it('answers nobody before the log does, and takes one step at a time', async () => {
    await init();
    writer.commitDelayMs = undefined;
    let answered: unknown;
    const first = Promise.resolve(add()).then((code) => (answered = code));
    const second = add();
    await clock.settle();
    expect(answered).to.equal(undefined);
    writer.commit(0);
    await first;
    expect(answered).to.equal(Errors.NONE);
    expect(await second).to.equal(Errors.CONCURRENT_TRANSACTIONS);
    // In the same turn as the answer the next step can be taken.
    const next = add();
    expect(await next).to.equal(Errors.NONE);
    writer.commitDelayMs = () => 0;
  });

  it('answers the end when it is decided, and completes it when all markers are written', async () => {
    await init();
    await after(add());
    codes = [Errors.NOT_LEADER_OR_FOLLOWER, Errors.NONE, Errors.COORDINATOR_LOAD_IN_PROGRESS];
    expect(await after(end(true))).to.deep.equal({ errorCode: 0, producerId: 1000, producerEpoch: 1 });
    await clock.settle();
    expect(await state()).to.equal('PrepareCommit');
    const [described] = await after(coordinator.describeTransactions(['tx']));
    expect(described?.topics).to.deep.equal([{ topic: 't', partitions: [0] }]);
    expect(await after(add(1))).to.equal(Errors.CONCURRENT_TRANSACTIONS);
    const freed = coordinator.free('tx', HOUR_MS);
    await clock.run(freed);
    expect(await state()).to.equal('CompleteCommit');
    const marker = { producerId: 1000, producerEpoch: 1, coordinatorEpoch: 4, isCommit: true, transactionVersion: 2 };
    expect(markers).to.deep.equal([
      ['t', 0, marker],
      ['t', 1, marker],
      ['t', 0, marker],
      ['t', 0, marker],
    ]);
    expect(await after(end(true))).to.deep.equal({ errorCode: 0, producerId: 1000, producerEpoch: 1 });
  });

  it('does not wait for partitions that have gone, or know a newer producer', async () => {
    metadata.replay([{ type: 'RemoveTopicRecord', version: 0, topicId: metadata.createTopic('gone') }]);
    await init();
    const topics = [
      { topic: 't', partitions: [0] },
      { topic: 'gone', partitions: [0] },
    ];
    await after(coordinator.addPartitions({ ...asked(), topics }, 2));
    codes = [Errors.INVALID_PRODUCER_EPOCH, Errors.UNKNOWN_TOPIC_OR_PARTITION];
    await after(end(false));
    await clock.run(delay(clock, 10));
    expect(await state()).to.equal('CompleteAbort');
    expect(markers).to.have.length(2);
  });

  it('goes on where it was when it is loaded in the middle', async () => {
    await init();
    await after(add());
    codes = Array.from({ length: 10 }, () => Errors.KAFKA_STORAGE_ERROR);
    await after(end(false));
    await clock.settle();
    coordinator.onResigned(0);
    expect(await after(add(1))).to.equal(Errors.NOT_COORDINATOR);
    codes = [];
    coordinator.onLeader(0, 9);
    await clock.run(delay(clock, 10));
    expect(await state()).to.equal('CompleteAbort');
    expect(markers.at(-1)?.[2].coordinatorEpoch).to.equal(9);
    // Nothing of the shard before comes late.
    const count = markers.length;
    await clock.run(delay(clock, HOUR_MS));
    expect(markers).to.have.length(count);
  });

  it('aborts what is open beyond its time, under the next epoch', async () => {
    await init('tx', 5_000);
    await after(add());
    await clock.run(delay(clock, 9_000));
    expect(await state()).to.equal('Ongoing');
    await clock.run(delay(clock, 12_000));
    expect(await state()).to.equal('CompleteAbort');
    expect(await after(add())).to.equal(Errors.PRODUCER_FENCED);
    expect((await after(end(true))).errorCode).to.equal(Errors.INVALID_TXN_STATE);
  });

  it('forgets ids that nobody uses, when nothing of them is open', async () => {
    for (let at = 0; at < 1200; at++)
      void coordinator.initProducerId({
        ...asked(),
        transactionalId: `id ${at}`,
        timeoutMs: 900_000,
        expected: undefined,
        ...ONE_PHASE,
      });
    await init();
    await clock.advance(6 * 24 * HOUR_MS);
    expect(await state('id 7')).to.equal('Empty');
    await init();
    await clock.advance(26 * HOUR_MS);
    expect(await state('id 7')).to.equal('TRANSACTIONAL_ID_NOT_FOUND');
    expect(await state('id 1199')).to.equal('TRANSACTIONAL_ID_NOT_FOUND');
    expect(await state()).to.equal('Empty');
    const { transactionStates } = await coordinator.listTransactions({
      stateFilters: [],
      producerIdFilters: [],
      durationFilter: -1,
      transactionalIdPattern: null,
    });
    expect(transactionStates).to.have.length(1);
  });

  it('refuses more partitions than a record takes, and goes on', async () => {
    await init();
    writer.maxBytes = 64 * 1024;
    const many = Array.from({ length: 20_000 }, (_, index) => index);
    const refused = await after(coordinator.addPartitions(asked(0, many), 2));
    expect(refused).to.equal(Errors.UNKNOWN_SERVER_ERROR);
    expect(await after(add())).to.equal(Errors.NONE);
    expect((await after(end(true))).errorCode).to.equal(Errors.NONE);
  });

  it('is not had where its topic is not led', async () => {
    coordinator.onResigned(0);
    expect((await init()).errorCode).to.equal(Errors.NOT_COORDINATOR);
    expect(await state()).to.equal('NOT_COORDINATOR');
    const verdict = await coordinator.verifyPartitions(asked());
    expect(verdict('t', 0)).to.equal(Errors.NOT_COORDINATOR);
    await clock.run(coordinator.free('tx', 20));
    coordinator.close();
  });
});
