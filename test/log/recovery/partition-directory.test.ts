import { expect } from 'chai';
import { readPartitionDirectory } from '../../../src/log/recovery/partition-directory.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';

describe('the directory of a partition', () => {
  const withFile = (name: string): MemoryDisk => {
    const disk = new MemoryDisk({ nowMs: () => 0 });
    disk.makeDirectorySync('/data/t-0');
    disk.writeFileSync(`/data/t-0/${name}`, Buffer.alloc(0));
    return disk;
  };

  it('is refused by the name of its file when offsets in it are beyond 2^53, and not passed over', () => {
    for (const offset of [2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
      const name = `${String(offset).padStart(20, '0')}.log`;
      expect(() => readPartitionDirectory(withFile(name), '/data/t-0'), name)
        .to.throw(`/data/t-0/${name} begins at an offset near or beyond 2^53`)
        .with.property('name', 'UnsupportedOffsetError');
    }
  });

  it('holds segments up to far beyond what a partition ever writes', () => {
    const { segments } = readPartitionDirectory(withFile('00009007190000000000.log'), '/data/t-0');
    expect(segments).to.deep.equal([{ baseOffset: 9_007_190_000_000_000, existing: 1 }]);
  });
});
