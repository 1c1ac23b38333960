// Numbers beyond 2^53, over the wire and across restarts, as Apache Kafka 4.3.1 answers them: timestamps of nanoseconds,
// producer ids that nobody handed out, offsets that name no record.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../../src/index.ts';
import { Codecs, Errors, type Int64, toInt64 } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { OffsetCommit } from '../../../src/protocol/messages/08-offset-commit.ts';
import { OffsetFetch } from '../../../src/protocol/messages/09-offset-fetch.ts';
import { FindCoordinator } from '../../../src/protocol/messages/10-find-coordinator.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteRecords } from '../../../src/protocol/messages/21-delete-records.ts';
import { DescribeConfigs } from '../../../src/protocol/messages/32-describe-configs.ts';
import { DescribeProducers } from '../../../src/protocol/messages/61-describe-producers.ts';
import { buildBatch, type BatchOptions, recordsOf } from '../../../src/protocol/records/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { RawClient } from '../raw-client.ts';

const NANOSECONDS = 1_795_000_000_000_000_000n;
const SAFE = 2n ** 53n;
const LONG_MAX = 2n ** 63n - 1n;
const LONG_MIN = -(2n ** 63n);
const LATEST_BY_TIME = -3;
const GROUP = 'far';
const NO_BOUNDS = {
  'message.timestamp.after.max.ms': String(LONG_MAX),
  'message.timestamp.before.max.ms': String(LONG_MAX),
};

describe('numbers beyond 2^53', () => {
  let directory: string;
  let broker: Broker;
  let client: RawClient;

  const start = async (): Promise<void> => {
    broker = await startBroker({ dataDir: directory, port: 0, logger: silentLogger });
    client = await RawClient.connect(broker.port);
  };
  const restart = async (): Promise<void> => {
    client.destroy();
    await broker.close();
    await start();
  };
  const create = async (name: string, configs: Readonly<Record<string, string>> = NO_BOUNDS): Promise<void> => {
    const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const { topics } = await client.ask(CreateTopics, 7, {
      topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: entries }],
      timeoutMs: 5000,
      validateOnly: false,
    });
    expect(topics[0]?.errorCode).to.equal(0);
  };
  const produce = async (topic: string, timestamps: readonly bigint[], options: BatchOptions = {}) => {
    const records = buildBatch(
      timestamps.map((timestamp) => ({ key: Buffer.of(1), value: Buffer.of(2), timestamp: toInt64(timestamp) })),
      options,
    );
    const request = {
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    };
    return (await client.ask(Produce, 9, request)).responses[0]!.partitionResponses[0]!;
  };
  const list = async (topic: string, timestamp: Int64, version = 11) => {
    const topics = [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }];
    const request = { replicaId: -1, ...(version > 1 && { isolationLevel: 0 }), topics };
    const [answer] = (await client.ask(ListOffsets, version, request)).topics;
    const { errorCode, timestamp: found, offset } = answer!.partitions[0]!;
    return [errorCode, found, offset];
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-numbers-'));
    await start();
  });
  afterEach(async () => {
    client.destroy();
    await broker.close();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const codec of [Codecs.NONE, Codecs.GZIP]) {
    it(`are timestamps that records are found by, before and after a restart, codec ${codec}`, async () => {
      await create('ns');
      expect(
        (
          await produce(
            'ns',
            [0, 1, 2, 3, 4].map((i) => NANOSECONDS + BigInt(i)),
            { codec },
          )
        ).errorCode,
      ).to.equal(0);
      expect((await produce('ns', [SAFE - 1n, SAFE, SAFE + 1n], { codec })).errorCode).to.equal(0);
      expect((await produce('ns', [LONG_MAX], { codec })).errorCode).to.equal(0);
      for (let round = 0; round < 2; round++) {
        expect(await list('ns', NANOSECONDS + 3n)).to.deep.equal([0, NANOSECONDS + 3n, 3]);
        expect(await list('ns', NANOSECONDS + 3n, 1)).to.deep.equal([0, NANOSECONDS + 3n, 3]);
        expect(await list('ns', NANOSECONDS + 5n)).to.deep.equal([0, LONG_MAX, 8]);
        expect(await list('ns', SAFE + 1n)).to.deep.equal([0, NANOSECONDS, 0]);
        expect(await list('ns', LONG_MAX)).to.deep.equal([0, LONG_MAX, 8]);
        expect(await list('ns', LATEST_BY_TIME)).to.deep.equal([0, LONG_MAX, 8]);
        expect(await list('ns', LONG_MIN)).to.deep.equal([Errors.UNSUPPORTED_VERSION, -1, -1]);
        await restart();
      }
      const topics = [{ topic: 'ns', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }];
      const fetched = await client.ask(Fetch, 12, {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 1 << 20,
        topics,
        forgottenTopicsData: [],
      });
      const records = fetched.responses[0]!.partitions[0]!.records!;
      expect(Array.from(recordsOf(records), ({ timestamp }) => timestamp)[4]).to.equal(NANOSECONDS + 4n);
    });
  }

  it('are the timestamps that a retry and DescribeProducers answer', async () => {
    await create('ids');
    const rows: object[] = [];
    for (const [i, producerId] of [SAFE, SAFE + 1n, SAFE + 2n, LONG_MAX].entries()) {
      const options = { producerId, producerEpoch: 0, baseSequence: 0 };
      const one = await produce('ids', [NANOSECONDS + BigInt(i)], options);
      expect([one.errorCode, one.baseOffset, one.logAppendTimeMs]).to.deep.equal([0, i, -1]);
      const retried = await produce('ids', [NANOSECONDS + BigInt(i)], options);
      expect([retried.errorCode, retried.baseOffset, retried.logAppendTimeMs]).to.deep.equal([
        0,
        i,
        NANOSECONDS + BigInt(i),
      ]);
      const lastTimestamp = NANOSECONDS + BigInt(i);
      rows.push({ producerId, producerEpoch: 0, lastSequence: 0, lastTimestamp, coordinatorEpoch: -1 });
    }
    for (let round = 0; round < 2; round++) {
      const { topics } = await client.ask(DescribeProducers, 0, { topics: [{ name: 'ids', partitionIndexes: [0] }] });
      expect(topics[0]!.partitions[0]!.activeProducers).to.deep.equal(
        rows.map((row) => ({ ...row, currentTxnStartOffset: -1 })),
      );
      await restart();
    }
    const next = await produce('ids', [1n], { producerId: SAFE + 1n, producerEpoch: 0, baseSequence: 1 });
    expect(next.errorCode).to.equal(0);
    const gap = await produce('ids', [1n], { producerId: SAFE, producerEpoch: 0, baseSequence: 5 });
    expect(gap.errorCode).to.equal(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
  });

  it('are offsets that a group gets back as it committed them, after a restart too', async () => {
    await create('committed');
    const commit = async (version: number, committedOffset: Int64, more: object = {}): Promise<number> => {
      const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }];
      const answer = await client.ask(OffsetCommit, version, {
        groupId: GROUP,
        generationIdOrMemberEpoch: -1,
        memberId: '',
        ...more,
        topics: [{ name: 'committed', partitions }],
      });
      return answer.topics[0]!.partitions[0]!.errorCode;
    };
    const fetched = async (version: number): Promise<Int64> => {
      const topics = [{ name: 'committed', partitionIndexes: [0] }];
      const asked = version < 8 ? { groupId: GROUP, topics } : { groups: [{ groupId: GROUP, topics }] };
      for (;;) {
        const old = await client.ask(OffsetFetch, version, asked);
        const answer = version < 8 ? old : old.groups[0]!;
        if (answer.errorCode === Errors.COORDINATOR_LOAD_IN_PROGRESS) continue;
        return answer.topics[0]!.partitions[0]!.committedOffset;
      }
    };
    while ((await client.ask(FindCoordinator, 1, { key: GROUP, keyType: 0 })).errorCode !== 0);
    while ((await commit(7, 0)) !== 0);
    for (const offset of [SAFE - 1n, SAFE, SAFE + 1n, LONG_MAX, LONG_MIN, -SAFE - 1n, -2n]) {
      for (const version of [2, 7, 9]) expect(await commit(version, toInt64(offset))).to.equal(0);
      for (const version of [1, 5, 9]) expect(await fetched(version), String(offset)).to.equal(toInt64(offset));
    }
    // The time at which such an offset expires wraps around, as Java's does.
    for (const retentionTimeMs of [LONG_MAX, LONG_MIN, SAFE]) {
      expect(await commit(2, 3, { retentionTimeMs }), String(retentionTimeMs)).to.equal(0);
    }
    expect(await commit(7, toInt64(SAFE + 3n))).to.equal(0);
    await restart();
    while ((await client.ask(FindCoordinator, 1, { key: GROUP, keyType: 0 })).errorCode !== 0);
    expect(await fetched(9)).to.equal(SAFE + 3n);
  });

  it('are offsets at which nothing is', async () => {
    await create('short');
    await produce('short', [1n]);
    for (const offset of [SAFE, SAFE + 1n, LONG_MAX, LONG_MIN]) {
      const topics = [
        {
          topic: 'short',
          partitions: [{ partition: 0, fetchOffset: toInt64(offset) as number, partitionMaxBytes: 1 }],
        },
      ];
      const request = { maxWaitMs: 0, minBytes: 0, maxBytes: 1, topics, forgottenTopicsData: [] };
      const fetched = await client.ask(Fetch, 12, request);
      expect(fetched.responses[0]!.partitions[0]!.errorCode).to.equal(Errors.OFFSET_OUT_OF_RANGE);
      const partitions = [{ partitionIndex: 0, offset: toInt64(offset) as number }];
      const deleted = await client.ask(DeleteRecords, 2, { topics: [{ name: 'short', partitions }], timeoutMs: 1000 });
      expect(deleted.topics[0]!.partitions[0]!.errorCode).to.equal(Errors.OFFSET_OUT_OF_RANGE);
    }
  });

  it('are bounds of timestamps that hold to the millisecond, and are described as they were set', async () => {
    const bounds = {
      'message.timestamp.after.max.ms': String(NANOSECONDS),
      'message.timestamp.before.max.ms': String(SAFE + 1n),
      'retention.ms': String(SAFE + 3n),
    };
    await create('bounded', bounds);
    const now = BigInt(Date.now());
    const margin = 3_600_000n;
    expect((await produce('bounded', [now + NANOSECONDS - margin])).errorCode).to.equal(0);
    expect((await produce('bounded', [now + NANOSECONDS + margin])).errorCode).to.equal(Errors.INVALID_TIMESTAMP);
    expect((await produce('bounded', [now - SAFE + margin])).errorCode).to.equal(0);
    expect((await produce('bounded', [now - SAFE - margin])).errorCode).to.equal(Errors.INVALID_TIMESTAMP);
    const asked = { resourceType: 2, resourceName: 'bounded', configurationKeys: Object.keys(bounds) };
    const { results } = await client.ask(DescribeConfigs, 4, { resources: [asked] });
    expect(Object.fromEntries(results[0]!.configs.map(({ name, value }) => [name, value]))).to.deep.equal(bounds);
  });
});
