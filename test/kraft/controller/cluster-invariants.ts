// What holds in a cluster whatever was asked of its controllers, in whatever order.
import { expect } from 'chai';
import {
  encodeMetadataRecord,
  isElrEnabled,
  MetadataDelta,
  MetadataImage,
  type MetadataPublisher,
  NO_LEADER,
  type PartitionImage,
  snapshotRecords,
  type TopicImage,
} from '../../../src/kraft/metadata/index.ts';
import { PartitionIndex } from '../../../src/kraft/controller/placement/partition-index.ts';
import type { ModelCluster } from './model-cluster.ts';

/** The records of a snapshot, byte for byte, in the order in which they stand there. */
export const snapshotBytes = (image: MetadataImage): Buffer =>
  Buffer.concat([...snapshotRecords(image)].map((record) => encodeMetadataRecord(record)));

/** Looks on as a publisher does: what it is told has to add up. */
export class Watch implements MetadataPublisher {
  readonly name = 'watch';
  readonly #index = new PartitionIndex(MetadataImage.empty);
  readonly #epochs = new Map<string, readonly [leader: number, partition: number]>();
  readonly #brokerEpochs = new Map<number, readonly [epoch: number, incarnation: string]>();
  readonly #usedEpochs = new Map<number, string>();
  image = MetadataImage.empty;

  publish(delta: MetadataDelta, image: MetadataImage): void {
    this.image = image;
    this.#index.follow(delta);
    for (const topic of delta.changedTopics.values()) {
      for (const [index, { leaderEpoch, partitionEpoch }] of topic.changedPartitions) {
        const key = `${topic.id}-${index}`;
        const [leaderBefore, partitionBefore] = this.#epochs.get(key) ?? [-1, -1];
        expect(partitionEpoch, `partition epoch of ${key}`).to.be.greaterThan(partitionBefore);
        expect(leaderEpoch, `leader epoch of ${key}`).to.be.at.least(leaderBefore);
        this.#epochs.set(key, [leaderEpoch, partitionEpoch]);
      }
    }
    for (const [id, broker] of delta.changedBrokers) {
      if (broker === null) continue;
      const [epoch, incarnation] = this.#brokerEpochs.get(id) ?? [-1, ''];
      if (incarnation !== broker.incarnationId) {
        expect(broker.epoch, `epoch of broker ${id}`).to.be.greaterThan(epoch);
        expect(this.#usedEpochs.has(broker.epoch), `epoch ${broker.epoch} of two incarnations`).to.equal(false);
      }
      this.#usedEpochs.set(broker.epoch, broker.incarnationId);
      this.#brokerEpochs.set(id, [broker.epoch, broker.incarnationId]);
    }
  }

  /** What was counted change by change is what a look at everything counts. */
  checkIndex(): void {
    const counted = new PartitionIndex(this.image);
    const ids = [...this.image.cluster.brokers.keys(), 0, 9];
    const facts = (index: PartitionIndex) => ({
      leaderless: index.leaderless.topicIds().sort(),
      imbalanced: index.imbalanced.topicIds().sort(),
      reassigning: index.reassigning.topicIds().sort(),
      totals: [index.leaderless.total, index.imbalanced.total, index.reassigning.total],
      brokers: ids.map((id) => [
        index.leaderships(id),
        index.inSync(id).total,
        index.inSync(id).topicIds().sort(),
        index.eligible(id).topicIds().sort(),
      ]),
    });
    expect(facts(this.#index)).to.deep.equal(facts(counted));
  }
}

/** C3: who leads, who is in sync, who is eligible. */
export function checkPartitions(image: MetadataImage, minIsrOf: (topic: TopicImage) => number): void {
  const isThere = (id: number): boolean => {
    const broker = image.cluster.brokers.get(id);
    return broker !== undefined && !broker.isFenced && !broker.isInControlledShutdown;
  };
  for (const topic of image.topics.byId.values()) {
    for (const partition of topic.partitions) {
      const faults = faultsOf(partition, { isThere, isElr: isElrEnabled(image.features), minIsr: minIsrOf(topic) });
      expect(faults, `${topic.name}-${partition.partition} ${JSON.stringify(partition)}`).to.deep.equal([]);
    }
  }
}

interface Facts {
  readonly isThere: (id: number) => boolean;
  readonly isElr: boolean;
  readonly minIsr: number;
}

function faultsOf(partition: PartitionImage, { isThere, isElr, minIsr }: Facts): string[] {
  const { replicas, isr, elr, leader, directories, addingReplicas, removingReplicas, lastKnownElr } = partition;
  const faults: string[] = [];
  const check = (holds: boolean, what: string): void => {
    if (!holds) faults.push(what);
  };
  const isWithin = (list: readonly number[]): boolean => list.every((id) => replicas.includes(id));
  check(leader === NO_LEADER || isr.includes(leader), 'the leader is not in sync');
  check(leader === NO_LEADER || isThere(leader), 'the leader is not there');
  check(leader === NO_LEADER || replicas.includes(leader), 'the leader is no replica');
  check(isWithin(isr) && new Set(isr).size === isr.length, 'the ISR is no set of replicas');
  check(new Set(replicas).size === replicas.length, 'a replica twice');
  check(directories.length === replicas.length, 'not a directory for each replica');
  check(isWithin(addingReplicas) && isWithin(removingReplicas), 'a replica comes or goes that is none');
  const isKept = isr.length === 1 && leader === NO_LEADER;
  check(isKept || isr.every(isThere), 'a member of the ISR is not there');
  check(!elr.some((id) => isr.includes(id)), 'in sync and eligible at once');
  check(isr.length > 0 || leader === NO_LEADER, 'nobody is in sync');
  check(isElr || (elr.length === 0 && lastKnownElr.length === 0), 'eligible replicas without the feature');
  // A replica that a cancelled reassignment has taken away may stay among the eligible for a change (as with Apache Kafka).
  check(
    isr.length < minIsr || !elr.some((id) => replicas.includes(id)),
    'eligible replicas beside an ISR that is enough',
  );
  return faults;
}

/** C1: every node has what the log says, and writes the same snapshot of it. */
export function checkImages(cluster: ModelCluster, nodes: readonly number[]): void {
  const replayed = new MetadataDelta(MetadataImage.empty);
  for (const { records } of cluster.log.batches) for (const record of records) replayed.replay(record);
  const expected = replayed.apply(cluster.image.provenance);
  for (const id of nodes) {
    const image = cluster.loaders.get(id)?.image ?? MetadataImage.empty;
    expect(snapshotBytes(image).equals(snapshotBytes(expected)), `the image of node ${id}`).to.equal(true);
  }
}

/** C7: nobody is registered who cannot live with the levels of the cluster. */
export function checkFeatures({ cluster, features }: MetadataImage): void {
  for (const broker of cluster.brokers.values()) {
    for (const [name, level] of features.levels) {
      const range = broker.features.find((feature) => feature.name === name);
      expect(level, `${name} on broker ${broker.id}`).to.be.within(
        range?.minSupportedVersion ?? 0,
        range?.maxSupportedVersion ?? 0,
      );
    }
  }
}
