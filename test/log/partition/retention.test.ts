// Retention by time and size, DeleteRecords, deletion of partitions, reads and look-ups.
import { expect } from 'chai';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { batchesOf, sizeInBytes } from '../../../src/protocol/records/index.ts';
import { DIRECTORY, LogFixture, NOW } from '../log-fixture.ts';

async function filled(config: object, count = 10): Promise<LogFixture> {
  const fixture = await new LogFixture({ segmentBytes: 400, ...config }).open();
  for (let i = 0; i < count; i++) fixture.append({ timestamps: [NOW - 10_000 + i * 1000], valueBytes: 100 });
  await fixture.settle();
  return fixture;
}

const codeOf = (action: () => unknown): number => {
  try {
    action();
    return 0;
  } catch (error) {
    return (error as KafkaError).code;
  }
};

describe('retention', () => {
  it('removes segments whose newest record is older than retention.ms, files after file.delete.delay.ms', async () => {
    const fixture = await filled({ retentionMs: 5500, fileDeleteDelayMs: 60_000 });
    fixture.manager.checkRetention();
    expect(fixture.log.logStartOffset).to.equal(4);
    expect(fixture.files().filter((name) => name.endsWith('.log.deleted'))).to.have.length(2);
    await fixture.settle(61_000);
    expect(fixture.files().some((name) => name.endsWith('.deleted'))).to.equal(false);
    expect(fixture.files()).to.include('00000000000000000004.log');
  });

  it('removes the oldest segments above retention.bytes', async () => {
    const fixture = await filled({ retentionBytes: 700, retentionMs: -1 });
    fixture.manager.checkRetention();
    expect(fixture.log.sizeBytes).to.be.within(700, 1100);
    expect(fixture.log.logEndOffset).to.equal(10);
  });

  it('begins a new segment when all records are too old', async () => {
    const fixture = await filled({ retentionMs: 100 });
    await fixture.settle(10_000);
    fixture.manager.checkRetention();
    expect([fixture.log.logStartOffset, fixture.log.logEndOffset, fixture.log.segmentCount]).to.deep.equal([10, 10, 1]);
    await fixture.restart();
    expect([fixture.log.logStartOffset, fixture.log.logEndOffset]).to.deep.equal([10, 10]);
    expect(fixture.append().firstOffset).to.equal(10);
  });

  it('keeps counting offsets after a crash when the segment that stays could not be made before', async () => {
    const fixture = await filled({ retentionMs: 100, segmentBytes: 200 }, 1);
    fixture.disk.failNext({ call: 'open', path: '01.log', code: 'ENOSPC' });
    fixture.append({ valueBytes: 100 });
    await fixture.settle(10_000);
    expect(fixture.log.segmentCount).to.equal(2);
    fixture.manager.checkRetention();
    expect([fixture.log.logStartOffset, fixture.log.segmentCount]).to.deep.equal([1, 1]);
    await fixture.kill();
    expect(fixture.log.logEndOffset).to.equal(1);
  });

  it('leaves what lies above the high watermark, and compacted topics', async () => {
    const compacted = await filled({ retentionMs: 100, cleanupPolicy: ['compact'] });
    await compacted.settle(10_000);
    compacted.manager.checkRetention();
    expect(compacted.log.logStartOffset).to.equal(0);
  });
});

describe('DeleteRecords', () => {
  it('moves the log start inside a batch; whole segments below go with the next check', async () => {
    const fixture = await filled({ retentionMs: -1 });
    expect(fixture.log.deleteRecordsBefore(5)).to.equal(5);
    expect(fixture.log.deleteRecordsBefore(3)).to.equal(5);
    expect(codeOf(() => fixture.log.deleteRecordsBefore(11))).to.equal(Errors.OFFSET_OUT_OF_RANGE);
    expect(codeOf(() => fixture.log.read(4, 100, { upTo: 10, minOneBatch: true }))).to.equal(
      Errors.OFFSET_OUT_OF_RANGE,
    );
    fixture.manager.checkRetention();
    expect(fixture.log.firstSegmentOffset).to.equal(4);
    await fixture.restart();
    expect(fixture.log.logStartOffset).to.equal(5);
    expect(fixture.text('/data/log-start-offset-checkpoint')).to.equal('0\n1\norders 0 5\n');
  });
});

describe('deletion of a partition', () => {
  it('renames its directory and removes it after file.delete.delay.ms', async () => {
    const fixture = await filled({ fileDeleteDelayMs: 5000 });
    fixture.manager.deleteLog('orders', 0);
    const names = fixture.files('/data').filter((name) => name.startsWith('orders'));
    expect(names).to.have.length(1);
    expect(names[0]).to.match(/^orders-0\.[0-9a-f]{32}-delete$/);
    expect(fixture.append().errorCode).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
    await fixture.settle(6000);
    expect(fixture.files('/data').some((name) => name.startsWith('orders'))).to.equal(false);
  });

  it('that a crash interrupted goes on at the next start', async () => {
    const fixture = await filled({});
    fixture.manager.deleteLog('orders', 0);
    fixture.manager.abandon();
    await fixture.open();
    await fixture.settle(61_000);
    expect(fixture.files('/data').filter((name) => name.endsWith('-delete'))).to.deep.equal([]);
  });
});

describe('reads', () => {
  it('give at most maxBytes, cutting the last batch, but the first one whole if asked', async () => {
    const fixture = await filled({ segmentBytes: 100_000 });
    const size = fixture.log.sizeBytes / 10;
    const read = (maxBytes: number, minOneBatch: boolean): number =>
      Buffer.concat(fixture.log.read(2, maxBytes, { upTo: 10, minOneBatch }).readSync()).length;
    expect([read(size + 40, true), read(1, true), read(1, false), read(1e6, true)]).to.deep.equal([
      size + 40,
      size,
      1,
      size * 8,
    ]);
  });

  it('give nothing at or above the bound', async () => {
    const fixture = await filled({});
    const slice = fixture.log.read(0, 1e6, { upTo: 1, minOneBatch: true });
    const bytes = Buffer.concat(slice.readSync());
    expect([...batchesOf(bytes)].length).to.equal(1);
    expect(bytes.length).to.equal(sizeInBytes(bytes));
    expect(fixture.log.read(1, 1e6, { upTo: 1, minOneBatch: true }).sizeBytes).to.equal(0);
    expect(codeOf(() => fixture.log.read(11, 1, { upTo: 11, minOneBatch: true }))).to.equal(Errors.OFFSET_OUT_OF_RANGE);
  });
});

describe('look-ups', () => {
  it('find the first record of a time or later, and the latest one', async () => {
    const fixture = await filled({});
    const at = async (timestamp: number): Promise<number | undefined> =>
      (await fixture.clock.run(fixture.log.offsetForTimestamp(timestamp)))?.offset;
    expect(await at(0)).to.equal(0);
    expect(await at(NOW - 7000)).to.equal(3);
    expect(await at(NOW - 6999)).to.equal(4);
    expect(await at(NOW)).to.equal(undefined);
    expect(await fixture.clock.run(fixture.log.maxTimestampOffset())).to.deep.equal({
      timestamp: NOW - 1000,
      offset: 9,
      leaderEpoch: 0,
    });
  });

  it('find the end of an epoch (KIP-101)', async () => {
    const fixture = await filled({});
    fixture.log.becomeLeader(3);
    expect(fixture.log.endOffsetForEpoch(0)).to.deep.equal({ leaderEpoch: 0, endOffset: 10 });
    expect(fixture.log.endOffsetForEpoch(2)).to.deep.equal({ leaderEpoch: 0, endOffset: 10 });
    expect(fixture.log.endOffsetForEpoch(3)).to.deep.equal({ leaderEpoch: 3, endOffset: 10 });
    expect(fixture.log.endOffsetForEpoch(4)).to.deep.equal({ leaderEpoch: -1, endOffset: -1 });
  });

  it('survive a truncation', async () => {
    const fixture = await filled({});
    await fixture.clock.run(fixture.log.truncateTo(5));
    expect(fixture.log.logEndOffset).to.equal(5);
    expect(fixture.append({ timestamps: [NOW] }).firstOffset).to.equal(5);
    await fixture.settle();
    expect((await fixture.clock.run(fixture.log.offsetForTimestamp(NOW)))?.offset).to.equal(5);
    await fixture.clock.run(fixture.log.truncateFullyAndStartAt(100));
    expect([fixture.log.logStartOffset, fixture.append().firstOffset]).to.deep.equal([100, 100]);
  });
});

describe('recovery', () => {
  it('cuts a torn tail and goes on behind the last whole batch', async () => {
    const fixture = await filled({ segmentBytes: 100_000 });
    const file = fixture.disk.openSync(`${DIRECTORY}/00000000000000000000.log`, 'write');
    file.truncateSync(file.sizeSync() - 3);
    file.closeSync();
    await fixture.kill();
    expect(fixture.log.logEndOffset).to.equal(9);
    expect(fixture.append().firstOffset).to.equal(9);
  });

  it('finishes renames of the cleaner that were under way', async () => {
    const fixture = await filled({ segmentBytes: 100_000 });
    await fixture.clock.run(fixture.manager.close());
    const { disk } = fixture;
    disk.renameSync(`${DIRECTORY}/00000000000000000000.log`, `${DIRECTORY}/00000000000000000000.log.swap`);
    disk.writeFileSync(`${DIRECTORY}/00000000000000000050.log.cleaned`, new Uint8Array(5));
    disk.writeFileSync(`${DIRECTORY}/00000000000000000060.log.deleted`, new Uint8Array(5));
    await fixture.open();
    expect(fixture.log.logEndOffset).to.equal(10);
    expect(fixture.files().filter((name) => /swap|cleaned|deleted/.test(name))).to.deep.equal([]);
  });

  it('refuses a directory that another broker works on', async () => {
    const fixture = await new LogFixture().open();
    const other = new LogFixture();
    Object.assign(other, { disk: fixture.disk, clock: fixture.clock });
    const error = await other.open().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(String(error)).to.include('.lock');
  });
});
