// A controller that is never wrong and never away: it holds the metadata of one topic, has it published on each node after a
// while, and takes or refuses changes of in-sync replicas as Kafka's ReplicationControlManager does.
import {
  deltaFromNothing,
  MetadataDelta,
  MetadataImage,
  type MetadataRecord,
  type PartitionChangeRecord,
  type PartitionImage,
} from '../../../src/kraft/metadata/index.ts';
import { Errors, KafkaError, ZERO_UUID } from '../../../src/protocol/index.ts';
import type {
  AlterPartitionRequest,
  AlterPartitionResponse,
} from '../../../src/protocol/messages/56-alter-partition.ts';
import { randomInt } from '../../../src/runtime/random.ts';
import type { Simulation } from '../../../src/runtime/sim/index.ts';

export const TOPIC = 'orders';
export const TOPIC_ID = 'VA9A0MIcSd-qs8EYDiQibQ';
/** The longest that a node takes to hear of a change. */
const SLOWEST_NEWS_MS = 40;

type AskedChange = AlterPartitionRequest['topics'][number]['partitions'][number];
type Answer = AlterPartitionResponse['topics'][number]['partitions'][number];
type Listener = (delta: MetadataDelta, image: MetadataImage) => void;

const NO_CHANGE: Omit<PartitionChangeRecord, 'partitionId' | 'topicId'> = {
  type: 'PartitionChangeRecord',
  version: 2,
  isr: null,
  leader: -2,
  replicas: null,
  removingReplicas: null,
  addingReplicas: null,
  leaderRecoveryState: -1,
  directories: null,
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
};

interface Subscriber {
  readonly listener: Listener;
  image: MetadataImage;
  readonly waiting: MetadataRecord[][];
  isPlanned: boolean;
}

export class ScriptedController {
  image = MetadataImage.empty;
  readonly #simulation: Simulation;
  readonly #subscribers = new Map<number, Subscriber>();
  #epoch = 100;

  constructor(simulation: Simulation, partitions: number) {
    this.#simulation = simulation;
    const records: MetadataRecord[] = [
      { type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: 30 },
      { type: 'TopicRecord', version: 0, name: TOPIC, topicId: TOPIC_ID },
    ];
    for (let partitionId = 0; partitionId < partitions; partitionId++) {
      const leader = 1 + (partitionId % 3);
      records.push({
        type: 'PartitionRecord',
        version: 2,
        partitionId,
        topicId: TOPIC_ID,
        replicas: [1, 2, 3],
        isr: [1, 2, 3],
        removingReplicas: [],
        addingReplicas: [],
        leader,
        leaderRecoveryState: 0,
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: [ZERO_UUID, ZERO_UUID, ZERO_UUID],
        eligibleLeaderReplicas: null,
        lastKnownElr: null,
      });
    }
    this.#commit(records);
  }

  get partitions(): readonly PartitionImage[] {
    return this.image.topics.byName.get(TOPIC)?.partitions ?? [];
  }
  partition(index: number): PartitionImage {
    return this.partitions[index] as PartitionImage;
  }
  isAlive(brokerId: number): boolean {
    return this.image.cluster.brokers.get(brokerId)?.isFenced === false;
  }
  epochOf(brokerId: number): number {
    return this.image.cluster.brokers.get(brokerId)?.epoch ?? -1;
  }

  /** A node has started: fenced until it is told of all that there is. */
  register(brokerId: number, port: number): number {
    this.fence(brokerId);
    this.#epoch += 1;
    this.#commit([
      {
        type: 'RegisterBrokerRecord',
        version: 4,
        brokerId,
        isMigratingZkBroker: false,
        incarnationId: ZERO_UUID,
        brokerEpoch: this.#epoch,
        endPoints: [{ name: 'PLAINTEXT', host: `node${brokerId}`, port, securityProtocol: 0 }],
        features: [],
        rack: `rack${brokerId}`,
        fenced: true,
        inControlledShutdown: false,
        logDirs: [],
        cordonedLogDirs: null,
      },
    ]);
    return this.#epoch;
  }

  /** Every change from now on, in order; what there is already comes at once. */
  subscribe(brokerId: number, listener: Listener): void {
    const delta = deltaFromNothing(this.image);
    this.#subscribers.set(brokerId, { listener, image: this.image, waiting: [], isPlanned: false });
    listener(delta, this.image);
  }
  unsubscribe(brokerId: number): void {
    this.#subscribers.delete(brokerId);
  }

  unfence(brokerId: number): void {
    this.#commit([this.#fencing(brokerId, -1)]);
    for (const image of this.partitions) {
      if (image.leader === -1 && image.isr.includes(brokerId)) this.#change(image, { leader: brokerId });
    }
  }

  /** The node is not heard of: others lead, and it is in sync nowhere but where it is the last one. */
  fence(brokerId: number): void {
    if (!this.isAlive(brokerId)) return;
    this.#commit([this.#fencing(brokerId, 1)]);
    for (const image of this.partitions) {
      const isr = image.isr.filter((id) => id !== brokerId);
      if (isr.length === image.isr.length) continue;
      const leader = image.leader === brokerId ? this.#anyOf(isr) : -2;
      if (isr.length === 0) this.#change(image, { leader: -1 });
      else this.#change(image, { isr, leader });
    }
  }

  /** Moves the leadership to one who is in sync; it may be the same again. */
  elect(index: number): void {
    const image = this.partition(index);
    const leader = this.#anyOf(image.isr.filter((id) => this.isAlive(id)));
    if (leader >= 0) this.#change(image, { leader });
  }

  #anyOf(ids: readonly number[]): number {
    return ids[randomInt(this.#simulation.random, 0, Math.max(1, ids.length))] ?? -1;
  }

  #fencing(brokerId: number, fenced: number): MetadataRecord {
    const brokerEpoch = this.epochOf(brokerId);
    return {
      type: 'BrokerRegistrationChangeRecord',
      version: 2,
      brokerId,
      brokerEpoch,
      fenced,
      inControlledShutdown: 0,
      logDirs: [],
      cordonedLogDirs: null,
    };
  }

  #change({ partition }: PartitionImage, change: { isr?: number[]; leader?: number }): void {
    const { isr = null, leader = -2 } = change;
    this.#commit([{ ...NO_CHANGE, partitionId: partition, topicId: TOPIC_ID, isr, leader }]);
  }

  async alterPartition(request: AlterPartitionRequest): Promise<AlterPartitionResponse> {
    if (request.brokerEpoch !== this.epochOf(request.brokerId)) throw new KafkaError(Errors.STALE_BROKER_EPOCH);
    const topics = request.topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map((asked) => this.#alter(request.brokerId, asked)),
    }));
    return { errorCode: Errors.NONE, topics };
  }

  #alter(brokerId: number, asked: AskedChange): Answer {
    const image = this.partition(asked.partitionIndex);
    const errorCode = this.#faultOf(brokerId, asked, image);
    const isr = asked.newIsrWithEpochs.map((member) => member.brokerId);
    if (errorCode === Errors.NONE) this.#change(image, { isr });
    const { leader, leaderEpoch, partitionEpoch, isr: committed } = this.partition(asked.partitionIndex);
    return {
      partitionIndex: asked.partitionIndex,
      errorCode,
      leaderId: leader,
      leaderEpoch,
      isr: committed,
      partitionEpoch,
    };
  }

  #faultOf(brokerId: number, asked: AskedChange, image: PartitionImage): number {
    if (asked.leaderEpoch > image.leaderEpoch || asked.partitionEpoch > image.partitionEpoch)
      return Errors.NOT_CONTROLLER;
    if (asked.leaderEpoch < image.leaderEpoch) return Errors.FENCED_LEADER_EPOCH;
    if (image.leader !== brokerId) return Errors.INVALID_REQUEST;
    if (asked.partitionEpoch < image.partitionEpoch) return Errors.INVALID_UPDATE_VERSION;
    const isr = asked.newIsrWithEpochs;
    if (!isr.some((member) => member.brokerId === brokerId)) return Errors.INVALID_REQUEST;
    const isEligible = isr.every(
      ({ brokerId: id, brokerEpoch }) => this.isAlive(id) && (brokerEpoch === -1 || brokerEpoch === this.epochOf(id)),
    );
    return isEligible ? Errors.NONE : Errors.INELIGIBLE_REPLICA;
  }

  #commit(records: MetadataRecord[]): void {
    this.image = this.#applied(this.image, records).image;
    for (const subscriber of this.#subscribers.values()) {
      subscriber.waiting.push(records);
      this.#plan(subscriber);
    }
  }

  #applied(base: MetadataImage, records: readonly MetadataRecord[]): { delta: MetadataDelta; image: MetadataImage } {
    const delta = new MetadataDelta(base);
    for (const record of records) delta.replay(record);
    const offset = base.offset + records.length;
    return { delta, image: delta.apply({ offset, epoch: 1, appendTimeMs: 0, isBatchAligned: true }) };
  }

  /** Some changes reach a node together, others one by one. */
  #plan(subscriber: Subscriber): void {
    if (subscriber.isPlanned) return;
    subscriber.isPlanned = true;
    const { clock, random } = this.#simulation;
    clock.schedule(random.next() * SLOWEST_NEWS_MS, () => {
      subscriber.isPlanned = false;
      const count = randomInt(random, 1, subscriber.waiting.length + 1);
      const { delta, image } = this.#applied(subscriber.image, subscriber.waiting.splice(0, count).flat());
      subscriber.image = image;
      subscriber.listener(delta, image);
      if (subscriber.waiting.length > 0) this.#plan(subscriber);
    });
  }
}
