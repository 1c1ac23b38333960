import { expect } from 'chai';
import {
  ensureFormatted,
  formatAdded,
  FormatError,
  type FormatOptions,
  readMetaProperties,
} from '../../src/kraft/format/index.ts';
import { snapshotFileName, SnapshotFiles, VoterSet } from '../../src/kraft/raft/index.ts';
import { World } from './world.ts';

const endpoints = [{ name: 'CONTROLLER', host: 'localhost', port: 9093 }];

function optionsOf(world: World, options: Partial<FormatOptions> = {}): FormatOptions {
  const { disk, random } = world;
  const nowMs = world.clock.nowMs();
  return { disk, random, nowMs, nodeId: 1, logDirs: ['/data/a'], controllerEndpoints: endpoints, ...options };
}

const format = (world: World, options: Partial<FormatOptions> = {}) => ensureFormatted(optionsOf(world, options));

/** Kafka's own bytes (Formatter), with other times: MV 30 with all features, and voter 1 at localhost:9093. */
const kafkaZeroCheckpoint =
  '00000000000000000000009a00000000020c4e7624002000000002000001a1fbaac3f3000001a1fbaac3f3ffffffffffffffffffffffffffff' +
  '000000032a0000000800000003160000000001a1fbaac3cb00001e00000208000000050a000000010000820100000408000000066e00000200' +
  '000001a1a2a3a4a5a6a7a8b1b2b3b4b5b6b7b8020b434f4e54524f4c4c45520a6c6f63616c686f73742385000000000100000000000000000000' +
  '00030000003f0000000002f98be425002000000000000001a1fbaac403000001a1fbaac403ffffffffffffffffffffffffffff000000011a0000' +
  '0008000000040600000000';
const kafkaBootstrap =
  '0000000000000000000000470000000002d1d3d36d002000000000000001a1fd80f1f5000001a1fd80f1f5ffffffffffffffffffffffff' +
  'ffff000000012a0000000800000003160000000000000000000000000000000000000001000000f100000000025296492b000000000005' +
  '000001a1fd80f253000001a1fd80f253ffffffffffffffffffffffffffff000000063a000000012e010c00116d657461646174612e7665' +
  '7273696f6e001e00005a000002014e010c0021656c696769626c652e6c65616465722e7265706c696361732e76657273696f6e00010000' +
  '340000040128010c000e67726f75702e76657273696f6e00010000340000060128010c000e73686172652e76657273696f6e0001000038' +
  '000008012c010c001073747265616d732e76657273696f6e000100004000000a0134010c00147472616e73616374696f6e2e7665727369' +
  '6f6e0002000000000000000000070000003f00000000029f968152002000000000000001a1fd80f255000001a1fd80f255ffffffffffff' +
  'ffffffffffffffff000000011a00000008000000040600000000';

describe('formatting', () => {
  it('leaves the files of `format --standalone`, and opens what it has formatted', () => {
    const world = new World();
    const fresh = format(world);
    expect(world.disk.listSync('/data/a').map((entry) => entry.name)).to.have.members([
      '__cluster_metadata-0',
      'bootstrap.checkpoint',
      'meta.properties',
    ]);
    expect(world.disk.listSync('/data/a/__cluster_metadata-0').map((entry) => entry.name)).to.deep.equal([
      snapshotFileName({ endOffset: 0, epoch: 0 }),
    ]);
    expect(fresh.isFresh).to.equal(true);
    const again = format(world);
    expect(again).to.deep.equal({ ...fresh, isFresh: false });
    expect(again.bootstrapRecords).to.deep.equal([
      { type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: 30 },
      { type: 'FeatureLevelRecord', version: 0, name: 'eligible.leader.replicas.version', featureLevel: 1 },
      { type: 'FeatureLevelRecord', version: 0, name: 'group.version', featureLevel: 1 },
      { type: 'FeatureLevelRecord', version: 0, name: 'share.version', featureLevel: 1 },
      { type: 'FeatureLevelRecord', version: 0, name: 'streams.version', featureLevel: 1 },
      { type: 'FeatureLevelRecord', version: 0, name: 'transaction.version', featureLevel: 2 },
    ]);
  });

  it('writes the snapshot of voters byte for byte as Kafka does', () => {
    const world = new World();
    world.disk.makeDirectorySync('/data/s');
    const files = new SnapshotFiles(world.disk, '/data/s');
    const voter = { id: 1, directoryId: 'oaKjpKWmp6ixsrO0tba3uA', endpoints, minKraftVersion: 0, maxKraftVersion: 1 };
    const header = { lastContainedLogTimestamp: 0x1a1fbaac3cb, nowMs: 0x1a1fbaac3f3 };
    files
      .create(
        { endOffset: 0, epoch: 0 },
        {
          ...header,
          controlRecords: [
            { type: 'KRaftVersion', value: { version: 0, kRaftVersion: 1 } },
            { type: 'KRaftVoters', value: new VoterSet([voter]).toRecord() },
          ],
        },
      )
      .freezeSync();
    const ours = world.bytes('/data/s/00000000000000000000-0000000000.checkpoint');
    const kafkas = Buffer.from(kafkaZeroCheckpoint, 'hex');
    expect(ours.length).to.equal(kafkas.length);
    expect(withoutTimes(ours, 166)).to.equal(withoutTimes(kafkas, 166));
    expect(ours.subarray(0, 166).equals(kafkas.subarray(0, 166))).to.equal(true);
  });

  it('writes bootstrap.checkpoint as Kafka does, but for its times', () => {
    const world = new World();
    const levels = new Map([
      ['transaction.version', 2],
      ['share.version', 1],
      ['metadata.version', 30],
      ['streams.version', 1],
      ['group.version', 1],
      ['eligible.leader.replicas.version', 1],
    ]);
    format(world, { featureLevels: levels });
    const ours = world.bytes('/data/a/bootstrap.checkpoint');
    const kafkas = Buffer.from(kafkaBootstrap, 'hex');
    expect(ours.length).to.equal(411);
    for (const at of [0, 83, 336]) {
      ours.fill(0, at + 17, at + 21).fill(0, at + 27, at + 43);
      kafkas.fill(0, at + 17, at + 21).fill(0, at + 27, at + 43);
    }
    expect(ours.toString('hex')).to.equal(kafkas.toString('hex'));
  });

  it('writes meta.properties as a Java properties file', () => {
    const world = new World(1, Date.UTC(2026, 10, 21, 9, 47, 28));
    const { clusterId, directories } = format(world, { clusterId: '4L6g3nShT-eMCtK--X86sw' });
    expect(clusterId).to.equal('4L6g3nShT-eMCtK--X86sw');
    expect(world.text('/data/a/meta.properties')).to.equal(
      `#\n#Sat Nov 21 09:47:28 UTC 2026\nnode.id=1\ndirectory.id=${directories[0]?.directoryId}\nversion=1\n` +
        'cluster.id=4L6g3nShT-eMCtK--X86sw\n',
    );
  });

  it('gives every log directory an id and puts the metadata into the first', () => {
    const world = new World();
    const { directories, metadataLogDir } = format(world, { logDirs: ['/data/a', '/data/b'] });
    expect(directories.map(({ path }) => path)).to.deep.equal(['/data/a', '/data/b']);
    expect(new Set(directories.map(({ directoryId }) => directoryId)).size).to.equal(2);
    expect(metadataLogDir.path).to.equal('/data/a');
    expect(world.disk.existsSync('/data/b/bootstrap.checkpoint')).to.equal(true);
    expect(world.disk.existsSync('/data/b/__cluster_metadata-0')).to.equal(false);
  });

  it('adds a directory to a formatted node when it is asked to, but never a new metadata directory', () => {
    const world = new World();
    const { clusterId } = format(world);
    const logDirs = ['/data/a', '/data/b'];
    const grown = format(world, { logDirs });
    expect(grown.added).to.deep.equal(['/data/b']);
    expect(grown.directories.map(({ path }) => path)).to.deep.equal(['/data/a']);
    expect(world.disk.existsSync('/data/b')).to.equal(false);
    const { directoryId } = formatAdded(optionsOf(world, { logDirs }), grown, '/data/b');
    expect(readMetaProperties(world.disk, '/data/b')?.directoryId).to.equal(directoryId);
    expect(format(world, { logDirs }).added).to.deep.equal([]);
    expect(grown.clusterId).to.equal(clusterId);
    expect(readMetaProperties(world.disk, '/data/b')?.clusterId).to.equal(clusterId);
    expect(() => format(world, { logDirs: ['/data/c', '/data/a'] })).to.throw(FormatError, /not formatted/);
  });

  it('gives an id to a directory that has none', () => {
    const world = new World();
    world.disk.makeDirectorySync('/data/a');
    world.disk.writeFileSync('/data/a/meta.properties', Buffer.from('version=1\ncluster.id=abc\nnode.id=1\n'));
    const { directories } = format(world);
    expect(readMetaProperties(world.disk, '/data/a')?.directoryId).to.equal(directories[0]?.directoryId);
  });

  const refusals: readonly [string, string, RegExp][] = [
    ['version 0', 'version=0\nbroker.id=1\ncluster.id=abc\n', /version 0.*ZooKeeper/],
    ['another node', 'version=1\ncluster.id=abc\nnode.id=2\n', /belongs to node 2.*node\.id is 1/],
    ['an unknown version', 'version=9\ncluster.id=abc\nnode.id=1\n', /has version 9/],
    ['no cluster id', 'version=1\nnode.id=1\n', /no cluster\.id/],
    ['a node id that is none', 'version=1\ncluster.id=abc\nnode.id=one\n', /no valid node\.id/],
  ];
  for (const [what, content, words] of refusals) {
    it(`refuses a meta.properties with ${what} in one clear line`, () => {
      const world = new World();
      world.disk.makeDirectorySync('/data/a');
      world.disk.writeFileSync('/data/a/meta.properties', Buffer.from(content));
      expect(() => format(world)).to.throw(FormatError, words);
    });
  }

  it('refuses directories of different clusters, doubled ids, and a metadata log without meta.properties', () => {
    const world = new World();
    const write = (path: string, text: string) => {
      world.disk.makeDirectorySync(path);
      world.disk.writeFileSync(`${path}/meta.properties`, Buffer.from(text));
    };
    write('/data/a', 'version=1\ncluster.id=abc\nnode.id=1\ndirectory.id=NMYaTIuGQW-9LTON4Usj4A\n');
    write('/data/b', 'version=1\ncluster.id=xyz\nnode.id=1\n');
    write('/data/c', 'version=1\ncluster.id=abc\nnode.id=1\ndirectory.id=NMYaTIuGQW-9LTON4Usj4A\n');
    expect(() => format(world, { logDirs: ['/data/a', '/data/b'] })).to.throw(FormatError, /cluster/);
    expect(() => format(world, { logDirs: ['/data/a', '/data/c'] })).to.throw(FormatError, /same directory\.id/);
    expect(() => format(world, { clusterId: 'other' })).to.throw(FormatError, /belongs to cluster abc/);
    world.disk.makeDirectorySync('/data/d');
    world.disk.makeDirectorySync('/data/d/__cluster_metadata-0');
    world.disk.writeFileSync('/data/d/__cluster_metadata-0/quorum-state', Buffer.from('{}'));
    expect(() => format(world, { logDirs: ['/data/d'] })).to.throw(FormatError, /lost its meta\.properties/);
    world.disk.renameSync(
      '/data/d/__cluster_metadata-0/quorum-state',
      '/data/d/__cluster_metadata-0/00000000000000000000.log',
    );
    expect(() => format(world, { logDirs: ['/data/d'] })).to.throw(FormatError, /lost its meta\.properties/);
  });
});

/** The footer batch from `at` on without checksum and times: the JVM wrote it some milliseconds later. */
function withoutTimes(bytes: Buffer, at: number): string {
  const copy = Buffer.from(bytes.subarray(at));
  copy.fill(0, 17, 21).fill(0, 27, 43);
  return copy.toString('hex');
}
