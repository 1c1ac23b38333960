// A coordinator within this node: made when it is first asked for or, behind the start, when this node leads partitions of
// its internal topic; told which of them it leads, and every change of the metadata. A broker that nobody uses groups on does
// not carry the code of groups.
import type { Coordinator } from '../../coordinator-common/index.ts';
import {
  deltaFromNothing,
  type MetadataDelta,
  MetadataImage,
  type MetadataPublisher,
  type PartitionImage,
} from '../../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../../protocol/index.ts';
import type { Logger } from '../../runtime/index.ts';

export interface CoordinatorHostOptions<C extends Coordinator> {
  readonly nodeId: number;
  /** The internal topic whose partitions say who coordinates what. */
  readonly topic: string;
  readonly logger: Logger;
  /** Loads the room and builds the coordinator; called once, unless it fails. */
  readonly make: () => Promise<C>;
}

interface MetadataChange {
  readonly delta: MetadataDelta;
  readonly image: MetadataImage;
}

export class CoordinatorHost<C extends Coordinator = Coordinator> implements MetadataPublisher {
  readonly name: string;
  readonly #options: CoordinatorHostOptions<C>;
  #image: MetadataImage = MetadataImage.empty;
  #coordinator: C | undefined;
  #making: Promise<C> | undefined;
  /** While the coordinator is being made: the metadata of when that began, and what came after. */
  #before: MetadataImage = MetadataImage.empty;
  #meanwhile: MetadataChange[] = [];
  #isServing = false;
  #areWaitsEnded = false;
  #isClosed = false;

  constructor(options: CoordinatorHostOptions<C>) {
    this.name = `coordinator of ${options.topic}`;
    this.#options = options;
  }

  /** The coordinator, which from then on follows the metadata. Rejects with KafkaError COORDINATOR_NOT_AVAILABLE when the node is closing. */
  coordinator(): Promise<C> {
    this.#making ??= this.#make().catch((error: unknown) => {
      // The next one who asks tries again.
      this.#making = undefined;
      throw error;
    });
    return this.#making;
  }

  /** The coordinator, where it has been made. */
  get made(): C | undefined {
    return this.#coordinator;
  }

  publish(delta: MetadataDelta, image: MetadataImage): void {
    this.#image = image;
    if (this.#coordinator !== undefined) this.#follow(this.#coordinator, delta, image);
    else if (this.#making === undefined) this.#makeIfLeading();
    else this.#meanwhile.push({ delta, image });
  }

  /** Requests are answered: from now on there is time for what can wait. */
  serve(): void {
    this.#isServing = true;
    this.#makeIfLeading();
  }

  endWaits(): void {
    this.#areWaitsEnded = true;
    this.#coordinator?.endWaits();
  }

  close(): void {
    this.#isClosed = true;
    this.#coordinator?.close();
  }

  async #make(): Promise<C> {
    this.#before = this.#image;
    this.#meanwhile = [];
    const coordinator = await this.#options.make();
    if (this.#isClosed) {
      coordinator.close();
      throw new KafkaError(Errors.COORDINATOR_NOT_AVAILABLE, 'The node is closing.');
    }
    this.#coordinator = coordinator;
    // Its first partitions begin with the whole metadata.
    const everything = deltaFromNothing(this.#before);
    coordinator.onMetadata(this.#before, everything);
    this.#lead(coordinator, everything);
    for (const { delta, image } of this.#meanwhile) this.#follow(coordinator, delta, image);
    this.#meanwhile = [];
    if (this.#areWaitsEnded) coordinator.endWaits();
    return coordinator;
  }

  #makeIfLeading(): void {
    if (!this.#isServing || this.#isClosed || this.#making !== undefined) return;
    const { topic, logger } = this.#options;
    const partitions = this.#image.topics.byName.get(topic)?.partitions ?? [];
    if (!partitions.some((partition) => this.#leads(partition))) return;
    this.coordinator().catch((error: unknown) => {
      if (this.#isClosed) return;
      logger.log('error', 'a coordinator could not be started', { topic, error: String(error) });
    });
  }

  /** A partition that is led from now on hears the metadata from before the change when it is loaded, and then the change. */
  #follow(coordinator: C, delta: MetadataDelta, image: MetadataImage): void {
    this.#lead(coordinator, delta);
    coordinator.onMetadata(image, delta);
  }

  #lead(coordinator: C, delta: MetadataDelta): void {
    const { topic: own } = this.#options;
    for (const topic of delta.deletedTopics.values()) {
      if (topic.name !== own) continue;
      for (const { partition } of topic.partitions) coordinator.onResigned(partition);
    }
    for (const topic of delta.changedTopics.values()) {
      if (topic.name !== own) continue;
      for (const partition of topic.changedPartitions.values()) {
        if (this.#leads(partition)) coordinator.onLeader(partition.partition, partition.leaderEpoch);
        else coordinator.onResigned(partition.partition, partition.leaderEpoch);
      }
    }
  }

  #leads({ leader }: PartitionImage): boolean {
    return leader === this.#options.nodeId;
  }
}
