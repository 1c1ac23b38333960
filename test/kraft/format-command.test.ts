// `ottla format` beside `kafka-storage format` of Apache Kafka 4.3.1: what it says and writes, and what it refuses.
import { expect } from 'chai';
import {
  format,
  type FormatRequest,
  FormatError,
  readBootstrap,
  readMetaProperties,
} from '../../src/kraft/format/index.ts';
import { readBatches } from '../../src/kraft/raft/index.ts';
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { SeededRandom } from '../../src/runtime/sim/index.ts';

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';
const FIRST = '/a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint';
/** Written by kafka-storage 4.3.1 with --standalone, for node 7 at 127.0.0.1:24093. */
const KAFKAS =
  '00000000000000000000009a00000000026cd9852f002000000002000001a2275a0993000001a2275a0993ffffffffffffffffffffffffffff0000000' +
  '32a0000000800000003160000000001a2275a098900001e00000208000000050a000000010000820100000408000000066e00000200000007a152a2cb' +
  'f9e54174be995248552f2073020b434f4e54524f4c4c45520a3132372e302e302e315e1d00000000010000000000000000000000030000003f0000000' +
  '0028a1a894b002000000000000001a2275a09a2000001a2275a09a2ffffffffffffffffffffffffffff000000011a0000000800000004060000' +
  '0000';
const DIRECTORY = 'oVKiy_nlQXS-mVJIVS8gcw';

function requestOf(disk: MemoryDisk, facts: Partial<FormatRequest> = {}): FormatRequest {
  return {
    disk,
    random: new SeededRandom(1),
    nowMs: 1_795_956_500_000,
    nodeId: 7,
    logDirs: ['/a', '/b'],
    metadataLogDir: undefined,
    clusterId: CLUSTER,
    voters: 'this node',
    controllerEndpoints: [{ name: 'CONTROLLER', host: '127.0.0.1', port: 24093 }],
    listenerName: 'CONTROLLER',
    releaseVersion: undefined,
    features: [],
    ignoresFormatted: false,
    ...facts,
  };
}

const levelsOf = (disk: MemoryDisk): Record<string, number> =>
  Object.fromEntries(
    readBootstrap(disk, '/a').map((record) =>
      record.type === 'FeatureLevelRecord' ? [record.name, record.featureLevel] : ['', 0],
    ),
  );

describe('ottla format', () => {
  let disk: MemoryDisk;
  beforeEach(() => {
    disk = new MemoryDisk({ nowMs: () => 0 });
  });

  it('says what kafka-storage says, and writes the first voters as it does', () => {
    const voters = [{ id: 7, host: '127.0.0.1', port: 24093, directoryId: DIRECTORY }];
    expect(format(requestOf(disk, { voters }))).to.deep.equal([
      'Formatting dynamic metadata voter directory /a with metadata.version 4.3-IV0.',
      'Formatting data directory /b with metadata.version 4.3-IV0.',
    ]);
    expect(readMetaProperties(disk, '/a')).to.deep.equal({ clusterId: CLUSTER, nodeId: 7, directoryId: DIRECTORY });
    const controls = (bytes: Uint8Array) =>
      [...readBatches(Buffer.from(bytes))].flatMap(({ controlRecords }) => controlRecords.slice(1));
    expect(controls(disk.readFileSync(FIRST))).to.deep.equal(controls(Buffer.from(KAFKAS, 'hex')));
    expect(disk.readFileSync(FIRST).length).to.equal(KAFKAS.length / 2);
  });

  it('writes no voters where the configuration names them or finds them', () => {
    expect(format(requestOf(disk, { voters: 'nobody' }))[0]).to.equal(
      'Formatting metadata directory /a with metadata.version 4.3-IV0.',
    );
    expect(disk.existsSync(FIRST)).to.equal(false);
    expect(disk.existsSync('/a/bootstrap.checkpoint') && disk.existsSync('/b/bootstrap.checkpoint')).to.equal(true);
  });

  it('gives the features that came with a release, as version-mapping tells them, and those that are asked for', () => {
    const levels = (releaseVersion: string, features: readonly string[] = []) => {
      disk = new MemoryDisk({ nowMs: () => 0 });
      format(requestOf(disk, { releaseVersion, features }));
      return levelsOf(disk);
    };
    expect(levels('3.9-IV0')).to.deep.equal({ 'metadata.version': 21 });
    expect(levels('4.0')).to.deep.equal({ 'metadata.version': 25, 'group.version': 1, 'transaction.version': 2 });
    expect(levels('4.2-IV0')).to.deep.equal({
      'metadata.version': 28,
      'eligible.leader.replicas.version': 1,
      'group.version': 1,
      'share.version': 1,
      'transaction.version': 2,
    });
    expect(levels('3.9-IV0', ['group.version=1'])).to.deep.equal({ 'metadata.version': 21, 'group.version': 1 });
  });

  it('refuses what is formatted, unless it is to be ignored', () => {
    format(requestOf(disk, { logDirs: ['/a'] }));
    expect(() => format(requestOf(disk))).to.throw(FormatError, /^Log directory \/a is already formatted/);
    expect(format(requestOf(disk, { ignoresFormatted: true }))).to.deep.equal([
      'Formatting data directory /b with metadata.version 4.3-IV0.',
    ]);
    expect(format(requestOf(disk, { ignoresFormatted: true }))).to.deep.equal([
      'All of the log directories are already formatted.',
    ]);
    const other = { ignoresFormatted: true, clusterId: 'QvRZTPRKTpWWWaGBYVHQXg' };
    expect(() => format(requestOf(disk, other))).to.throw(FormatError, /belongs to cluster/);
  });

  it('refuses features and releases that there are not', () => {
    const refusal = (facts: Partial<FormatRequest>) => () => format(requestOf(disk, facts));
    expect(refusal({ features: ['nope=1'] })).to.throw(/^Unsupported feature: nope. Supported features are: elig/);
    expect(refusal({ features: ['group.version=7'] })).to.throw(/^No feature:group.version with feature level 7/);
    expect(refusal({ features: ['group.version'] })).to.throw(/^Can't parse feature=level string/);
    expect(refusal({ features: ['kraft.version=0'] })).to.throw(/^Cannot set kraft.version to 0/);
    expect(refusal({ releaseVersion: '9.9' })).to.throw(/9\.9/);
    expect(refusal({ clusterId: '' })).to.throw(/is no cluster id/);
    expect(disk.existsSync('/a')).to.equal(false);
  });
});
