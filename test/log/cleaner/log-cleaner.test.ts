// The cleaner of a log manager: what it leaves, when it stays away, what stops it, what it sets aside.
import { expect } from 'chai';
import { DIRECTORY, LogFixture, NOW } from '../log-fixture.ts';
import { batchesOf, buildBatch, lastOffset, type RecordInput, recordsOf } from '../../../src/protocol/records/index.ts';

const COMPACT = { cleanupPolicy: ['compact'], segmentBytes: 300, minCleanableDirtyRatio: 0, fileDeleteDelayMs: 1000 };
const CHECKPOINT = '/data/cleaner-offset-checkpoint';

const record = (key: string | null, value: string | null = 'value'): RecordInput => ({
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  timestamp: NOW,
});

/** A log with these keys, a batch each, the values counted up. */
async function logOf(keys: readonly string[], config = {}): Promise<LogFixture> {
  const fixture = await new LogFixture({ ...COMPACT, ...config }).open();
  keys.forEach((key, i) => fixture.send(buildBatch([record(key, `${i}${'.'.repeat(60)}`)])));
  await fixture.settle();
  return fixture;
}

const clean = (fixture: LogFixture): Promise<boolean> => fixture.clock.run(fixture.manager.cleanOnce());

function keysOf({ log }: LogFixture): string[] {
  const keys: string[] = [];
  for (let at = log.logStartOffset; at < log.writtenEndOffset; ) {
    const bytes = Buffer.concat(log.read(at, 10_000, { upTo: log.writtenEndOffset, minOneBatch: true }).readSync());
    for (const position of batchesOf(bytes)) {
      for (const { offset, key } of recordsOf(bytes, { at: position })) {
        keys.push(`${offset}${Buffer.from(key ?? []).toString()}`);
      }
      at = lastOffset(bytes, position) + 1;
    }
    if (bytes.length === 0) break;
  }
  return keys;
}

describe('The log cleaner', () => {
  it('leaves the last record of each key, and what is in the active segment', async () => {
    const fixture = await logOf(['a', 'b', 'a', 'c', 'b', 'a', 'd', 'a', 'a']);
    expect(await clean(fixture)).to.equal(true);
    expect(keysOf(fixture)).to.deep.equal(['3c', '4b', '6d', '7a', '8a']);
    expect(fixture.text(CHECKPOINT)).to.equal('0\n1\norders 0 8\n');
    expect(await clean(fixture)).to.equal(false);
  });

  it('goes on after a restart where it was', async () => {
    const fixture = await logOf(['a', 'a', 'a', 'a', 'b']);
    await clean(fixture);
    await fixture.restart();
    expect(await clean(fixture)).to.equal(false);
    for (let i = 0; i < 4; i++) fixture.send(buildBatch([record('b', '.'.repeat(100))]));
    await fixture.settle();
    expect(await clean(fixture)).to.equal(true);
    expect(keysOf(fixture).filter((key) => key.endsWith('a'))).to.have.length(1);
  });

  it('removes the files of replaced segments after file.delete.delay.ms; who reads one reads on', async () => {
    const fixture = await logOf(['a', 'a', 'a', 'a', 'a', 'a']);
    const slice = fixture.log.read(0, 200, { upTo: 6, minOneBatch: true });
    await clean(fixture);
    expect(fixture.files().some((name) => name.endsWith('.log.deleted'))).to.equal(true);
    const [first] = recordsOf(Buffer.concat(await fixture.clock.run(slice.read())));
    expect(first?.offset).to.equal(0);
    await fixture.settle(1100);
    expect(fixture.files().filter((name) => /\.(deleted|swap|cleaned)$/.test(name))).to.deep.equal([]);
  });

  it('takes the dirtiest log first', async () => {
    const fixture = await logOf(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    await clean(fixture);
    for (let i = 0; i < 3; i++) fixture.send(buildBatch([record('a', '.'.repeat(100))]));
    const options = { topic: 'fresh', topicId: 'VA9A0MIcSd-qs8EYDiQibA', partition: 0, config: fixture.config };
    fixture.use(fixture.manager.createLog(options));
    for (let i = 0; i < 5; i++) fixture.send(buildBatch([record('a', '.'.repeat(100))]));
    await fixture.settle();
    const cleaned = (): unknown[] =>
      fixture.lines.flatMap(({ message, fields }) =>
        message === 'a log was compacted' ? [fields?.['partition']] : [],
      );
    await clean(fixture);
    await clean(fixture);
    expect(cleaned()).to.deep.equal(['orders-0', 'fresh-0', 'orders-0']);
  });

  it('sets a log aside that is damaged, tells where, and cleans the others', async () => {
    const fixture = await logOf(['a', 'a', 'a', 'a', 'a', 'a']);
    const file = fixture.disk.openSync(`${DIRECTORY}/00000000000000000000.log`, 'write');
    file.writevSync([Buffer.from('X')], 100);
    const before = keysOf(fixture);
    expect(await clean(fixture)).to.equal(false);
    expect(await clean(fixture)).to.equal(false);
    const told = fixture.lines.filter(({ message }) => message === 'a log cannot be compacted and is set aside');
    expect(told).to.have.length(1);
    expect(told[0]?.fields?.['error']).to.contain('corrupt');
    expect(fixture.manager.environment.metrics.snapshot()['uncleanable-partitions-count']).to.equal(1);
    expect(keysOf(fixture)).to.deep.equal(before);
    expect(fixture.files().some((name) => name.endsWith('.cleaned'))).to.equal(false);
    fixture.manager.deleteLog('orders', 0);
    await clean(fixture);
    expect(fixture.manager.environment.metrics.snapshot()['uncleanable-partitions-count']).to.equal(0);
  });

  it('drops records without a key, from the time before the topic was compacted', async () => {
    const fixture = await logOf([], { cleanupPolicy: ['delete'] });
    for (const key of [null, 'a', null]) fixture.send(buildBatch([record(key, '.'.repeat(200))]));
    fixture.send(buildBatch([record('b')]));
    await fixture.settle();
    fixture.manager.updateTopicConfig('orders', 1, { ...fixture.config, cleanupPolicy: ['compact'] });
    await clean(fixture);
    expect(keysOf(fixture)).to.deep.equal(['1a', '3b']);
    expect(fixture.lines.some(({ message }) => message.includes('without a key'))).to.equal(true);
  });

  it('ends soon when the broker stops, however slow the throttle makes it', async () => {
    const fixture = await logOf(['a', 'a', 'a', 'a', 'a', 'a']);
    fixture.manager.updateConfig({ ...fixture.manager.environment.config, cleanerIoMaxBytesPerSecond: 1 });
    await fixture.settle(1000);
    const cleaning = fixture.manager.cleanOnce();
    await fixture.settle(1000);
    const startedMs = fixture.clock.nowMs();
    await fixture.restart();
    expect(await cleaning).to.equal(false);
    expect(fixture.clock.nowMs() - startedMs).to.be.lessThan(600);
    expect(fixture.files().some((name) => name.endsWith('.cleaned'))).to.equal(false);
    expect(keysOf(fixture)).to.have.length(6);
  });

  it('gives a log up that is cut, or deleted, meanwhile', async () => {
    const fixture = await logOf(['a', 'a', 'a', 'a', 'a', 'a']);
    const cut = fixture.manager.cleanOnce();
    await fixture.clock.run(fixture.log.truncateTo(3));
    expect(await fixture.clock.run(cut)).to.equal(false);
    expect(keysOf(fixture)).to.deep.equal(['0a', '1a', '2a']);
    for (let i = 0; i < 3; i++) fixture.send(buildBatch([record('a', '.'.repeat(200))]));
    await fixture.settle();
    const deleted = fixture.manager.cleanOnce();
    fixture.manager.deleteLog('orders', 0);
    expect(await fixture.clock.run(deleted)).to.equal(false);
    expect(fixture.text(CHECKPOINT)).to.equal('');
    await fixture.settle(2000);
    expect(fixture.disk.existsSync(DIRECTORY)).to.equal(false);
  });

  it('lowers its checkpoint when the log is cut below', async () => {
    const fixture = await logOf(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    await clean(fixture);
    await fixture.clock.run(fixture.log.truncateTo(2));
    for (let i = 0; i < 9; i++) fixture.send(buildBatch([record('a', '.'.repeat(100))]));
    await fixture.settle();
    await clean(fixture);
    expect(keysOf(fixture)).to.deep.equal(['1b', '9a', '10a']);
  });

  it('waits a minute with a log that a full disk has refused, and leaves nothing behind', async () => {
    const fixture = await logOf(['a', 'a', 'a', 'a', 'a', 'a']);
    fixture.disk.failNext({ call: 'write', path: '.cleaned', code: 'ENOSPC' });
    expect(await clean(fixture)).to.equal(false);
    expect(fixture.files().some((name) => name.endsWith('.cleaned'))).to.equal(false);
    expect(await clean(fixture)).to.equal(false);
    await fixture.settle(60_001);
    expect(await clean(fixture)).to.equal(true);
  });

  it('runs in the background once the tasks are started, and retention of compacted logs with it', async () => {
    const fixture = await logOf(['a', 'a', 'a', 'a', 'a', 'a'], {
      cleanupPolicy: ['compact', 'delete'],
      retentionMs: 20_000,
    });
    fixture.manager.startTasks();
    await fixture.settle(100);
    expect(keysOf(fixture)).to.deep.equal(['3a', '4a', '5a']);
    await fixture.settle(36_000);
    expect(fixture.log.logStartOffset).to.equal(6);
  });
});
