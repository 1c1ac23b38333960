// Transactions end to end: kafkajs, which works by transaction.version 0, against a whole broker, and a client of
// transaction.version 2 made of requests, on directories that outlive the broker.
import { expect } from 'chai';
import { Kafka, logLevel } from 'kafkajs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../src/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { InitProducerId } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { EndTxn } from '../../../src/protocol/messages/26-end-txn.ts';
import { UpdateFeatures } from '../../../src/protocol/messages/57-update-features.ts';
import { DescribeTransactions } from '../../../src/protocol/messages/65-describe-transactions.ts';
import { buildBatch, recordsOf } from '../../../src/protocol/records/index.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const CONFIG = {
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.num.partitions': 2,
  'transaction.state.log.num.partitions': 2,
  'ottla.coordinator.topic.wait': true,
};

const clientOf = ({ bootstrapServers }: Broker): Kafka =>
  new Kafka({
    brokers: [bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 30, maxRetryTime: 100, retries: 20 },
  });

type Producer = { producerId: number | bigint; producerEpoch: number };

/** A client that leaves it to the broker to add its partitions. */
class ModernClient {
  readonly raw: RawClient;
  #sequence = 0;

  constructor(raw: RawClient) {
    this.raw = raw;
  }

  async init(): Promise<Producer> {
    await this.raw.ask(FindCoordinator, 4, { keyType: 1, coordinatorKeys: ['modern'] });
    const request = { transactionalId: 'modern', transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 };
    const { producerId, producerEpoch, errorCode } = await this.raw.ask(InitProducerId, 5, request);
    if (errorCode === Errors.CONCURRENT_TRANSACTIONS) return this.init();
    expect(errorCode).to.equal(0);
    this.#sequence = 0;
    return { producerId, producerEpoch };
  }

  async produce(producer: Producer, value: string): Promise<number | undefined> {
    const options = { ...producer, baseSequence: this.#sequence++, isTransactional: true };
    const records = buildBatch([{ value: Buffer.from(value), timestamp: Date.now() }], options);
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
    const asked = { transactionalId: 'modern', acks: -1, timeoutMs: 1000, topicData };
    const { responses } = await this.raw.ask(Produce, 12, asked);
    return responses[0]?.partitionResponses[0]?.errorCode;
  }

  async end(producer: Producer, committed: boolean): Promise<Producer> {
    const answer = await this.raw.ask(EndTxn, 5, { transactionalId: 'modern', ...producer, committed });
    expect(answer.errorCode).to.equal(0);
    this.#sequence = 0;
    return { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
  }

  async state(): Promise<string | undefined> {
    const { transactionStates } = await this.raw.ask(DescribeTransactions, 0, { transactionalIds: ['modern'] });
    return transactionStates[0]?.transactionState;
  }

  /** What a consumer of committed records is given, control batches and aborted records taken out. */
  async committed(): Promise<string[]> {
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }];
    const asked = { maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, isolationLevel: 1, sessionId: 0, sessionEpoch: -1 };
    const topics = [{ topic: 't', partitions }];
    const answer = await this.raw.ask(Fetch, 11, { ...asked, topics, forgottenTopicsData: [], rackId: '' });
    const { records, abortedTransactions } = answer.responses[0]?.partitions[0] ?? {};
    return committedValues(Buffer.from((records as Buffer | null) ?? []), abortedTransactions ?? []);
  }
}

type Aborted = readonly { readonly producerId: number | bigint; readonly firstOffset: number | bigint }[];

function committedValues(bytes: Buffer, aborted: Aborted): string[] {
  const waiting = [...aborted];
  const open = new Set<number | bigint>();
  const values: string[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at + 8) + 12) {
    const [offset, attributes, producerId] = [
      Number(bytes.readBigInt64BE(at)),
      bytes.readInt16BE(at + 21),
      Number(bytes.readBigInt64BE(at + 43)),
    ];
    for (const one of waiting) if (Number(one.firstOffset) <= offset) open.add(Number(one.producerId));
    if ((attributes & 0x20) !== 0) {
      open.delete(producerId);
      waiting.splice(0, waiting.length, ...waiting.filter((one) => Number(one.firstOffset) > offset));
    } else if (!open.has(producerId)) {
      for (const { value } of recordsOf(bytes, { at })) values.push(Buffer.from(value ?? []).toString());
    }
  }
  return values;
}

describe('Transactions', function () {
  this.timeout(60_000);

  it('of kafkajs are seen whole or not at all, with their offsets', async () => {
    const broker = await startBroker({ memory: true, config: CONFIG });
    const kafka = clientOf(broker);
    const producer = kafka.producer({ transactionalId: 'tx', maxInFlightRequests: 1, idempotent: true });
    const consumer = kafka.consumer({ groupId: 'readers', maxWaitTimeInMs: 50, readUncommitted: false });
    const admin = kafka.admin();
    try {
      await Promise.all([producer.connect(), admin.connect()]);
      await admin.createTopics({ topics: [{ topic: 'in', numPartitions: 2 }], waitForLeaders: false });
      const transact = async (value: string, offset: string, isCommit: boolean): Promise<void> => {
        const transaction = await producer.transaction();
        for (const partition of [0, 1]) {
          await transaction.send({ topic: 'in', messages: [{ partition, value: `${value} ${partition}` }] });
        }
        const topics = [{ topic: 'in', partitions: [{ partition: 0, offset }] }];
        await transaction.sendOffsets({ consumerGroupId: 'workers', topics });
        await (isCommit ? transaction.commit() : transaction.abort());
      };
      await transact('one', '1', true);
      await transact('none', '2', false);
      await transact('two', '3', true);
      const seen: string[] = [];
      await consumer.connect();
      await consumer.subscribe({ topic: 'in', fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const run = consumer.run({
          eachMessage: async ({ message }) => {
            if (seen.push(String(message.value)) === 4) resolve();
          },
        });
        run.catch(reject);
      });
      expect(seen.sort()).to.deep.equal(['one 0', 'one 1', 'two 0', 'two 1']);
      const [told] = await broker.transactions();
      expect(told).to.deep.include({
        transactionalId: 'tx',
        state: 'CompleteCommit',
        producerEpoch: 0,
        partitions: [],
      });
      const [offsets] = await admin.fetchOffsets({ groupId: 'workers', topics: ['in'] });
      expect(offsets?.partitions.find(({ partition }) => partition === 0)?.offset).to.equal('3');
    } finally {
      await Promise.all([producer.disconnect(), consumer.disconnect(), admin.disconnect()]);
      await broker.close();
    }
  });

  it('outlive the broker: what was open is aborted by the next producer, what was decided is carried out', async () => {
    const path = mkdtempSync(join(tmpdir(), 'ottla-transactions-'));
    const start = () => startBroker({ dataDir: path, config: CONFIG });
    let broker = await start();
    let client = new ModernClient(await RawClient.connect(broker.port));
    try {
      expect(await broker.transactions()).to.deep.equal([]);
      const topic = { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
      await client.raw.ask(CreateTopics, 7, { topics: [topic], timeoutMs: 1000, validateOnly: false });
      let producer = await client.init();
      expect(await client.produce(producer, 'one')).to.equal(0);
      const next = await client.end(producer, true);
      expect(next).to.deep.equal({ producerId: producer.producerId, producerEpoch: 1 });
      // In the same turn as the end, as it were: it is told when that has been carried out.
      expect(await client.produce(next, 'lost')).to.equal(0);
      expect(await client.state()).to.equal('Ongoing');
      const [open] = await broker.transactions();
      expect(open).to.deep.include({ state: 'Ongoing', producerEpoch: 1, timeoutMs: 60_000, partitions: ['t-0'] });
      expect(open?.startedAtMs).to.be.a('number');
      client.raw.destroy();
      await broker.close();
      broker = await start();
      client = new ModernClient(await RawClient.connect(broker.port));
      // While it is being loaded, the coordinator says no state.
      await until(() => client.state(), 'Ongoing');
      producer = await client.init();
      expect(producer).to.deep.equal({ producerId: next.producerId, producerEpoch: 3 });
      expect(await client.produce(producer, 'two')).to.equal(0);
      await client.end(producer, true);
      await until(() => client.state(), 'CompleteCommit');
      expect(await client.committed()).to.deep.equal(['one', 'two']);
    } finally {
      client.raw.destroy();
      await broker.close();
      rmSync(path, { recursive: true });
    }
  });

  it('are run by the level of transaction.version, up and down', async () => {
    const broker = await startBroker({ memory: true, config: CONFIG });
    const raw = await RawClient.connect(broker.port);
    try {
      const client = new ModernClient(raw);
      const set = async (maxVersionLevel: number, upgradeType: number): Promise<number> => {
        const featureUpdates = [{ feature: 'transaction.version', maxVersionLevel, upgradeType }];
        return (await raw.ask(UpdateFeatures, 2, { timeoutMs: 1000, featureUpdates, validateOnly: false })).errorCode;
      };
      expect(await set(1, 1)).to.equal(Errors.INVALID_UPDATE_VERSION);
      expect(await set(3, 1)).to.equal(Errors.INVALID_UPDATE_VERSION);
      const topic = { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
      await raw.ask(CreateTopics, 7, { topics: [topic], timeoutMs: 1000, validateOnly: false });
      let producer = await client.init();
      for (const [level, upgradeType] of [
        [2, 1],
        [0, 2],
        [1, 1],
      ] as const) {
        expect(await set(level, upgradeType)).to.equal(0);
        // Where records have no place for the version of the client it is refused, and nothing is begun.
        const isRefused = level === 0;
        expect(await client.produce(producer, `at ${level}`)).to.equal(isRefused ? Errors.UNSUPPORTED_VERSION : 0);
        // A new producer aborts what is open by the level of the cluster: the epoch goes up for that, and for itself.
        const fenced = await client.init();
        expect(fenced.producerEpoch).to.equal(producer.producerEpoch + (isRefused ? 1 : 2));
        producer = fenced;
      }
      expect(await client.committed()).to.deep.equal([]);
    } finally {
      raw.destroy();
      await broker.close();
    }
  });
});

function until(read: () => Promise<string | undefined>, wanted: string): Promise<void> {
  return eventually(wanted, async () => (await read()) === wanted);
}
