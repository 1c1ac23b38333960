// Damage to each file that a start needs: the refusal names it and the way out, or the start does without it.
import { expect } from 'chai';
import { snapshotRecords } from '../../../src/kraft/metadata/index.ts';
import type { NodeUnderTest } from '../node-under-test.ts';
import { rejected, World } from '../world.ts';

const METADATA = '/data/__cluster_metadata-0';

/** A node that has made a topic, written snapshots and been closed. */
async function lived(topics = 3): Promise<World> {
  const world = new World();
  const node = await world.open();
  await world.run(node.join());
  for (let i = 0; i < topics; i++) {
    await createTopic(world, node, `topic-${i}`);
    await world.clock.advance(5);
  }
  await close(world, node);
  return world;
}

const createTopic = (world: World, node: NodeUnderTest, name: string) =>
  world.run(
    node.controller.createTopics({
      topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 1000,
      validateOnly: false,
    }),
  );

const close = (world: World, node: NodeUnderTest) => world.run(node.close());

async function refusal(world: World): Promise<{ name: string; message: string }> {
  const { name, message } = await rejected(world.open());
  return { name, message };
}

function change(world: World, path: string, action: (bytes: Buffer) => Uint8Array): void {
  world.disk.writeFileSync(path, action(world.bytes(path)));
}

const logOf = (world: World): string => `${METADATA}/${firstWith(world, '.log')}`;

function firstWith(world: World, suffix: string): string {
  const names = world.disk.listSync(METADATA).map(({ name }) => name);
  return names.filter((name) => name.endsWith(suffix)).sort()[0] as string;
}

describe('a start on damaged metadata', () => {
  for (const [what, text] of [
    ['zeros', '\0\0\0\0'],
    ['nothing', ''],
    ['an epoch beyond all epochs', '{"leaderId":1,"leaderEpoch":2147483647,"votedId":-1,"data_version":1}'],
    ['a negative epoch', '{"leaderId":1,"leaderEpoch":-7,"votedId":-1,"data_version":1}'],
  ]) {
    it(`is refused with ${what} in quorum-state`, async () => {
      const world = await lived();
      world.disk.writeFileSync(`${METADATA}/quorum-state`, Buffer.from(text as string));
      const { name, message } = await refusal(world);
      expect(name).to.equal('QuorumStateError');
      expect(message).to.match(
        /^\/data\/__cluster_metadata-0\/quorum-state .*Put it back from a copy; where this node is/,
      );
    });
  }

  it('does without quorum-state, as the log has the epoch', async () => {
    const world = await lived();
    world.disk.removeSync(`${METADATA}/quorum-state`);
    const node = await world.open();
    expect(node.loader.image.topics.byName.has('topic-2')).to.equal(true);
    await close(world, node);
  });

  for (const [what, action] of [
    ['noise', (bytes: Buffer) => bytes.fill(0xa5)],
    ['its end cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 20)],
    ['nothing in it', () => Buffer.alloc(0)],
  ] as const) {
    it(`is refused when bootstrap.checkpoint has ${what}`, async () => {
      const world = await lived();
      change(world, '/data/bootstrap.checkpoint', action);
      const { name, message } = await refusal(world);
      expect(name).to.equal('FormatError');
      expect(message).to.match(
        /^\/data\/bootstrap\.checkpoint is damaged \(.*\); .*put it back from a copy, or remove it if/,
      );
    });
  }

  for (const [what, text] of [
    ['a broken escape', 'version=1\\u00\nnode.id=1\n'],
    ['zeros', '\0\0\0\0'],
    ['half of its directory id', 'node.id=1\ndirectory.id=AAAA\nversion=1\ncluster.id=x\n'],
    ['no directory id', 'node.id=1\nversion=1\ncluster.id=x\n'],
    ['control characters in its cluster id', 'node.id=1\nversion=1\ncluster.id=a\u0001b\n'],
  ]) {
    it(`is refused with ${what} in meta.properties`, async () => {
      const world = await lived();
      world.disk.writeFileSync('/data/meta.properties', Buffer.from(text as string));
      const { name, message } = await refusal(world);
      expect(name).to.equal('FormatError');
      expect(message).to.match(/^\/data\/meta\.properties .*: put the file back from a copy$/);
      expect(world.text('/data/meta.properties')).to.equal(text);
    });
  }

  it('is refused when the log is damaged where later writes stand behind, and leaves it as it is', async () => {
    const world = await lived();
    const path = logOf(world);
    change(world, path, (bytes) => bytes.fill(0, 300, 340));
    const damaged = world.bytes(path);
    const { name, message } = await refusal(world);
    expect(name).to.equal('MetadataDamagedError');
    expect(message).to.match(
      /0\.log is damaged at position \d+: .*Put it back from a copy\. .* truncate -s \d+ \/data\/__cl/,
    );
    expect(world.bytes(path).equals(damaged)).to.equal(true);
  });

  it('cuts off what a power failure has left of the last write', async () => {
    const world = await lived();
    change(world, logOf(world), (bytes) => Buffer.concat([bytes, Buffer.alloc(100)]));
    const node = await world.open();
    expect(node.loader.image.topics.byName.has('topic-2')).to.equal(true);
    await close(world, node);
  });

  it('sets a damaged snapshot aside where the log tells the same', async () => {
    const world = await lived();
    const node = await world.open();
    await world.run(node.join());
    await createTopic(world, node, 'last');
    const { provenance } = node.loader.image;
    await world.run(node.raft.writeSnapshot(provenance, snapshotRecords(node.loader.image)));
    await close(world, node);
    const snapshots = (): string[] =>
      world.disk
        .listSync(METADATA)
        .map(({ name }) => name)
        .filter((name) => name.endsWith('.checkpoint'))
        .sort();
    const latest = `${METADATA}/${snapshots().at(-1)}`;
    change(world, latest, (bytes) => bytes.fill(0, 100, 120));
    const again = await world.open();
    expect(again.loader.image.topics.byName.has('last')).to.equal(true);
    expect(world.disk.existsSync(`${latest}.damaged`)).to.equal(true);
    await close(world, again);
  });

  it('is refused when the only snapshot is damaged and the log begins behind it', async () => {
    const world = await lived();
    const node = await world.open();
    const { provenance } = node.loader.image;
    await world.run(node.raft.writeSnapshot(provenance, snapshotRecords(node.loader.image)));
    await close(world, node);
    const names = world.disk.listSync(METADATA).map(({ name }) => name);
    const latest = names
      .filter((name) => name.endsWith('.checkpoint'))
      .sort()
      .at(-1) as string;
    for (const name of names) {
      const isOld = name.endsWith('.checkpoint') ? name !== latest : /^\d{20}\./.test(name);
      if (isOld) world.disk.removeSync(`${METADATA}/${name}`);
    }
    change(world, `${METADATA}/${latest}`, (bytes) => bytes.subarray(0, bytes.length - 10));
    const { name, message } = await refusal(world);
    expect(name).to.equal('MetadataDamagedError');
    expect(message).to.include(`${METADATA}/${latest} is damaged (`);
    expect(message).to.include('Put it back from a copy');
  });
});
