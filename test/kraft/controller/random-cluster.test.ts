// Whatever brokers and admins ask of the controllers of a cluster, and whenever another controller takes over: the invariants
// hold after each step, every node has the same image, a node that was far behind gets there by a snapshot, and a healed
// cluster has nothing left to do.
import { expect } from 'chai';
import type { MetadataImage } from '../../../src/kraft/metadata/index.ts';
import { decodeMetadataRecord, encodeMetadataRecord, snapshotRecords } from '../../../src/kraft/metadata/index.ts';
import { checkFeatures, checkImages, checkPartitions, snapshotBytes, Watch } from './cluster-invariants.ts';
import { RandomCluster } from './random-cluster.ts';

const SEEDS = Number(process.env['OTTLA_SEEDS'] ?? 200);
const STEPS = 60;

/** As a snapshot that was written and read. */
const asSnapshot = (image: MetadataImage) => {
  const records = [...snapshotRecords(image)].map((record) => decodeMetadataRecord(encodeMetadataRecord(record)));
  const { offset, epoch } = image.provenance;
  return [{ baseOffset: 0, lastOffset: offset, epoch, appendTimestamp: 0, sizeInBytes: 1, records }];
};

async function runSeed(seed: number): Promise<RandomCluster> {
  const world = new RandomCluster(seed);
  const { cluster } = world;
  const watch = new Watch();
  const late = new Watch();
  const [first, , last] = [...cluster.loaders.values()];
  await first?.install([watch]);
  await world.begin();
  await last?.install([late]);
  for (let step = 0; step < STEPS; step++) {
    await world.step();
    checkPartitions(cluster.image, (topic) => world.minIsrOf(topic.name));
    checkFeatures(cluster.image);
    if (step % 20 === 19) {
      cluster.catchUpBySnapshot(103, asSnapshot);
      watch.checkIndex();
      late.checkIndex();
    }
  }
  checkImages(cluster, [101, 102, 103]);
  expect(snapshotBytes(late.image)).to.deep.equal(snapshotBytes(cluster.image));
  await world.heal();
  for (const topic of cluster.image.topics.byName.values()) {
    for (const partition of topic.partitions) {
      expect(partition.leader, `${topic.name}-${partition.partition} after the healing`).to.be.at.least(0);
      expect([...partition.addingReplicas, ...partition.removingReplicas]).to.deep.equal([]);
      expect(partition.isr).to.have.members([...partition.replicas]);
    }
  }
  const blocks = world.producerIds.sort(([one], [other]) => one - other);
  blocks.slice(1).forEach(([start], index) => expect(start).to.be.at.least(blocks[index]?.[1] ?? 0));
  cluster.close();
  return world;
}

describe('a cluster of which anything is asked', function () {
  this.timeout(60_000);

  it(`keeps its invariants over ${SEEDS} seeds`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      try {
        await runSeed(seed);
      } catch (error) {
        if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
  });

  it('goes the same way twice from the same seed', async () => {
    const [one, other] = [await runSeed(7), await runSeed(7)];
    expect(one.trace).to.deep.equal(other.trace);
  });
});
