// A disk that refuses: nothing is acknowledged that is not written, and the log goes on when the disk does.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { LogFixture, NOW } from '../log-fixture.ts';

describe('a failing disk', () => {
  const answers = (fixture: LogFixture, offset: number): number[] => {
    const codes: number[] = [];
    fixture.log.onWritten(offset, { written: (code) => codes.push(code) });
    return codes;
  };

  it('acknowledges nothing before it is written', async () => {
    const fixture = await new LogFixture().open();
    fixture.append();
    const codes = answers(fixture, 1);
    expect([fixture.log.logEndOffset, fixture.log.writtenEndOffset, fixture.log.highWatermark]).to.deep.equal([
      1, 0, 0,
    ]);
    expect(codes).to.deep.equal([]);
    await fixture.settle();
    expect([fixture.log.writtenEndOffset, fixture.log.highWatermark]).to.deep.equal([1, 1]);
    expect(codes).to.deep.equal([0]);
  });

  it('refuses what it could not write, takes it back, and goes on with the same offset and sequence', async () => {
    const fixture = await new LogFixture().open();
    const produce = (sequence: number) => fixture.append({ producerId: 7, producerEpoch: 0, baseSequence: sequence });
    produce(0);
    await fixture.settle();
    fixture.disk.failNext({ call: 'write', path: '.log', code: 'ENOSPC' });
    produce(1);
    produce(2);
    const codes = [2, 3].map((offset) => answers(fixture, offset));
    await fixture.settle();
    expect(codes).to.deep.equal([[Errors.KAFKA_STORAGE_ERROR], [Errors.KAFKA_STORAGE_ERROR]]);
    expect(fixture.log.logEndOffset).to.equal(1);
    expect(fixture.log.producers()[0]).to.include({ lastSequence: 0 });
    expect(produce(1)).to.include({ errorCode: 0, firstOffset: 1, isDuplicate: false });
    await fixture.settle();
    await fixture.kill();
    expect(fixture.log.logEndOffset).to.equal(2);
  });

  it('that has run full lets appends through as soon as there is room', async () => {
    const fixture = await new LogFixture().open();
    fixture.append({ valueBytes: 500 });
    await fixture.settle();
    fixture.disk.capacityBytes = fixture.disk.usedBytes() + 100;
    for (let i = 0; i < 3; i++) {
      fixture.append({ valueBytes: 500 });
      await fixture.settle();
      expect(fixture.log.logEndOffset).to.equal(1);
    }
    fixture.disk.capacityBytes = Number.POSITIVE_INFINITY;
    fixture.append({ valueBytes: 500 });
    await fixture.settle();
    expect(fixture.log.writtenEndOffset).to.equal(2);
  });

  it('with durability fsync: what was cut off after a failed write does not come back when power fails', async () => {
    for (let life = 0; life < 20; life++) {
      const fixture = new LogFixture();
      fixture.durability = 'fsync';
      await fixture.open();
      fixture.append({ valueBytes: 500 });
      await fixture.settle();
      const path = `${fixture.log.directory}/00000000000000000000.log`;
      const before = fixture.disk.readFileSync(path).length;
      fixture.disk.failNext({ call: 'write', path: '.log', code: 'ENOSPC' });
      fixture.append({ valueBytes: 500 });
      await fixture.settle();
      // Another power failure each time: what was not flushed is lost, or there, by chance.
      for (let draw = 0; draw < life; draw++) fixture.disk.random.next();
      expect(fixture.disk.crash('power').readFileSync(path).length).to.equal(before);
    }
  });

  it('with durability fsync: a write that is not flushed is refused', async () => {
    const fixture = new LogFixture();
    fixture.durability = 'fsync';
    await fixture.open();
    fixture.disk.failNext({ call: 'sync', path: '.log' });
    fixture.append();
    const codes = answers(fixture, 1);
    await fixture.settle();
    expect(codes).to.deep.equal([Errors.KAFKA_STORAGE_ERROR]);
    expect(fixture.log.logEndOffset).to.equal(0);
  });

  it('takes segments back that were begun behind a write that failed', async () => {
    const fixture = await new LogFixture({ segmentBytes: 300 }).open();
    fixture.append({ valueBytes: 100 });
    await fixture.settle();
    fixture.disk.failNext({ call: 'write', path: '00001.log' });
    for (let i = 0; i < 6; i++) fixture.append({ valueBytes: 100, timestamps: [NOW + i] });
    expect(fixture.log.segmentCount).to.be.greaterThan(2);
    await fixture.settle();
    expect([fixture.log.segmentCount, fixture.log.logEndOffset]).to.deep.equal([2, 1]);
  });

  it('does not vouch for a clean shutdown when a flush has failed', async () => {
    const fixture = await new LogFixture().open();
    fixture.append();
    await fixture.settle();
    fixture.disk.failNext({ call: 'sync', path: '.log' });
    await fixture.clock.run(fixture.log.flush().catch(() => undefined));
    await fixture.clock.run(fixture.manager.close());
    expect(fixture.disk.existsSync('/data/.kafka_cleanshutdown')).to.equal(false);
  });
});
