// Rolling, index files, layout of the directory.
import { expect } from 'chai';
import { buildBatch, int32At, int64At } from '../../../src/protocol/records/index.ts';
import { DIRECTORY, LogFixture, NOW, TOPIC_ID } from '../log-fixture.ts';

describe('segments', () => {
  it('are left when the next batch would make them larger than segment.bytes', async () => {
    const fixture = await new LogFixture({ segmentBytes: 1000 }).open();
    for (let i = 0; i < 10; i++) fixture.append({ valueBytes: 200 });
    await fixture.settle();
    expect(fixture.log.segmentCount).to.equal(4);
    expect(fixture.files().filter((name) => name.endsWith('.log'))).to.deep.equal([
      '00000000000000000000.log',
      '00000000000000000003.log',
      '00000000000000000006.log',
      '00000000000000000009.log',
    ]);
  });

  it('are left when records are segment.ms younger than the first', async () => {
    const fixture = await new LogFixture({ segmentMs: 1000 }).open();
    fixture.append({ timestamps: [NOW - 5000] });
    fixture.append({ timestamps: [NOW - 4000] });
    expect(fixture.log.segmentCount).to.equal(1);
    fixture.append({ timestamps: [NOW - 3999] });
    expect(fixture.log.segmentCount).to.equal(2);
  });

  it('are left up to segment.jitter.ms earlier', async () => {
    const fixture = await new LogFixture({ segmentMs: 1000, segmentJitterMs: 900, segmentBytes: 250 }).open();
    fixture.append({ timestamps: [NOW], valueBytes: 150 });
    fixture.append({ timestamps: [NOW] });
    const before = fixture.log.segmentCount;
    fixture.append({ timestamps: [NOW + 1000] });
    expect(fixture.log.segmentCount).to.equal(before + 1);
  });

  it('are left when an index is full', async () => {
    const fixture = await new LogFixture({ segmentIndexBytes: 36, indexIntervalBytes: 0 }).open();
    for (let i = 0; i < 12; i++) fixture.append({ timestamps: [NOW + i] });
    expect(fixture.log.segmentCount).to.be.greaterThan(2);
  });

  it('have an index entry for the batch behind each index.interval.bytes: last offset and position', async () => {
    const fixture = await new LogFixture({ indexIntervalBytes: 200 }).open();
    const size = buildBatch([{ key: Buffer.from('key'), value: Buffer.alloc(10), timestamp: NOW }]).length;
    for (let i = 0; i < 9; i++) fixture.append({ timestamps: [NOW + i] });
    await fixture.settle();
    await fixture.clock.run(fixture.manager.close());
    const index = fixture.disk.readFileSync(`${DIRECTORY}/00000000000000000000.index`);
    const entries = Array.from({ length: index.length / 8 }, (_, i) => [
      int32At(index, i * 8),
      int32At(index, i * 8 + 4),
    ]);
    const step = Math.ceil(201 / size);
    expect(entries).to.deep.equal(
      [step, step * 2].filter((offset) => offset < 9).map((offset) => [offset, offset * size]),
    );
    const times = fixture.disk.readFileSync(`${DIRECTORY}/00000000000000000000.timeindex`);
    const last = times.length - 12;
    expect([int64At(times, last), int32At(times, last + 8)]).to.deep.equal([NOW + 8, 8]);
  });

  it('and their directory cost one file until the first record', async () => {
    const fixture = await new LogFixture().open();
    expect(fixture.files()).to.deep.equal(['partition.metadata']);
    expect(fixture.text(`${DIRECTORY}/partition.metadata`)).to.equal(`version: 0\ntopic_id: ${TOPIC_ID}`);
  });

  it('leave after a clean stop what Kafka leaves', async () => {
    const fixture = await new LogFixture().open();
    fixture.append();
    await fixture.settle();
    await fixture.clock.run(fixture.manager.close(12));
    expect(fixture.files()).to.include.members([
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      '00000000000000000001.snapshot',
      'leader-epoch-checkpoint',
      'partition.metadata',
    ]);
    expect(fixture.text(`${DIRECTORY}/leader-epoch-checkpoint`)).to.equal('0\n1\n0 0\n');
    expect(fixture.text('/data/.kafka_cleanshutdown')).to.equal('{"version":0,"brokerEpoch":12}');
    expect(fixture.text('/data/recovery-point-offset-checkpoint')).to.equal('0\n1\norders 0 1\n');
    expect(fixture.text('/data/replication-offset-checkpoint')).to.equal('0\n1\norders 0 1\n');
    expect(fixture.text('/data/log-start-offset-checkpoint')).to.equal('0\n0\n');
  });

  it('of ten thousand partitions are served with few open files', async () => {
    const fixture = await new LogFixture().open();
    for (let partition = 1; partition < 2000; partition++) {
      const log = fixture.manager.createLog({ topic: 'many', topicId: TOPIC_ID, partition, config: fixture.config });
      fixture.use(log);
      fixture.append();
    }
    await fixture.settle();
    expect(fixture.manager.environment.files.files.openCount).to.be.at.most(512);
    const slice = (fixture.manager.getLog('many', 1) as typeof fixture.log).read(0, 1000, {
      upTo: 1,
      minOneBatch: true,
    });
    expect(Buffer.concat(slice.readSync()).length).to.be.greaterThan(0);
  });
});
