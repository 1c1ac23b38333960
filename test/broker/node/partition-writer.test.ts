// A coordinator over partitions of the replica manager: what it writes within transactions, markers that come through it and
// past it, and what it finds when it is loaded again.
import { expect } from 'chai';
import { ReplicaPartitionWriter } from '../../../src/broker/node/partition-writer.ts';
import { CoordinatorRuntime } from '../../../src/coordinator-common/index.ts';
import { Errors, type KafkaError } from '../../../src/protocol/index.ts';
import { buildEndTransactionMarker } from '../../../src/protocol/records/index.ts';
import { noTransactions, type Partition, type TransactionVerifier } from '../../../src/replication/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { batchOf, RecordPath } from '../../api-handlers/record-path.ts';
import { type LedgerEvent, type LedgerRecord, LedgerShard, ledgerSerde } from '../../coordinator-common/ledger.ts';

const TOPIC = '__ledger';
const PRODUCER = { producerId: 5, producerEpoch: 3 };
const everybody: TransactionVerifier = { verify: () => Errors.NONE };

class Bench {
  readonly path: RecordPath;
  readonly writer: ReplicaPartitionWriter;
  readonly runtime: CoordinatorRuntime<LedgerShard, LedgerRecord, LedgerEvent>;
  readonly shards: LedgerShard[] = [];
  readonly carriedOut: string[] = [];

  constructor(path: RecordPath, verifier = everybody) {
    this.path = path;
    this.writer = new ReplicaPartitionWriter({ replicas: path.replicas, topic: TOPIC, clock: path.clock, verifier });
    this.runtime = new CoordinatorRuntime({
      name: 'ledger',
      clock: path.clock,
      logger: silentLogger,
      writer: this.writer,
      serde: ledgerSerde,
      newShard: () =>
        new LedgerShard(
          (id) => this.carriedOut.push(id),
          (shard) => this.shards.push(shard),
        ),
      commitTimeoutMs: 1_000,
      loadBufferBytes: 1_000,
    });
  }

  static async open(verifier?: TransactionVerifier): Promise<Bench> {
    const path = await RecordPath.open();
    path.createTopic(TOPIC);
    const bench = new Bench(path, verifier);
    await bench.load();
    return bench;
  }

  get partition(): Partition {
    return this.path.replicas.partition(TOPIC, 0) as Partition;
  }

  async load(): Promise<void> {
    this.runtime.unload(0);
    this.runtime.load(0, 0);
    for (let turn = 0; turn < 50 && !this.runtime.isActive(0); turn++) await this.path.clock.settle();
  }

  change(account: string, producer = PRODUCER): Promise<number> {
    const transaction = { transactionalId: 't', ...producer, knowsAbortable: true, addsPartition: true };
    return this.code(
      this.runtime.askInTransaction(0, transaction, (shard, effects) => shard.changeFor(producer, account, 1, effects)),
    );
  }

  end(isCommit: boolean): Promise<number> {
    return this.code(this.runtime.endTransaction(0, { ...PRODUCER, coordinatorEpoch: 1, isCommit }));
  }

  /** The error code of the answer, 0 for none. */
  code(answer: Promise<unknown>): Promise<number> {
    const code = answer.then(
      () => Errors.NONE as number,
      (error: unknown) => (error as KafkaError).code,
    );
    return this.path.clock.run(code);
  }

  get accounts(): string[] {
    return [...(this.shards.at(-1)?.state.accounts.keys() ?? [])];
  }
}

describe('A coordinator over the replica manager', () => {
  it('writes within a transaction, and hears how it ends, live as when it is loaded again', async () => {
    const bench = await Bench.open();
    for (const isCommit of [true, false]) {
      expect(await bench.change(`commits: ${isCommit}`)).to.equal(Errors.NONE);
      expect(bench.partition.log.lastStableOffset).to.equal(bench.partition.log.highWatermark - 1);
      expect(await bench.end(isCommit)).to.equal(Errors.NONE);
      expect(bench.partition.log.lastStableOffset).to.equal(bench.partition.log.highWatermark);
    }
    expect(await bench.change('open')).to.equal(Errors.NONE);
    expect(bench.accounts).to.deep.equal(['commits: true']);
    const living = bench.shards.at(-1)?.state.text;
    await bench.load();
    expect(bench.shards).to.have.length(2);
    expect(bench.shards.at(-1)?.state.text).to.equal(living);
  });

  it('hears a marker that goes to the log past it, and is not dropped by it', async () => {
    const bench = await Bench.open();
    const answer = bench.change('a');
    const { partition, path } = bench;
    const bytes = buildEndTransactionMarker({
      ...PRODUCER,
      coordinatorEpoch: 1,
      isCommit: true,
      timestamp: path.clock.nowMs(),
    });
    const { leaderEpoch } = partition;
    partition.append(bytes, { origin: 'coordinator', leaderEpoch, now: path.clock.nowMs(), validation: 'header' });
    expect(bench.accounts).to.deep.equal(['a']);
    expect(await answer).to.equal(Errors.NONE);
    expect(await bench.change('b')).to.equal(Errors.NONE);
    await path.clock.advance(1_000);
    expect([bench.shards.length, bench.runtime.isActive(0)]).to.deep.equal([1, true]);
  });

  it('is loaded again when a client has written records to its partition', async () => {
    const bench = await Bench.open();
    const { partition, path } = bench;
    const record: LedgerRecord = { kind: 'change', account: 'theirs', amount: 1 };
    const { key, value } = ledgerSerde.encode(record);
    const bytes = batchOf([Buffer.from(value ?? []).toString()], { key: Buffer.from(key).toString() });
    const { leaderEpoch } = partition;
    partition.append(bytes, { origin: 'client', leaderEpoch, now: path.clock.nowMs(), validation: 'header' });
    expect(await bench.change('a')).to.equal(Errors.NOT_COORDINATOR);
    await path.clock.advance(1_000);
    expect([bench.shards.length, bench.accounts]).to.deep.equal([2, ['theirs']]);
  });

  it('refuses a producer that was replaced, and a coordinator that was', async () => {
    const bench = await Bench.open();
    await bench.change('a');
    expect(await bench.change('b', { ...PRODUCER, producerEpoch: 2 })).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    expect(await bench.end(true)).to.equal(Errors.NONE);
    const fenced = bench.runtime.endTransaction(0, { ...PRODUCER, coordinatorEpoch: 0, isCommit: true });
    expect(await bench.code(fenced)).to.equal(Errors.TRANSACTION_COORDINATOR_FENCED);
    const older = { ...PRODUCER, producerEpoch: 2, coordinatorEpoch: 1, isCommit: true };
    expect(await bench.code(bench.runtime.endTransaction(0, older))).to.equal(Errors.INVALID_PRODUCER_EPOCH);
    await bench.path.clock.advance(1_000);
    expect([bench.shards.length, bench.accounts]).to.deep.equal([1, ['a']]);
  });

  it('has the log refuse such a batch itself', async () => {
    const bench = await Bench.open();
    await bench.change('a');
    bench.writer.refusalOf = () => Errors.NONE;
    bench.writer.verify = () => Errors.NONE;
    expect(await bench.change('b', { ...PRODUCER, producerEpoch: 2 })).to.equal(Errors.NOT_COORDINATOR);
    await bench.path.clock.advance(1_000);
    expect(bench.shards.at(-1)?.state.open.get(PRODUCER.producerId)?.records).to.have.length(1);
  });

  it('acts after a commit, and again when it is loaded before that is noted', async () => {
    const bench = await Bench.open();
    const prepared = bench.runtime.ask(0, (shard, effects) => shard.prepare('one', effects));
    expect(bench.carriedOut).to.deep.equal([]);
    await bench.path.clock.run(Promise.resolve(prepared));
    await bench.path.clock.settle();
    expect(bench.carriedOut).to.deep.equal(['one']);
    await bench.load();
    await bench.path.clock.settle();
    expect(bench.carriedOut).to.deep.equal(['one', 'one']);
  });

  it('says what the verifier says, as far as the client knows it', async () => {
    const bench = await Bench.open(noTransactions);
    expect(await bench.change('a')).to.equal(Errors.TRANSACTION_ABORTABLE);
    const transaction = { transactionalId: 't', ...PRODUCER, knowsAbortable: false, addsPartition: false };
    expect(bench.writer.verify(0, transaction)).to.equal(Errors.INVALID_TXN_STATE);
    expect(bench.writer.verify(9, transaction)).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    const asking = new ReplicaPartitionWriter({
      replicas: bench.path.replicas,
      topic: TOPIC,
      clock: bench.path.clock,
      verifier: { verify: () => Promise.resolve(Errors.TRANSACTION_ABORTABLE) },
    });
    expect(await asking.verify(0, transaction)).to.equal(Errors.INVALID_TXN_STATE);
    expect(bench.accounts).to.deep.equal([]);
  });
});
