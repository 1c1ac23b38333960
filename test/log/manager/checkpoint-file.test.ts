// A checkpoint is written without blocking, and whole or not at all, whatever is begun or befalls it meanwhile.
import { expect } from 'chai';
import { CheckpointFile } from '../../../src/log/manager/checkpoint-file.ts';
import { readOffsets } from '../../../src/log/segments/checkpoints.ts';
import { type Logger, readTextSync } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SeededRandom, SimClock, SimDisk } from '../../../src/runtime/sim/index.ts';
import { LogFixture } from '../log-fixture.ts';

const silent: Logger = { log: () => undefined, child: () => silent };
const NAME = 'recovery-point-offset-checkpoint';
const PATH = `/data/${NAME}`;
const OLD = ['orders 0 1'];
const NEW = ['orders 0 2', 'orders 1 5'];
const textOf = (entries: readonly string[]): string => `0\n${entries.length}\n${entries.join('\n')}\n`;

function oneFile(seed = 1): { clock: SimClock; disk: SimDisk; file: CheckpointFile } {
  const clock = new SimClock({ nextTurn });
  const disk = new SimDisk({ clock, random: new SeededRandom(seed, 'checkpoint') });
  disk.makeDirectorySync('/data');
  disk.syncDirectorySync('/');
  return { clock, disk, file: new CheckpointFile(disk, '/data', NAME) };
}

describe('A checkpoint file', () => {
  it('is replaced in the background, and says the new when that is over', async () => {
    const { clock, disk, file } = oneFile();
    file.replaceSync(OLD);
    const writing = file.replace(NEW);
    expect(readTextSync(disk, PATH)).to.equal(textOf(OLD));
    expect(await clock.run(writing)).to.equal(true);
    expect(readTextSync(disk, PATH)).to.equal(textOf(NEW));
    expect(disk.listSync('/data').map(({ name }) => name)).to.deep.equal([NAME]);
  });

  it('keeps what was begun later', async () => {
    const { clock, disk, file } = oneFile();
    const writing = file.replace(OLD);
    file.replaceSync(NEW);
    expect(await clock.run(writing)).to.equal(false);
    expect(readTextSync(disk, PATH)).to.equal(textOf(NEW));
  });

  it('is left alone once the directory belongs to others', async () => {
    const { clock, disk, file } = oneFile();
    file.replaceSync(OLD);
    const writing = file.replace(NEW);
    file.leave();
    expect(await clock.run(writing)).to.equal(false);
    expect(readTextSync(disk, PATH)).to.equal(textOf(OLD));
  });

  it('is the old one or the new one after a power failure at any instant', async () => {
    const found = new Set<string>();
    for (let calls = 0; calls < 24; calls++) {
      const { clock, disk, file } = oneFile(calls);
      file.replaceSync(OLD);
      let next: SimDisk | undefined;
      disk.crashAfter(calls % 6, () => (next = disk.crash('power')));
      file.replace(NEW).catch(() => undefined);
      await clock.advance(100);
      const left = readTextSync(next ?? disk.crash('power'), PATH) ?? 'nothing';
      expect(left).to.be.oneOf([textOf(OLD), textOf(NEW)]);
      found.add(left);
    }
    expect(found.size).to.equal(2);
  });

  it('is written by the rounds of a broker without a flush that blocks', async () => {
    const fixture = await new LogFixture().open();
    fixture.manager.startTasks();
    fixture.append({});
    await fixture.settle();
    const { disk } = fixture;
    let inBackground = 0;
    let all = 0;
    const background = disk.syncDirectory.bind(disk);
    disk.syncDirectory = (directory) => {
      inBackground += 1;
      return background(directory);
    };
    const sync = disk.syncDirectorySync.bind(disk);
    disk.syncDirectorySync = (directory) => {
      all += 1;
      sync(directory);
    };
    await fixture.clock.advance(10_000);
    const watermarks = readOffsets(disk, '/data/replication-offset-checkpoint', silent);
    expect([...(watermarks ?? [])]).to.deep.equal([[`${fixture.log.topic}-0`, 1]]);
    expect(inBackground).to.be.greaterThan(0);
    expect(all).to.equal(inBackground);
    await fixture.clock.run(fixture.manager.close());
  });
});
