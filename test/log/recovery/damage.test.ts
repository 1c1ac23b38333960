// Each file of a partition, damaged in a way of its own: what is answered, and what is in the log.
import { expect } from 'chai';
import { defaultLogConfig, LogManager, type PartitionLog } from '../../../src/log/index.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import * as batch from '../../../src/protocol/records/index.ts';
import { Metrics, replaceFileSync, silentLogger } from '../../../src/runtime/index.ts';
import { DIRECTORY, LogFixture, NOW, TOPIC_ID } from '../log-fixture.ts';

const ZERO = '00000000000000000000';

/** Segments of ten batches with three records each, one second apart; 100 batches. */
async function filled(config: ConstructorParameters<typeof LogFixture>[0] = {}): Promise<LogFixture> {
  const fixture = await new LogFixture({
    segmentBytes: 10 * BATCH_BYTES + 1,
    indexIntervalBytes: 200,
    ...config,
  }).open();
  for (let i = 0; i < 100; i++) {
    fixture.append({ timestamps: [0, 1, 2].map((k) => NOW + 1000 * i + k) });
  }
  await fixture.settle();
  return fixture;
}
const BATCH_BYTES = batch.buildBatch(
  [0, 1, 2].map((k) => ({ key: Buffer.from('key'), value: Buffer.alloc(10), timestamp: NOW + k })),
).length;

const segment = (number: number, suffix: string): string =>
  `${DIRECTORY}/${String(number * 30).padStart(20, '0')}.${suffix}`;

/** Stops, lets `change` have the file, starts. */
async function damaged(
  fixture: LogFixture,
  path: string,
  change: (bytes: Buffer) => Uint8Array | undefined,
  isClean = true,
): Promise<void> {
  await fixture.clock.run(fixture.manager.close(5));
  if (!isClean) fixture.disk.removeSync('/data/.kafka_cleanshutdown');
  const bytes = Buffer.from(fixture.disk.existsSync(path) ? fixture.disk.readFileSync(path) : []);
  const content = change(bytes);
  if (content === undefined) fixture.disk.removeSync(path);
  else fixture.disk.writeFileSync(path, content);
  fixture.lines.length = 0;
  await fixture.open();
  fixture.log.updateHighWatermark(fixture.log.logEndOffset);
}

/** Base offsets of what a fetch at `offset` gives, or the error code. */
function fetch(fixture: LogFixture, offset: number, maxBytes = 1): number[] | number {
  try {
    const slice = fixture.log.read(offset, maxBytes, { upTo: fixture.log.highWatermark, minOneBatch: true });
    const bytes = Buffer.concat(slice.readSync());
    return [...batch.batchesOf(bytes)].map((at) => batch.baseOffset(bytes, at));
  } catch (error) {
    if (error instanceof KafkaError) return error.code;
    throw error;
  }
}

async function offsetAt(fixture: LogFixture, timestamp: number): Promise<number | string> {
  try {
    return (await fixture.log.offsetForTimestamp(timestamp))?.offset ?? -1;
  } catch (error) {
    if (error instanceof KafkaError) return `error ${error.code}`;
    throw error;
  }
}

const messages = (fixture: LogFixture): string[] => fixture.lines.map(({ message }) => message);
const zeroed = (from: number, to: number) => (bytes: Buffer) => bytes.fill(0, from, to);

describe('damage in a segment', () => {
  it('is answered with CORRUPT_MESSAGE by whoever has to pass it, with one line in the log', async () => {
    const fixture = await filled();
    await damaged(fixture, segment(2, 'log'), zeroed(4 * BATCH_BYTES, 5 * BATCH_BYTES));
    expect(fetch(fixture, 69)).to.deep.equal([69]);
    expect(fetch(fixture, 72)).to.equal(Errors.CORRUPT_MESSAGE);
    expect(fetch(fixture, 74)).to.equal(Errors.CORRUPT_MESSAGE);
    expect(fetch(fixture, 90)).to.deep.equal([90]);
    expect(await offsetAt(fixture, NOW + 24_001)).to.equal('error 2');
    expect(await offsetAt(fixture, NOW + 30_000)).to.equal(90);
    const told = fixture.lines.filter(({ message }) => message.includes('records cannot be read'));
    expect(told).to.have.length(1);
    expect(told[0]?.fields).to.include({ path: segment(2, 'log'), position: 4 * BATCH_BYTES });
  });

  for (const [what, change] of [
    ['a length beyond the file', (bytes: Buffer) => (bytes.writeInt32BE(0x7000_0000, 4 * BATCH_BYTES + 8), bytes)],
    ['a wrong magic', (bytes: Buffer) => (bytes.writeInt8(9, 4 * BATCH_BYTES + 16), bytes)],
    ['a base offset that does not follow', (bytes: Buffer) => (bytes.writeInt8(74, 4 * BATCH_BYTES + 7), bytes)],
    ['batches that are missing', (bytes: Buffer) => batchesWithout(bytes, 4)],
    [
      'batches that are there twice',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 5 * BATCH_BYTES), bytes.subarray(3 * BATCH_BYTES)]),
    ],
    ['a file that is cut between two batches', (bytes: Buffer) => bytes.subarray(0, 4 * BATCH_BYTES)],
    ['a file that is empty', () => Buffer.alloc(0)],
    ['a file that is missing', () => undefined],
  ] as const) {
    it(`is never passed over: ${what}`, async () => {
      const fixture = await filled();
      await damaged(fixture, segment(2, 'log'), change);
      for (let offset = 0; offset < 300; offset++) {
        const found = fetch(fixture, offset, 100_000);
        if (typeof found === 'number') expect(found, `at ${offset}`).to.equal(Errors.CORRUPT_MESSAGE);
        else found.forEach((base, i) => expect(base, `at ${offset}`).to.equal(Math.floor(offset / 3) * 3 + i * 3));
      }
      expect(fetch(fixture, 59)).to.deep.equal([57]);
      expect(fetch(fixture, 90)).to.deep.equal([90]);
      for (let i = 0; i < 100; i++) {
        expect(await offsetAt(fixture, NOW + 1000 * i)).to.be.oneOf([3 * i, 'error 2'], `at second ${i}`);
      }
    });
  }

  it('ends an answer before the damage, so that the next one tells it', async () => {
    const fixture = await filled();
    await damaged(fixture, segment(2, 'log'), (bytes) => (bytes.writeInt8(74, 4 * BATCH_BYTES + 7), bytes));
    expect(fetch(fixture, 60, 100_000)).to.deep.equal([60, 63, 66, 69]);
  });

  it('of a log that is compacted leaves the holes of compaction alone', async () => {
    const fixture = await filled({ cleanupPolicy: ['compact', 'delete'] });
    await damaged(fixture, segment(2, 'log'), (bytes) => batchesWithout(bytes, 4));
    expect(fetch(fixture, 72)).to.deep.equal([75]);
  });

  it('of a log that was compacted once, as the cleaner says, leaves the holes alone', async () => {
    const fixture = await filled();
    fixture.disk.writeFileSync('/data/cleaner-offset-checkpoint', Buffer.from('0\n1\norders 0 90\n'));
    await damaged(fixture, segment(2, 'log'), (bytes) => batchesWithout(bytes, 4));
    expect(fetch(fixture, 72)).to.deep.equal([75]);
    await damaged(fixture, segment(4, 'log'), (bytes) => batchesWithout(bytes, 4));
    expect(fetch(fixture, 132)).to.equal(Errors.CORRUPT_MESSAGE);
  });

  it('at the end of a log that was closed in order gives no offset twice', async () => {
    const fixture = await filled();
    await damaged(fixture, segment(9, 'log'), (bytes) => bytes.subarray(0, 3 * BATCH_BYTES + 10));
    expect(fixture.log.logEndOffset).to.equal(300);
    expect(fetch(fixture, 278)).to.deep.equal([276]);
    expect(fetch(fixture, 279)).to.equal(Errors.CORRUPT_MESSAGE);
    expect(fixture.append().firstOffset).to.equal(300);
    await fixture.restart();
    expect(fetch(fixture, 279)).to.equal(Errors.CORRUPT_MESSAGE);
    expect(fetch(fixture, 300)).to.deep.equal([300]);
  });

  it('at the end of a log that was not closed is cut off, as Kafka does', async () => {
    const fixture = await filled();
    await damaged(fixture, segment(9, 'log'), zeroed(3 * BATCH_BYTES, 4 * BATCH_BYTES), false);
    expect(fixture.log.logEndOffset).to.equal(279);
    expect(messages(fixture)).to.include('a log was cut back to its last whole batch');
  });

  it('below the recovery point is not cut off after a crash', async () => {
    const fixture = await filled();
    await damaged(fixture, segment(2, 'log'), zeroed(4 * BATCH_BYTES, 5 * BATCH_BYTES), false);
    expect(fixture.log.logEndOffset).to.equal(300);
    expect(fetch(fixture, 72)).to.equal(Errors.CORRUPT_MESSAGE);
    expect(fetch(fixture, 299)).to.deep.equal([297]);
  });
});

describe('a damaged index', () => {
  const changes = [
    ['negative positions', (bytes: Buffer) => (bytes.writeInt32BE(-5000, bytes.length - 4), bytes)],
    ['positions beyond the file', (bytes: Buffer) => (bytes.writeInt32BE(50_000, bytes.length - 4), bytes)],
    [
      'positions within batches',
      (bytes: Buffer) => (bytes.writeInt32BE(bytes.readInt32BE(bytes.length - 4) + 1, bytes.length - 4), bytes),
    ],
    ['offsets of other batches', (bytes: Buffer) => (bytes.writeInt32BE(1, bytes.length - 8), bytes)],
    ['zeros', (bytes: Buffer) => bytes.fill(0, 0, 8)],
    ['noise', (bytes: Buffer) => bytes.fill(0xa5)],
    ['nothing', () => Buffer.alloc(0)],
  ] as const;
  for (const [what, change] of changes) {
    it(`of offsets is seen through, and built anew: ${what}`, async () => {
      const fixture = await filled();
      const before = Buffer.from(fixture.disk.readFileSync(segment(2, 'index')));
      await damaged(fixture, segment(2, 'index'), (bytes) => change(Buffer.from(bytes)));
      for (let offset = 60; offset < 90; offset++) {
        expect(fetch(fixture, offset)).to.deep.equal([Math.floor(offset / 3) * 3]);
      }
      expect(before.length).to.be.greaterThan(8);
    });
  }

  it('of offsets that points outside its segment is on the disk again as it was', async () => {
    const fixture = await filled({ indexIntervalBytes: 4096, segmentBytes: 100 * BATCH_BYTES });
    await damaged(fixture, `${DIRECTORY}/${ZERO}.index`, (bytes) => (bytes.writeInt32BE(-5000, 4), bytes));
    const wanted = Buffer.from(fixture.disk.readFileSync(`${DIRECTORY}/${ZERO}.index`));
    expect(fetch(fixture, 150)).to.deep.equal([150]);
    const found = Buffer.from(fixture.disk.readFileSync(`${DIRECTORY}/${ZERO}.index`));
    expect(found.readInt32BE(4)).to.be.greaterThan(0);
    expect(found.subarray(8).equals(wanted.subarray(8))).to.equal(true);
    expect(messages(fixture)).to.include('the indexes of a segment did not agree with it and have been built anew');
  });

  for (const [what, change] of [
    ['timestamps that are too large', (bytes: Buffer) => (bytes.writeInt32BE(0x7fff, bytes.length - 12), bytes)],
    ['timestamps that are too small', (bytes: Buffer) => bytes.fill(0, bytes.length - 12, bytes.length - 4)],
    ['offsets of other batches', (bytes: Buffer) => (bytes.writeInt32BE(29, 8), bytes)],
    ['an end that is missing', (bytes: Buffer) => bytes.subarray(0, 24)],
    ['noise', (bytes: Buffer) => bytes.fill(0xa5)],
    ['nothing', () => Buffer.alloc(0)],
    ['no file', () => undefined],
  ] as const) {
    it(`of timestamps is seen through: ${what}`, async () => {
      const fixture = await filled();
      await damaged(fixture, segment(2, 'timeindex'), (bytes) => change(Buffer.from(bytes)));
      for (let i = 15; i < 40; i++) expect(await offsetAt(fixture, NOW + 1000 * i), `second ${i}`).to.equal(3 * i);
    });
  }

  it('of timestamps takes no segment away before its time', async () => {
    const fixture = await filled({ retentionMs: 3_600_000 });
    await damaged(fixture, segment(2, 'timeindex'), (bytes) =>
      bytes.fill(0, 0, bytes.length - 1).fill(1, bytes.length - 1),
    );
    fixture.manager.checkRetention();
    expect(fixture.log.logStartOffset).to.equal(0);
  });

  for (const [what, change] of [
    ['zeros', (bytes: Buffer) => bytes.fill(0)],
    ['another producer', (bytes: Buffer) => (bytes.writeInt8(9, 9), bytes)],
    ['another first offset', (bytes: Buffer) => (bytes.writeInt8(3, 17), bytes)],
    ['half an entry', (bytes: Buffer) => bytes.subarray(0, 20)],
  ] as const) {
    it(`of aborted transactions is built anew: ${what}`, async () => {
      const fixture = await new LogFixture({ segmentBytes: 600 }).open();
      fixture.append();
      fixture.append({ producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true });
      const marker = { isCommit: false, producerId: 7, producerEpoch: 0, coordinatorEpoch: 1, timestamp: NOW };
      fixture.send(batch.buildEndTransactionMarker(marker), 'coordinator');
      for (let i = 0; i < 20; i++) fixture.append();
      await fixture.settle();
      await damaged(fixture, `${DIRECTORY}/${ZERO}.txnindex`, change);
      const found = fixture.log.abortedTransactions(0, 10);
      expect(
        found.map(({ producerId, firstOffset, lastOffset }) => [producerId, firstOffset, lastOffset]),
      ).to.deep.equal([[7, 1, 2]]);
    });
  }
});

describe('a damaged checkpoint', () => {
  for (const name of [
    'recovery-point-offset-checkpoint',
    'replication-offset-checkpoint',
    'log-start-offset-checkpoint',
  ]) {
    for (const [what, text] of [
      ['noise', '\u0001\u0002'],
      ['a count that is wrong', '0\n7\norders 0 5\n'],
      ['another version', '9\n1\norders 0 5\n'],
      ['a number beyond all offsets', '0\n1\norders 0 99999999999999999999\n'],
      ['an end that is cut', '0\n1\norders 0 3'],
    ] as const) {
      it(`is passed over with a word: ${name}, ${what}`, async () => {
        const fixture = await filled();
        await damaged(fixture, `/data/${name}`, () => Buffer.from(text));
        expect([fixture.log.logStartOffset, fixture.log.logEndOffset]).to.deep.equal([0, 300]);
        expect(fixture.lines[0]).to.deep.include({
          level: 'warn',
          message: 'a checkpoint file is damaged and passed over',
        });
        expect(fixture.lines[0]?.fields?.['path']).to.equal(`/data/${name}`);
      });
    }
  }

  it('with a log start beyond the end takes no record away', async () => {
    const fixture = await filled();
    await damaged(fixture, '/data/log-start-offset-checkpoint', () => Buffer.from('0\n1\norders 0 5000\n'), false);
    expect([fixture.log.logStartOffset, fixture.log.logEndOffset]).to.deep.equal([0, 300]);
  });

  for (const [what, content] of [
    ['noise', '\u0001\u0002'],
    ['a later epoch than any batch has', '0\n1\n7 0\n'],
    ['earlier epochs only', '0\n1\n0 0\n'],
    ['entries out of order', '0\n2\n3 150\n0 0\n'],
    ['nothing', ''],
    ['no file', undefined],
  ] as const) {
    it(`of leader epochs is made anew from the batches: ${what}`, async () => {
      const fixture = await new LogFixture({ segmentBytes: 500 }).open();
      for (let i = 0; i < 20; i++) {
        if (i % 5 === 0) fixture.log.becomeLeader(i);
        const bytes = batch.buildBatch([{ key: null, value: Buffer.alloc(20), timestamp: NOW }]);
        fixture.log.append(bytes, { origin: 'client', leaderEpoch: i - (i % 5), now: NOW, validation: 'header' });
      }
      await fixture.settle();
      await fixture.clock.run(fixture.manager.close(5));
      const path = `${DIRECTORY}/leader-epoch-checkpoint`;
      if (content === undefined) fixture.disk.removeSync(path);
      else fixture.disk.writeFileSync(path, Buffer.from(content));
      const log = await openedAgain(fixture);
      const epochs = [0, 4, 5, 9, 10, 15, 19].map((offset) => log.epochOf(offset));
      expect(epochs).to.deep.equal([0, 0, 5, 5, 10, 15, 15]);
      expect(log.endOffsetForEpoch(5)).to.deep.equal({ leaderEpoch: 5, endOffset: 10 });
    });
  }

  it('of the topic id that a power failure has left half written is missed by nobody', async () => {
    for (const text of ['', '\0\0\0', 'version: 0\ntopic_id: VA9A0', 'version: 0\0\0opic_id: VA9A0MIcSd-qs8EYDiQibQ']) {
      const fixture = await filled();
      await damaged(fixture, `${DIRECTORY}/partition.metadata`, () => Buffer.from(text));
      expect(fixture.log.logEndOffset, text).to.equal(300);
    }
  });

  it('of the topic id takes the partition offline alone, and nothing is made in its place', async () => {
    const fixture = await filled();
    const other = fixture.manager.createLog({
      topic: 'other',
      topicId: TOPIC_ID,
      partition: 0,
      config: fixture.config,
    });
    expect(other.logEndOffset).to.equal(0);
    await fixture.clock.run(fixture.manager.close(5));
    fixture.disk.writeFileSync(`${DIRECTORY}/partition.metadata`, Buffer.from('version: 0\ntopic_id: ???\n'));
    fixture.lines.length = 0;
    await fixture.open().catch(() => undefined);
    expect(fixture.manager.isUnusable('orders', 0)).to.equal(true);
    expect(fixture.manager.getLog('other', 0)).to.not.equal(undefined);
    const told = fixture.lines.find(({ level }) => level === 'error');
    expect(told?.fields?.['error']).to.equal(`${DIRECTORY}/partition.metadata does not hold the id of a topic`);
    expect(told?.fields?.['remedy']).to.match(/^stop the broker and put the file back; or remove it/);
  });
});

/** As a start finds it, before anybody leads. */
async function openedAgain(fixture: LogFixture): Promise<PartitionLog> {
  const { clock, disk, config } = fixture;
  const manager = await clock.run(
    LogManager.open({
      runtime: { clock, disk, logger: silentLogger, metrics: new Metrics() },
      logDirs: ['/data'],
      config: defaultLogConfig,
      durability: 'page-cache',
      topicConfig: () => config,
    }),
  );
  return manager.getLog('orders', 0) as PartitionLog;
}

function batchesWithout(bytes: Buffer, number: number): Buffer {
  return Buffer.concat([bytes.subarray(0, number * BATCH_BYTES), bytes.subarray((number + 1) * BATCH_BYTES)]);
}

describe('what recovery cuts off', () => {
  it('does not come back when power fails again', async () => {
    const path = segment(9, 'log');
    for (let life = 0; life < 10; life++) {
      const fixture = await filled();
      await fixture.clock.run(fixture.manager.close(5));
      const bytes = fixture.disk.readFileSync(path);
      fixture.disk.removeSync('/data/.kafka_cleanshutdown');
      replaceFileSync(fixture.disk, path, Buffer.concat([bytes, Buffer.alloc(40, 1)]));
      await fixture.open();
      // Another power failure each time: what was not flushed is lost by chance.
      for (let draw = 0; draw < life; draw++) fixture.disk.random.next();
      expect(fixture.disk.crash('power').readFileSync(path).length).to.equal(bytes.length);
    }
  });
});
