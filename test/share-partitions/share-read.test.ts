// What a share fetch reads: enough for the records that were asked for, and not all that it was allowed to answer with.
import { expect } from 'chai';
import { produce } from '../../src/api-handlers/00-produce.ts';
import { ConnectionState } from '../../src/api-handlers/index.ts';
import { Errors, ZERO_UUID } from '../../src/protocol/index.ts';
import { ReadLease } from '../../src/replication/index.ts';
import { silentLogger } from '../../src/runtime/index.ts';
import { makeSharePartitionManager, type SharePartitionManager } from '../../src/share-partitions/index.ts';
import { batchOf, RecordPath } from '../api-handlers/record-path.ts';

const BATCH = batchOf(['x'.repeat(10_000)]);
const BATCHES = 400;
const KIB = 1024;

describe('Reading for a share group', () => {
  let path: RecordPath;
  let shares: SharePartitionManager;
  let topicId: string;

  beforeEach(async () => {
    path = await RecordPath.open();
    topicId = path.createTopic('in');
    const partitionData = [{ index: 0, records: BATCH }];
    const request = {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 'in', topicId: ZERO_UUID, partitionData }],
    };
    const handler = produce(path.replicas, path.identity);
    for (let i = 0; i < BATCHES; i++) await path.ask(handler, 9, request);
    const read = { partition: 0, errorCode: Errors.NONE, errorMessage: null, stateEpoch: 0, startOffset: 0 };
    const written = { partition: 0, errorCode: Errors.NONE, errorMessage: null };
    shares = await makeSharePartitionManager({
      runtime: { clock: path.clock, logger: silentLogger },
      replicas: path.replicas,
      persister: {
        readState: () => Promise.resolve({ results: [{ topicId, partitions: [{ ...read, stateBatches: [] }] }] }),
        writeState: () => Promise.resolve({ results: [{ topicId, partitions: [written] }] }),
      },
      settings: () => ({
        maxDeliveryCount: 5,
        maxInFlightRecords: 1_000,
        lockDurationMs: 30_000,
        isRenewEnabled: true,
        startsAt: 'earliest',
        isReadCommitted: false,
      }),
      maxSessions: () => 10,
    });
  });

  /** First and last offset that were acquired, the batches sent, and the memory that is held for them. */
  async function fetch(memberId: string, maxRecords: number, maxBytes = 50_000_000) {
    const lease = new ReadLease(path.replicas.readBuffers);
    const answers = await path.clock.run(
      Promise.resolve(
        shares.fetch(
          {
            groupId: 'group',
            memberId,
            sessionEpoch: 0,
            maxWaitMs: 500,
            minBytes: 1,
            maxBytes,
            maxRecords,
            batchSize: maxRecords,
            isRecordLimit: false,
            partitions: [{ topicId, topic: 'in', partition: 0 }],
            lease,
          },
          new ConnectionState(1),
        ),
      ),
    );
    const [answer] = answers;
    const ranges = answer?.acquiredRecords ?? [];
    const heldBytes = path.replicas.readBuffers.usedBytes;
    lease.sent();
    expect(path.replicas.readBuffers.usedBytes).to.equal(0);
    const sent = (answer?.sizeBytes ?? 0) / BATCH.length;
    return { acquired: [ranges[0]?.firstOffset, ranges.at(-1)?.lastOffset], sent, heldBytes };
  }

  it('takes the memory that the records need, and all of them come', async () => {
    const few = await fetch('a', 5);
    expect(few).to.deep.include({ acquired: [0, 4], sent: 5 });
    expect(few.heldBytes).to.be.at.most(256 * KIB);
    const more = await fetch('a', 40);
    expect(more).to.deep.include({ acquired: [5, 44], sent: 40 });
    expect(more.heldBytes).to.be.at.most(1_280 * KIB);
    // Beyond the largest size that is recycled.
    expect(await fetch('a', 300)).to.deep.include({ acquired: [45, 344], sent: 300 });
    expect(await fetch('a', 300)).to.deep.include({ acquired: [345, 399], sent: 55 });
  });

  it('goes as far as the bytes that were asked for', async () => {
    expect(await fetch('a', 300, 45_000)).to.deep.include({ acquired: [0, 3], sent: 4 });
    expect(await fetch('a', 300, 1)).to.deep.include({ acquired: [4, 4], sent: 1 });
  });

  it('reads behind what others have when something before it comes again', async () => {
    const session = shares.sessions.open('group', 'a', 1, [{ topicId, topic: 'in', partition: 0 }]);
    await fetch('a', 10);
    await fetch('b', 100);
    shares.endSession(session);
    await path.clock.settle();
    expect(await fetch('c', 20)).to.deep.include({ acquired: [0, 119] });
  });
});
