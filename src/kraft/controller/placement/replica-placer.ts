// Which brokers hold which replicas of new partitions: striped over racks and brokers, no fenced broker first (Kafka:
// StripedReplicaPlacer). Every list is walked from a position that moves on by one with each partition.
import { Errors, KafkaError } from '../../../protocol/index.ts';
import { type Random, randomInt } from '../../../runtime/index.ts';

export interface UsableBroker {
  readonly id: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
}

export interface Placement {
  readonly partitionCount: number;
  readonly replicationFactor: number;
}

/** The replicas of each partition. Throws KafkaError INVALID_REPLICATION_FACTOR. */
export function placeReplicas(
  { partitionCount, replicationFactor }: Placement,
  brokers: readonly UsableBroker[],
  random: Random,
): number[][] {
  const unfencedCount = brokers.filter((broker) => !broker.isFenced).length;
  if (replicationFactor <= 0) {
    throw refused(`Invalid replication factor ${replicationFactor}: the replication factor must be positive.`);
  }
  if (unfencedCount === 0) throw refused('All brokers are currently fenced.');
  if (replicationFactor > brokers.length) {
    throw refused(
      `The target replication factor of ${replicationFactor} cannot be reached because only ${brokers.length} ` +
        'broker(s) are registered or some brokers have all their log directories cordoned.',
    );
  }
  const racks = new RackList(brokers, unfencedCount, random);
  return Array.from({ length: partitionCount }, () => racks.place(replicationFactor));
}

const refused = (message: string): KafkaError => new KafkaError(Errors.INVALID_REPLICATION_FACTOR, message);

/** Brokers of one rack and one kind. Each epoch is one partition; within it every broker is given out once. */
class BrokerList {
  readonly #brokers: number[] = [];
  #epoch = 0;
  #given = 0;
  #offset = 0;

  add(id: number): void {
    this.#brokers.push(id);
  }

  /** Sorted first, so that the random numbers alone decide. */
  shuffle(random: Random): void {
    this.#brokers.sort((one, other) => one - other);
    shuffle(this.#brokers, random);
    this.#epoch = 0;
    this.#given = 0;
    this.#offset = 0;
  }

  next(epoch: number): number | undefined {
    const size = this.#brokers.length;
    if (size === 0) return undefined;
    if (this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#given = 0;
      this.#offset = (this.#offset + 1) % size;
    }
    if (this.#given >= size) return undefined;
    const broker = this.#brokers[(this.#given + this.#offset) % size];
    this.#given++;
    return broker;
  }
}

class Rack {
  readonly unfenced = new BrokerList();
  readonly fenced = new BrokerList();

  next(epoch: number): number | undefined {
    return this.unfenced.next(epoch) ?? this.fenced.next(epoch);
  }
}

class RackList {
  readonly #racks: Rack[];
  readonly #unfencedCount: number;
  readonly #random: Random;
  #epoch = 0;
  #offset = 0;

  constructor(brokers: readonly UsableBroker[], unfencedCount: number, random: Random) {
    const racks = new Map<string | null, Rack>();
    for (const { id, rack, isFenced } of brokers) {
      let list = racks.get(rack);
      if (list === undefined) racks.set(rack, (list = new Rack()));
      (isFenced ? list.fenced : list.unfenced).add(id);
    }
    this.#racks = [...racks].sort(([one], [other]) => ((one ?? '') < (other ?? '') ? -1 : 1)).map(([, rack]) => rack);
    this.#unfencedCount = unfencedCount;
    this.#random = random;
    this.#shuffle();
  }

  place(replicationFactor: number): number[] {
    // After as many partitions as there are brokers the assignments would repeat.
    if (this.#epoch === this.#unfencedCount && this.#unfencedCount > 1) {
      this.#shuffle();
      this.#epoch = 0;
    }
    if (this.#offset >= this.#racks.length) this.#offset = 0;
    const replicas: number[] = [];
    let leaderRack = this.#offset;
    for (;;) {
      const leader = (this.#racks[leaderRack] as Rack).unfenced.next(this.#epoch);
      if (leader !== undefined) {
        replicas.push(leader);
        break;
      }
      leaderRack = (leaderRack + 1) % this.#racks.length;
    }
    // The rack of the leader has had its turn in the first round.
    let skip = leaderRack;
    for (let rack = this.#offset; replicas.length < replicationFactor; rack = (rack + 1) % this.#racks.length) {
      if (rack === skip) {
        skip = -1;
        continue;
      }
      const follower = (this.#racks[rack] as Rack).next(this.#epoch);
      if (follower !== undefined) replicas.push(follower);
    }
    this.#epoch++;
    this.#offset++;
    return replicas;
  }

  #shuffle(): void {
    for (const rack of this.#racks) {
      rack.unfenced.shuffle(this.#random);
      rack.fenced.shuffle(this.#random);
    }
  }
}

function shuffle(list: number[], random: Random): void {
  for (let last = list.length - 1; last > 0; last--) {
    const other = randomInt(random, 0, last + 1);
    [list[last], list[other]] = [list[other] as number, list[last] as number];
  }
}
