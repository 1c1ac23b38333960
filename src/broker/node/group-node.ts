// The group coordinator within this node: made when the first group is asked for or, behind the start, when this node leads
// partitions of __consumer_offsets; told which of them it leads, and which topics go. A broker that nobody uses groups on
// does not carry the code of groups.
import { CONSUMER_OFFSETS } from '../../api-handlers/index.ts';
import type { GroupCoordinator } from '../../group-coordinator/index.ts';
import {
  deltaFromNothing,
  type MetadataDelta,
  MetadataImage,
  type MetadataPublisher,
  type PartitionImage,
} from '../../kraft/metadata/index.ts';
import type { Logger } from '../../runtime/index.ts';

export interface GroupNodeOptions {
  readonly nodeId: number;
  readonly logger: Logger;
  /** Loads the room and builds the coordinator; called once. */
  readonly make: () => Promise<GroupCoordinator>;
}

export class GroupNode implements MetadataPublisher {
  readonly name = 'group-coordinator';
  readonly #options: GroupNodeOptions;
  #image: MetadataImage = MetadataImage.empty;
  #coordinator: GroupCoordinator | undefined;
  #making: Promise<GroupCoordinator> | undefined;
  /** Topics that have gone while the coordinator was being made. */
  readonly #deletedMeanwhile = new Set<string>();
  #isServing = false;
  #isClosed = false;

  constructor(options: GroupNodeOptions) {
    this.#options = options;
  }

  /** The coordinator, which from then on follows the metadata. Rejects when the node is closing. */
  coordinator(): Promise<GroupCoordinator> {
    this.#making ??= this.#make().catch((error: unknown) => {
      // The next one who asks tries again.
      this.#making = undefined;
      throw error;
    });
    return this.#making;
  }

  publish(delta: MetadataDelta, image: MetadataImage): void {
    this.#image = image;
    if (this.#coordinator !== undefined) return this.#follow(this.#coordinator, delta);
    if (this.#making === undefined) return this.#makeIfLeading();
    for (const { name } of delta.deletedTopics.values()) this.#deletedMeanwhile.add(name);
  }

  /** Requests are answered: from now on there is time for what can wait. */
  serve(): void {
    this.#isServing = true;
    this.#makeIfLeading();
  }

  /** Members that wait for the others of their group are told to look for another coordinator. */
  endWaits(): void {
    this.#coordinator?.endWaits();
  }

  close(): void {
    this.#isClosed = true;
    this.#coordinator?.close();
  }

  async #make(): Promise<GroupCoordinator> {
    const coordinator = await this.#options.make();
    if (this.#isClosed) {
      coordinator.close();
      throw new Error('the node is closing');
    }
    this.#coordinator = coordinator;
    this.#follow(coordinator, deltaFromNothing(this.#image));
    if (this.#deletedMeanwhile.size > 0) coordinator.topicDeleted(new Set(this.#deletedMeanwhile));
    this.#deletedMeanwhile.clear();
    return coordinator;
  }

  #makeIfLeading(): void {
    if (!this.#isServing || this.#isClosed || this.#making !== undefined) return;
    const partitions = this.#image.topics.byName.get(CONSUMER_OFFSETS)?.partitions ?? [];
    if (!partitions.some((partition) => this.#leads(partition))) return;
    this.coordinator().catch((error: unknown) => {
      if (this.#isClosed) return;
      this.#options.logger.log('error', 'the group coordinator could not be started', { error: String(error) });
    });
  }

  #follow(coordinator: GroupCoordinator, delta: MetadataDelta): void {
    const deleted = new Set<string>();
    for (const topic of delta.deletedTopics.values()) {
      deleted.add(topic.name);
      if (topic.name !== CONSUMER_OFFSETS) continue;
      for (const { partition } of topic.partitions) coordinator.onResigned(partition);
    }
    for (const topic of delta.changedTopics.values()) {
      if (topic.name !== CONSUMER_OFFSETS) continue;
      for (const partition of topic.changedPartitions.values()) {
        if (this.#leads(partition)) coordinator.onLeader(partition.partition, partition.leaderEpoch);
        else coordinator.onResigned(partition.partition);
      }
    }
    if (deleted.size > 0) coordinator.topicDeleted(deleted);
  }

  #leads({ leader }: PartitionImage): boolean {
    return leader === this.#options.nodeId;
  }
}
