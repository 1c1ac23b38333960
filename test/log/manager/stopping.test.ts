// The orderly end of many logs: within a bound, whatever the disk does, and nothing is lost by what is left undone.
import { expect } from 'chai';
import { PartitionLog } from '../../../src/log/index.ts';
import type { BatchOptions } from '../../../src/protocol/records/index.ts';
import { LogFixture, NOW, TOPIC_ID } from '../log-fixture.ts';

const MANY = 2_000;
/** What flushing may take, and what is under way at its end. */
const LONGEST_STOP_MS = 1_000;

const IDEMPOTENT = { producerId: 7, producerEpoch: 0, baseSequence: 0 };

/** One record in each of MANY logs, on a disk that takes its time. */
async function manyLogs(options: BatchOptions = {}): Promise<LogFixture> {
  const fixture = await new LogFixture().open();
  for (let partition = 1; partition < MANY; partition++) {
    const log = fixture.manager.createLog({ topic: 'many', topicId: TOPIC_ID, partition, config: fixture.config });
    fixture.use(log);
    fixture.append(options);
  }
  await fixture.settle();
  return fixture;
}

const logsOf = (fixture: LogFixture): PartitionLog[] =>
  [...fixture.manager.logs()].filter(({ topic }) => topic === 'many');

describe('Stopping', () => {
  it('ends flushing in time, and leaves the rest to the next start, which finds every record and producer', async () => {
    const fixture = await manyLogs(IDEMPOTENT);
    const before = fixture.clock.monotonicMs();
    await fixture.clock.run(fixture.manager.close());
    expect(fixture.clock.monotonicMs() - before).to.be.at.most(LONGEST_STOP_MS);
    const points = fixture.text('/data/recovery-point-offset-checkpoint').split('\n');
    expect(points.filter((line) => /^many \d+ 1$/.test(line)).length).to.be.greaterThan(0);
    expect(points.filter((line) => /^many \d+ 0$/.test(line)).length).to.be.greaterThan(0);
    await fixture.open();
    for (const log of logsOf(fixture)) {
      expect(log.logEndOffset).to.equal(1);
      expect(log.producers().map(({ producerId, lastSequence }) => [producerId, lastSequence])).to.deep.equal([[7, 0]]);
    }
  });

  it('makes no file for a log that it has no time to flush', async () => {
    const fixture = await manyLogs();
    await fixture.clock.run(fixture.manager.close());
    const last = logsOf(fixture).at(-1) as PartitionLog;
    expect(fixture.files(last.directory)).to.deep.equal(['00000000000000000000.log', 'partition.metadata']);
  });

  it('writes down the first producers of a log all the same: Apache Kafka would not look for them', async () => {
    const fixture = await manyLogs(IDEMPOTENT);
    await fixture.clock.run(fixture.manager.close());
    const last = logsOf(fixture).at(-1) as PartitionLog;
    expect(last.recoveryPoint).to.equal(0);
    expect(fixture.files(last.directory)).to.include('00000000000000000001.snapshot');
  });

  it('flushes everything, however long it takes, where that is promised', async () => {
    const fixture = new LogFixture();
    fixture.durability = 'fsync';
    await fixture.open();
    for (let partition = 1; partition < MANY; partition++) {
      const log = fixture.manager.createLog({ topic: 'many', topicId: TOPIC_ID, partition, config: fixture.config });
      fixture.use(log);
      fixture.append();
    }
    await fixture.clock.run(fixture.manager.close());
    for (const log of logsOf(fixture)) expect(log.recoveryPoint).to.equal(1);
  });

  it('reads nothing of a log that no idempotent producer has written to', async () => {
    const fixture = await new LogFixture({ segmentBytes: 250 }).open();
    for (let i = 0; i < 9; i++) fixture.append({ timestamps: [NOW + i] });
    await fixture.settle();
    expect(fixture.log.segmentCount).to.be.greaterThan(2);
    fixture.disk.failureChance.read = 1;
    await fixture.clock.run(fixture.manager.close());
    fixture.disk.failureChance.read = 0;
    expect(fixture.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
    await fixture.open();
    expect(fixture.log.logEndOffset).to.equal(9);
    expect(fixture.log.producers()).to.deep.equal([]);
  });

  it('asks nothing of the disk for a log that has not changed since it was flushed', async () => {
    const fixture = await new LogFixture().open();
    fixture.append(IDEMPOTENT);
    await fixture.settle();
    await fixture.restart();
    Object.assign(fixture.disk.failureChance, { open: 1, read: 1, sync: 1 });
    await fixture.clock.run(fixture.log.close());
    Object.assign(fixture.disk.failureChance, { open: 0, read: 0, sync: 0 });
    await fixture.clock.run(fixture.manager.close());
    await fixture.open();
    expect(fixture.log.producers().map(({ producerId }) => producerId)).to.deep.equal([7]);
  });

  it('asks nothing of the disk for a log that nobody has written to, and the next start has it again', async () => {
    const fixture = await new LogFixture().open();
    fixture.log.becomeLeader(3);
    Object.assign(fixture.disk.failureChance, { open: 1, read: 1, write: 1, sync: 1 });
    await fixture.clock.run(fixture.log.close());
    Object.assign(fixture.disk.failureChance, { open: 0, read: 0, write: 0, sync: 0 });
    await fixture.clock.run(fixture.manager.close());
    expect(fixture.files()).to.deep.equal(['partition.metadata']);
    await fixture.open();
    expect(fixture.log.topicId).to.equal(TOPIC_ID);
    fixture.append();
    await fixture.settle();
    await fixture.restart();
    expect(fixture.log.logEndOffset).to.equal(1);
  });
});
