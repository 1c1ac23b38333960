// The marker of a clean shutdown, and what it promises to a start that is killed before it has come to its end.
import { expect } from 'chai';
import { LogDirectory } from '../../../src/log/manager/log-directory.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';

const PATH = '/data';

describe('The marker of a clean shutdown', () => {
  async function claimed(disk: MemoryDisk): Promise<LogDirectory> {
    const directory = await LogDirectory.claim({ disk, logger: silentLogger }, PATH);
    directory.release();
    return directory;
  }

  const promised = ({ isClean, isMetadataClean, previousBrokerEpoch }: LogDirectory): unknown[] => [
    isClean,
    isMetadataClean,
    previousBrokerEpoch,
  ];

  it('tells of partitions, and no more of the log of metadata, once that is written to (seed 100417 at bb99b5cb)', async () => {
    const disk = new MemoryDisk({ nowMs: () => 0 });
    (await claimed(disk)).markClean(7);
    const first = await claimed(disk);
    expect(promised(first)).to.deep.equal([true, true, 7]);
    first.metadataChanges();
    const second = await claimed(disk);
    expect(promised(second)).to.deep.equal([true, false, 7]);
    second.metadataChanges();
    second.takeMarkerAway();
    expect(promised(await claimed(disk))).to.deep.equal([false, false, -1]);
  });

  it('is gone for the next start when the one that set it aside has opened its partitions', async () => {
    const disk = new MemoryDisk({ nowMs: () => 0 });
    (await claimed(disk)).markClean(7);
    const first = await claimed(disk);
    first.metadataChanges();
    first.takeMarkerAway();
    expect(promised(await claimed(disk))).to.deep.equal([false, false, -1]);
    first.markClean(8);
    expect(promised(await claimed(disk))).to.deep.equal([true, true, 8]);
  });

  it('vouches for nothing when another broker has run there meanwhile, which removes the marker that it knows', async () => {
    const disk = new MemoryDisk({ nowMs: () => 0 });
    (await claimed(disk)).markClean(7);
    (await claimed(disk)).metadataChanges();
    disk.removeSync(`${PATH}/.kafka_cleanshutdown`);
    expect(promised(await claimed(disk))).to.deep.equal([false, false, -1]);
  });
});
