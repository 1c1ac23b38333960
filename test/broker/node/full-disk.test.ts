// A first start on a disk that is full: whichever write finds it so, the start is refused, and the next one, with room, makes
// a broker of what is there.
import { expect } from 'chai';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { ensureFormatted, formatAdded } from '../../../src/kraft/format/index.ts';
import { DiskError, silentLogger } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { nextTurn, nodeRuntime } from '../../../src/runtime/node/index.ts';
import { type CrashMode, simulate } from '../../../src/runtime/sim/index.ts';

const A = '/disks/a';
const B = '/disks/b';

/** Full from its n-th write on, of which the first half is taken. */
class FillingDisk extends MemoryDisk {
  writesLeft = Number.POSITIVE_INFINITY;

  override store(...args: Parameters<MemoryDisk['store']>): void {
    const [inode, buffers, position, path] = args;
    if (this.writesLeft-- > 0) return super.store(...args);
    const bytes = Buffer.concat(buffers);
    super.store(inode, [bytes.subarray(0, this.writesLeft === -1 ? bytes.length / 2 : 0)], position, path);
    throw new DiskError('ENOSPC', path, 'no space left on device');
  }
}

async function startOn(disk: MemoryDisk, config: Record<string, string>): Promise<BrokerNode> {
  const settings = settingsOf({ port: 0, config: { 'log.dirs': `${A},${B}`, ...config } }, disk);
  const runtime = { ...nodeRuntime({ logger: silentLogger }), disk };
  return BrokerNode.start({ runtime, settings, loggers: new LoggerLevels() });
}

async function refusal(start: Promise<BrokerNode>): Promise<unknown> {
  try {
    await (await start).close();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a first start on a full disk', () => {
  for (const metadataLogDir of [A, B]) {
    it(`is refused, and leaves what the next start can go on with: the metadata in ${metadataLogDir}`, async function () {
      this.timeout(60_000);
      let refusals = 0;
      for (let writes = 0; ; writes++) {
        const disk = new FillingDisk({ nowMs: () => 1_700_000_000_000 });
        const config = { 'metadata.log.dir': metadataLogDir };
        disk.writesLeft = writes;
        const error = await refusal(startOn(disk, config));
        if (disk.writesLeft >= 0) break;
        if (error !== undefined) refusals++;
        disk.writesLeft = Number.POSITIVE_INFINITY;
        const node = await startOn(disk, config);
        expect(node.image.cluster.brokers.get(1)?.directories, `after ${writes} writes`).to.have.length(2);
        await node.controller.send(CreateTopics, {
          topics: [{ name: 't', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
          timeoutMs: 1000,
          validateOnly: false,
        });
        expect(node.image.topics.byName.get('t')?.partitions).to.have.length(2);
        await node.close();
      }
      expect(refusals).to.be.greaterThan(8);
    });
  }
});

describe('formatting, cut off at every change of the disk', () => {
  for (const mode of ['kill', 'power'] as CrashMode[]) {
    for (const metadataLogDir of [A, B]) {
      it(`goes on after ${mode}: the metadata in ${metadataLogDir}`, async () => {
        let cuts = 0;
        while (await formatsAfterCut(mode, metadataLogDir, cuts + 1)) cuts++;
        expect(cuts).to.be.greaterThan(12);
      });
    }
  }
});

/** False: formatting has fewer changes. */
function formatsAfterCut(mode: CrashMode, metadataLogDir: string, cutAt: number): Promise<boolean> {
  let left = cutAt;
  let cutOff: (() => void) | undefined;
  const trace = (): void => {
    if (--left === 0) cutOff?.();
  };
  return simulate({ seed: cutAt, nextTurn, trace }, async (simulation) => {
    const machine = simulation.machine();
    cutOff = () => machine.crash(mode);
    const format = () => {
      const options = {
        disk: machine.disk,
        random: simulation.random,
        nowMs: simulation.clock.nowMs(),
        nodeId: 1,
        logDirs: [A, B],
        metadataLogDir,
        controllerEndpoints: [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9093 }],
      };
      const node = ensureFormatted(options);
      if (node.added.length === 0) return node;
      for (const path of node.added) formatAdded(options, node, path);
      return ensureFormatted(options);
    };
    try {
      format();
    } catch (error) {
      expect(error).to.be.instanceOf(DiskError);
    }
    const isCut = left <= 0;
    cutOff = undefined;
    const node = format();
    expect(node.directories.map(({ path }) => path)).to.deep.equal([A, B]);
    const again = format();
    expect(again).to.deep.equal({ ...node, isFresh: false });
    expect(node.metadataLogDir.path).to.equal(metadataLogDir);
    expect(node.bootstrapRecords.length).to.be.greaterThan(0);
    return isCut;
  });
}

/** From its n-th write to the log of metadata on it fails. */
class BrokenMetadataDisk extends MemoryDisk {
  writesLeft = Number.POSITIVE_INFINITY;

  override store(...args: Parameters<MemoryDisk['store']>): void {
    const path = args[3];
    if (path.includes('/__cluster_metadata-0/') && path.endsWith('.log') && this.writesLeft-- <= 0) {
      throw new DiskError('EIO', path, 'input/output error');
    }
    super.store(...args);
  }
}

describe('a start whose log of metadata fails', () => {
  it('names the disk, whatever else goes wrong for it', async function () {
    this.timeout(60_000);
    let refusals = 0;
    for (let writes = 0; ; writes++) {
      const disk = new BrokenMetadataDisk({ nowMs: () => 1_700_000_000_000 });
      await (await startOn(disk, {})).close();
      disk.writesLeft = writes;
      const error = await refusal(startOn(disk, {}));
      if (disk.writesLeft >= 0) break;
      if (error === undefined) continue;
      refusals++;
      const { message, cause } = error as Error;
      expect(message, `after ${writes} writes`).to.contain('input/output error');
      expect(error instanceof DiskError || cause instanceof DiskError).to.equal(true);
    }
    expect(refusals).to.be.greaterThan(1);
  });
});
