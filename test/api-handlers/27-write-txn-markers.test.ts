// Markers in the logs of partitions, past and through a coordinator: who is fenced, and what is answered.
import { expect } from 'chai';
import { writeTxnMarkers } from '../../src/api-handlers/27-write-txn-markers.ts';
import { PartitionMarkers } from '../../src/broker/node/partition-markers.ts';
import { Errors } from '../../src/protocol/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { verified } from '../log/verified.ts';
import { batchOf, RecordPath } from './record-path.ts';
import { transactionCoordinators } from './transaction-bench.ts';

interface Marker {
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly isCommit?: boolean;
  readonly coordinatorEpoch?: number;
  readonly transactionVersion?: number;
  readonly topics?: readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[];
}

describe('WriteTxnMarkers', () => {
  let path: RecordPath;
  let handler: ReturnType<typeof writeTxnMarkers>;

  beforeEach(async () => {
    path = await RecordPath.open();
    path.createTopic('txn', { partitions: 2 });
    path.createTopic('away', { replicas: [2, 1], leader: 2 });
    const { replicas, clock } = path;
    const coordinators = transactionCoordinators(path);
    handler = writeTxnMarkers(new PartitionMarkers({ replicas, coordinators, clock, logger: silentLogger }));
  });

  const log = (index = 0, topic = 'txn') => {
    const partition = path.replicas.partition(topic, index);
    if (partition === undefined) throw new Error('no such partition');
    return partition.log;
  };
  const produce = async (producerId = 7, producerEpoch = 1, index = 0): Promise<void> => {
    const records = batchOf(['v'], { producerId, producerEpoch, baseSequence: 0, isTransactional: true });
    const guard = verified(log(index), records);
    const now = path.clock.nowMs();
    path.replicas
      .partition('txn', index)
      ?.append(records, { origin: 'client', leaderEpoch: 0, now, validation: 'header', guard });
    await path.clock.advance(5);
  };
  const write = (markers: readonly Marker[], version = 2) =>
    path.ask(handler, version, {
      markers: markers.map((marker) => ({
        producerId: marker.producerId ?? 7,
        producerEpoch: marker.producerEpoch ?? 1,
        transactionResult: marker.isCommit ?? true,
        topics: marker.topics ?? [{ name: 'txn', partitionIndexes: [0] }],
        coordinatorEpoch: marker.coordinatorEpoch ?? 0,
        transactionVersion: version >= 2 ? (marker.transactionVersion ?? 0) : 0,
      })),
    });
  const code = async (marker: Marker, version = 2) =>
    (await write([marker], version)).markers[0]?.topics[0]?.partitions[0]?.errorCode;

  for (const isCommit of [true, false]) {
    it(`ends a transaction${isCommit ? '' : ', which was aborted'}, and answers when the marker is committed`, async () => {
      await produce();
      expect(log().lastStableOffset).to.equal(0);
      expect(await code({ isCommit })).to.equal(Errors.NONE);
      expect(log()).to.include({ lastStableOffset: 2, highWatermark: 2 });
      expect(log().abortedTransactions(0, 2)).to.have.length(isCommit ? 0 : 1);
    });
  }

  it('writes markers for producers that are not known, and doubled ones', async () => {
    for (let time = 1; time <= 2; time++) expect(await code({ producerId: 77 })).to.equal(Errors.NONE);
    expect(log().logEndOffset).to.equal(2);
  });

  it('says of each partition what is wrong with it, in one row for each producer', async () => {
    const topics = [
      { name: 'nope', partitionIndexes: [0] },
      { name: 'txn', partitionIndexes: [0, 9] },
      { name: 'away', partitionIndexes: [0] },
    ];
    const { markers } = await write([
      { topics },
      { producerId: 8 },
      { topics: [{ name: 'txn', partitionIndexes: [1] }] },
    ]);
    const answer = (partitionIndex: number, errorCode: number) => ({ partitionIndex, errorCode });
    expect(markers).to.deep.equal([
      {
        producerId: 7,
        topics: [
          { name: 'nope', partitions: [answer(0, Errors.UNKNOWN_TOPIC_OR_PARTITION)] },
          { name: 'txn', partitions: [answer(0, 0), answer(9, Errors.UNKNOWN_TOPIC_OR_PARTITION), answer(1, 0)] },
          { name: 'away', partitions: [answer(0, Errors.NOT_LEADER_OR_FOLLOWER)] },
        ],
      },
      { producerId: 8, topics: [{ name: 'txn', partitions: [answer(0, 0)] }] },
    ]);
  });

  it('fences coordinators and producers that have been replaced', async () => {
    await produce(7, 3);
    expect(await code({ producerEpoch: 2 })).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(await code({ producerEpoch: 3, coordinatorEpoch: 5 })).to.equal(Errors.NONE);
    expect(await code({ producerEpoch: 3, coordinatorEpoch: 4 })).to.equal(Errors.TRANSACTION_COORDINATOR_FENCED);
    expect(log().logEndOffset).to.equal(2);
  });

  it('asks for an epoch of its own where the transaction was run by transaction.version 2', async () => {
    await produce();
    expect(await code({ transactionVersion: 2 })).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(await code({ transactionVersion: 2, producerEpoch: 2 })).to.equal(Errors.NONE);
    await produce(8);
    expect(await code({ producerId: 8 }, 1), 'a request that cannot say').to.equal(Errors.NONE);
  });

  it('fails as a whole over what cannot be a batch, where there is a partition for it', async () => {
    for (const impossible of [{ producerId: -1 }, { producerEpoch: -1 }, { transactionVersion: -1 }]) {
      const fault: unknown = await code(impossible).catch((error: unknown) => error);
      expect(fault).to.include({ code: Errors.UNKNOWN_SERVER_ERROR });
      const topics = [{ name: 'nowhere', partitionIndexes: [0] }];
      expect(await code({ ...impossible, topics })).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }
    expect(log().logEndOffset).to.equal(0);
  });

  it('goes through the coordinator of __consumer_offsets, and waits for one that is being loaded', async () => {
    path.createTopic('__consumer_offsets');
    const { replicas, clock } = path;
    const coordinators = transactionCoordinators(path);
    handler = writeTxnMarkers(new PartitionMarkers({ replicas, coordinators, clock, logger: silentLogger }));
    const topics = [{ name: '__consumer_offsets', partitionIndexes: [0] }];
    const groups = await coordinators.groups.coordinator();
    await clock.settle();
    expect(await code({ topics })).to.equal(Errors.NONE);
    groups.onResigned(0);
    expect(await code({ topics })).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    groups.onLeader(0, 1);
    expect(await code({ topics })).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    await clock.settle();
    expect(await code({ topics })).to.equal(Errors.NONE);
    expect(log(0, '__consumer_offsets').logEndOffset).to.equal(2);
  });
});
