// What is due for thousands of logs at once is done in slices: other work has its turns between.
import { expect } from 'chai';
import { DiskError } from '../../../src/runtime/index.ts';
import { LogFixture, NOW, TOPIC_ID } from '../log-fixture.ts';

const MANY = 120;
const DELAY_MS = 60_000;

async function manyLogs(config: object): Promise<LogFixture> {
  const fixture = await new LogFixture({ segmentBytes: 200, fileDeleteDelayMs: DELAY_MS, ...config }).open();
  for (let partition = 0; partition < MANY; partition++) {
    fixture.use(fixture.manager.createLog({ topic: 'many', topicId: TOPIC_ID, partition, config: fixture.config }));
    for (let i = 0; i < 2; i++) fixture.append({ timestamps: [NOW - 10_000], valueBytes: 100 });
  }
  await fixture.settle();
  return fixture;
}

const logStarts = ({ manager }: LogFixture): number[] =>
  Array.from({ length: MANY }, (_, partition) => manager.getLog('many', partition)?.logStartOffset ?? -1);

/** Each look at the clock takes a while, so that a slice is soon over. */
function slow({ clock }: LogFixture): void {
  const monotonicMs = clock.monotonicMs.bind(clock);
  let lookedMs = 0;
  clock.monotonicMs = () => monotonicMs() + (lookedMs += 1);
}

describe('Many logs at once', () => {
  it('are looked at for what retention takes in slices, and a round is not begun while another goes on', async () => {
    const fixture = await manyLogs({ retentionMs: 5_000 });
    slow(fixture);
    fixture.manager.checkRetention();
    const inFirstSlice = logStarts(fixture).filter((offset) => offset > 0).length;
    expect(inFirstSlice).to.be.within(1, MANY - 1);
    fixture.manager.checkRetention();
    expect(logStarts(fixture).filter((offset) => offset > 0)).to.have.length(inFirstSlice);
    await fixture.settle(1_000);
    expect(logStarts(fixture).every((offset) => offset === 2)).to.equal(true);
    fixture.manager.checkRetention();
    await fixture.settle(DELAY_MS + 1_000);
    expect(fixture.files('/data/many-0').filter((name) => /log|deleted/.test(name))).to.deep.equal([
      '00000000000000000002.log',
    ]);
  });

  it('are removed one after the other once their delay is over', async () => {
    const fixture = await manyLogs({});
    let underWay = 0;
    let most = 0;
    const removeTree = fixture.disk.removeTree.bind(fixture.disk);
    fixture.disk.removeTree = async (path: string) => {
      const isDirectory = path.endsWith('-delete');
      if (isDirectory) most = Math.max(most, ++underWay);
      await removeTree(path);
      if (isDirectory) underWay -= 1;
    };
    for (let partition = 0; partition < MANY; partition++) fixture.manager.deleteLog('many', partition);
    const left = (): number => fixture.disk.listSync('/data').filter(({ name }) => name.endsWith('-delete')).length;
    await fixture.settle(DELAY_MS - 1_000);
    expect(left()).to.equal(MANY);
    await fixture.settle(10_000);
    expect([left(), most]).to.deep.equal([0, 1]);
  });

  it('are removed all the same where one cannot be', async () => {
    const fixture = await manyLogs({});
    for (let partition = 0; partition < 3; partition++) fixture.manager.deleteLog('many', partition);
    const removeTree = fixture.disk.removeTree.bind(fixture.disk);
    fixture.disk.removeTree = (path: string) =>
      /many-1\..*-delete$/.test(path) ? Promise.reject(new DiskError('EIO', path, 'i/o error')) : removeTree(path);
    await fixture.settle(DELAY_MS + 10_000);
    const left = fixture.disk.listSync('/data').filter(({ name }) => name.endsWith('-delete'));
    expect(left.map(({ name }) => name.slice(0, 6))).to.deep.equal(['many-1']);
    expect(fixture.lines.map(({ message }) => message)).to.include('a deleted partition could not be removed');
  });
});
