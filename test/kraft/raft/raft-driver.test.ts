import { expect } from 'chai';
import { quickTurn } from '../../quick-turn.ts';
import { type Simulation, simulate } from '../../../src/runtime/sim/index.ts';
import { DEFAULT_FEATURE_LEVELS } from '../../../src/kraft/format/index.ts';
import { QuorumError } from '../../../src/kraft/raft/index.ts';
import {
  MetadataDelta,
  MetadataImage,
  type MetadataPublisher,
  snapshotRecords,
} from '../../../src/kraft/metadata/index.ts';
import { NodeUnderTest } from '../node-under-test.ts';
import { rejected, World } from '../world.ts';

const snapshotNames = (world: World): string[] =>
  world.disk
    .listSync('/data/__cluster_metadata-0')
    .map((entry) => entry.name)
    .filter((name) => name.endsWith('.checkpoint'))
    .sort();

/** The offset of the broker's registration, and the end of the log, after a first start: a record for each feature comes before. */
const BROKER_EPOCH = 7 + DEFAULT_FEATURE_LEVELS.size;
const WRITTEN = BROKER_EPOCH + 3;

describe('the raft driver', () => {
  it('writes on the first start what Kafka writes: leader and voters, bootstrap, controller, broker, unfence', async () => {
    const world = new World();
    const seen: string[][] = [];
    const node = await world.open({ publishers: [recorder(seen)] });
    expect(world.text('/data/__cluster_metadata-0/quorum-state')).to.equal(
      '{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}',
    );
    expect(world.text('/data/__cluster_metadata-0/partition.metadata')).to.equal(
      'version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ',
    );
    await world.run(node.join());
    expect(node.brokerEpoch).to.equal(BROKER_EPOCH);
    expect(node.raft.highWatermark).to.equal(WRITTEN);
    expect(node.raft.quorumInfo).to.deep.include({ leaderId: 1, leaderEpoch: 1, highWatermark: WRITTEN });
    expect(node.raft.quorumInfo.replicas[0]).to.include({ logEndOffset: WRITTEN });
    expect(node.loader.image.configs.get(4, '').get('min.insync.replicas')).to.equal('1');
    expect(seen).to.deep.equal([[], [], [], []]);
    await world.run(node.close());
    expect(world.text('/data/__cluster_metadata-0/leader-epoch-checkpoint')).to.equal('0\n1\n1 0\n');
  });

  it('gathers what is appended while a flush is under way into one batch', async () => {
    const world = new World();
    const node = await world.open();
    await world.run(node.join());
    const before = world.bytes('/data/__cluster_metadata-0/00000000000000000000.log').length;
    await world.run(Promise.all(['a', 'b', 'c', 'd'].map((name) => node.createTopic(name))));
    const log = world.bytes('/data/__cluster_metadata-0/00000000000000000000.log').subarray(before);
    expect(log.readInt32BE(8) + 12).to.equal(log.length);
    expect(log.readInt32BE(57)).to.equal(8);
  });

  it('begins a new epoch at each start and tells the listeners everything again', async () => {
    const world = new World();
    let node = await world.open();
    await world.run(node.join());
    await world.run(node.createTopic('kept', 3));
    for (let epoch = 2; epoch < 5; epoch++) {
      await world.run(node.close());
      node = await world.open();
      expect(node.raft.leadership).to.deep.equal({ epoch, leaderId: 1 });
      expect(node.loader.image.topics.byName.get('kept')?.partitions).to.have.length(3);
    }
  });

  it('refuses a directory whose quorum it is not the only voter of', async () => {
    const world = new World();
    await world.run((await world.open()).close());
    const properties = world
      .text('/data/meta.properties')
      .replace(/directory\.id=.*/, 'directory.id=NMYaTIuGQW-9LTON4Usj4A');
    world.disk.writeFileSync('/data/meta.properties', Buffer.from(properties));
    const error = await rejected(world.open());
    expect(error).to.be.instanceOf(QuorumError);
    expect(error.message).to.match(/not the only voter/);
  });

  it('writes snapshots as the log grows and begins with the latest', async () => {
    const world = new World();
    let node = await world.open({ maxBytesBetweenSnapshots: 2000 });
    await world.run(node.join());
    for (let index = 0; index < 30; index++) await world.run(node.createTopic(`topic-${index}`, 2));
    await world.run(node.snapshots.close());
    const names = snapshotNames(world);
    expect(names.length).to.be.above(3);
    expect(
      world.disk.listSync('/data/__cluster_metadata-0').filter(({ name }) => name.endsWith('.part')),
    ).to.deep.equal([]);
    const before = stateOf(node.loader.image);
    await world.run(node.close());
    world.disk.writeFileSync(
      '/data/__cluster_metadata-0/00000000000000000009-0000000001.checkpoint.part',
      Buffer.from('x'),
    );
    node = await world.open();
    expect(node.raft.latestSnapshot?.endOffset).to.be.above(20);
    expect(stateOf(node.loader.image)).to.deep.equal(before);
    expect(snapshotNames(world)).to.deep.equal(names);
    expect(
      world.disk.listSync('/data/__cluster_metadata-0').filter(({ name }) => name.endsWith('.part')),
    ).to.deep.equal([]);
  });

  it('lets old snapshots and segments go, but never the last snapshot', async () => {
    const world = new World();
    const options = { maxBytesBetweenSnapshots: 3000, retentionBytes: 12_000, segmentBytes: 4096 };
    let node = await world.open(options);
    await world.run(node.join());
    for (let index = 0; index < 60; index++) await world.run(node.createTopic(`topic-${index}`, 2));
    const before = snapshotNames(world).length;
    await world.clock.advance(61_000);
    expect(snapshotNames(world).length).to.be.below(before).and.at.least(1);
    const segments = world.disk.listSync('/data/__cluster_metadata-0').filter(({ name }) => name.endsWith('.log'));
    expect(segments.map(({ name }) => name)).not.to.include('00000000000000000000.log');
    await world.run(node.createTopic('after'));
    const state = stateOf(node.loader.image);
    await world.run(node.close());
    node = await world.open(options);
    expect(stateOf(node.loader.image)).to.deep.equal(state);
  });

  it('leaves an idle disk alone', async () => {
    const world = new World();
    const node = await world.open();
    await world.run(node.join());
    const before = world.bytes('/data/__cluster_metadata-0/00000000000000000000.log').length;
    await world.clock.advance(3_600_000);
    expect(world.bytes('/data/__cluster_metadata-0/00000000000000000000.log').length).to.equal(before);
    expect(node.raft.highWatermark).to.equal(WRITTEN);
  });

  it('resigns when the disk is full, answers so, and goes on when there is room again', async () => {
    const world = new World();
    const node = await world.open();
    await world.run(node.join());
    const { capacityBytes } = world.disk;
    world.disk.capacityBytes = 1;
    const error = await rejected(world.run(node.createTopic('lost')));
    expect(error.code).to.equal(41);
    expect(node.controller.isActive).to.equal(false);
    expect((await rejected(world.run(node.createTopic('too-early')))).code).to.equal(41);
    await world.clock.advance(5000);
    expect(node.controller.isActive).to.equal(false);
    world.disk.capacityBytes = capacityBytes;
    await world.clock.advance(5000);
    expect(node.controller.isActive).to.equal(true);
    await world.run(node.createTopic('found'));
    expect([...node.loader.image.topics.byName.keys()]).to.deep.equal(['found']);
    const state = stateOf(node.loader.image);
    await world.run(node.close());
    expect(stateOf((await world.open()).loader.image)).to.deep.equal(state);
  });

  it('stops and says so when a listener cannot take what is committed', async () => {
    const world = new World();
    const node = await world.open();
    await world.run(node.join());
    node.loader.handleCommit = () => {
      throw new Error('cannot replay');
    };
    const error = await rejected(world.run(node.createTopic('a')));
    expect(error.code).to.equal(41);
    expect(node.faults.map(({ message }) => message)).to.deep.equal(['cannot replay']);
  });
});

describe('crashes of the metadata log', function () {
  this.timeout(60_000);

  for (let seed = 1; seed <= 25; seed++) {
    it(`keeps every topic whose creation was answered, seed ${seed}`, async () => {
      await simulate({ seed, nextTurn: quickTurn }, crashing);
    });
  }
});

/** Creates and deletes topics until the machine fails, starts again, and looks. */
async function crashing(simulation: Simulation): Promise<void> {
  const machine = simulation.machine();
  const { random, clock } = simulation;
  const answered = new Map<string, boolean>();
  const uncertain = new Set<string>();
  let count = 0;
  for (let life = 0; life < 4; life++) {
    const { runtime } = machine;
    const node = await NodeUnderTest.open({ ...runtime, logDirs: ['/data'], maxBytesBetweenSnapshots: 1500 });
    const { byName } = node.loader.image.topics;
    for (const [name, exists] of answered) {
      if (!uncertain.has(name)) {
        if (byName.has(name) !== exists) throw new Error(`${name} should ${exists ? '' : 'not '}exist in life ${life}`);
      }
    }
    for (const name of byName.keys()) if (!answered.has(name)) throw new Error(`${name} was never asked for`);
    uncertain.clear();
    for (const name of answered.keys()) answered.set(name, byName.has(name));
    await node.join();
    const operations: Promise<unknown>[] = [];
    for (let step = 0; step < 12; step++) {
      const names = [...answered.keys()].filter((name) => answered.get(name) === true && !uncertain.has(name));
      const doomed = random.next() < 0.3 ? names[Math.floor(random.next() * names.length)] : undefined;
      const name = doomed ?? `topic-${count++}`;
      uncertain.add(name);
      if (doomed === undefined) answered.set(name, false);
      const operation = doomed === undefined ? node.createTopic(name, 2) : deletion(node, name);
      const done = operation.then(() => {
        answered.set(name, doomed === undefined);
        uncertain.delete(name);
      });
      operations.push(done.catch(() => undefined));
      if (random.next() < 0.5) await Promise.race([done.catch(() => undefined), pause(clock, 5)]);
    }
    machine.crash(random.next() < 0.5 ? 'kill' : 'power');
  }
}

const pause = (clock: { schedule(delayMs: number, action: () => void): unknown }, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.schedule(ms, resolve));

const deletion = (node: NodeUnderTest, name: string): Promise<unknown> =>
  node.controller.deleteTopics(
    { topics: [{ name, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }], topicNames: [], timeoutMs: 1 },
    { apiVersion: 6, sharesFate: false },
  );

function recorder(seen: string[][]): MetadataPublisher {
  return { name: 'recorder', publish: (delta: MetadataDelta) => void seen.push([...delta.changedTopics.keys()]) };
}

const stateOf = (image: MetadataImage): string[] =>
  [...snapshotRecords(image)].map((record) => JSON.stringify(record)).sort();
