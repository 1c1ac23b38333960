// Counts what happens to partitions as the metadata tells it: elections of leaders, and members that leave the in-sync replicas or
// come back (Kafka: ControllerStats, ReplicaManager's IsrShrinksPerSec and IsrExpandsPerSec).
import { type MetadataDelta, MetadataImage, type MetadataPublisher } from '../kraft/metadata/index.ts';

export class PartitionChanges implements MetadataPublisher {
  readonly name = 'metrics';
  elections = 0;
  uncleanElections = 0;
  /** Of partitions that are led here. */
  isrShrinks = 0;
  isrExpands = 0;
  readonly #nodeId: number;
  #image = MetadataImage.empty;

  constructor(nodeId: number) {
    this.#nodeId = nodeId;
  }

  publish(delta: MetadataDelta, image: MetadataImage): void {
    const before = this.#image;
    this.#image = image;
    if (before === MetadataImage.empty) return;
    for (const topic of delta.changedTopics.values()) {
      const former = before.topics.byId.get(topic.id)?.partitions;
      for (const { partition, leader, leaderEpoch, isr } of topic.changedPartitions.values()) {
        const was = former?.[partition];
        if (was === undefined) continue;
        if (leader >= 0 && leaderEpoch > was.leaderEpoch && leader !== was.leader) {
          this.elections += 1;
          if (!was.isr.includes(leader) && !was.elr.includes(leader)) this.uncleanElections += 1;
        }
        if (leader !== this.#nodeId) continue;
        if (isr.length < was.isr.length) this.isrShrinks += 1;
        if (isr.length > was.isr.length) this.isrExpands += 1;
      }
    }
  }
}
