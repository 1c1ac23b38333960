// What is durable after a cut: where the log goes on in a next segment, what was cut off must not come back when the machine loses power.
import { expect } from 'chai';
import type { Durability } from '../../../src/runtime/index.ts';
import { DIRECTORY, LogFixture } from '../log-fixture.ts';

const FIRST = `${DIRECTORY}/00000000000000000000.log`;

/** Two batches that are flushed, of which the second is cut off; the next one does not fit behind the first. */
async function cutAndLeft(durability: Durability): Promise<LogFixture> {
  const fixture = new LogFixture({ segmentBytes: 400 });
  fixture.durability = durability;
  await fixture.open();
  fixture.append({ valueBytes: 100 });
  fixture.append({ valueBytes: 100 });
  await fixture.clock.run(fixture.log.flush());
  await fixture.clock.run(fixture.log.truncateTo(1));
  fixture.append({ valueBytes: 300 });
  return fixture;
}

describe('a log that was cut and goes on in a next segment', () => {
  it('has its cut flushed with what follows it', async () => {
    const fixture = await cutAndLeft('page-cache');
    await fixture.clock.run(fixture.log.flush());
    expect(fixture.log.segmentCount).to.equal(2);
    expect(fixture.disk.durableFileSync(FIRST).length).to.equal(fixture.disk.infoSync(FIRST)?.sizeBytes);
  });

  it('has it on stable storage before what follows it is acknowledged, where all is', async () => {
    const fixture = await cutAndLeft('fsync');
    const isAcknowledged = (): boolean => fixture.log.writtenEndOffset === 2;
    while (!isAcknowledged()) await fixture.clock.step();
    expect(fixture.log.segmentCount).to.equal(2);
    expect(fixture.disk.durableFileSync(FIRST).length).to.equal(fixture.disk.infoSync(FIRST)?.sizeBytes);
  });
});
