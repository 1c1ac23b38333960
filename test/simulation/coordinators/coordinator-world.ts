// Three nodes with the coordinators of brokers, whose partitions move at any moment: nodes crash and come back, links are cut,
// nodes hear late of what the controller has decided. Held against what producers were told:
//   1. a marker is written only when it is committed that its transaction ends so (what a coordinator has loaded from above the
//      high watermark is not acted on),
//   2. a transaction is committed on all its partitions or on none, its offset among them, and as its producer was told (E3, E4, E5),
//   3. no two producers get one id and epoch; a stable offset never goes back (G2),
//   4. when all is quiet nothing is open, nobody waits, and a coordinator that is loaded elsewhere says the same (G4).
import { MetadataBench } from '../../api-handlers/metadata-bench.ts';
import type { MetadataDelta, MetadataImage } from '../../../src/kraft/metadata/index.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { recordsOf } from '../../../src/protocol/records/index.ts';
import { assert, delay, type Logger, randomInt } from '../../../src/runtime/index.ts';
import type { Simulation } from '../../../src/runtime/sim/index.ts';
import { type MarkerToWrite, ProducerIds } from '../../../src/transaction-coordinator/index.ts';
import { transactionRecordSerde } from '../../../src/transaction-coordinator/transaction-record.ts';
import { PartitionModel } from '../../transaction-coordinator/partition-model.ts';
import { type GroupsWorld, MovingGroups } from './moving-groups.ts';
import { ReplicatedPartition } from './replicated-partition.ts';
import { type BrokerWorld, GONE, OFFSETS, SimBroker, TRANSACTIONS } from './sim-broker.ts';
import { DATA, DATA_PARTITIONS, MovingProducer, type ProducerWorld } from './moving-producer.ts';

const NODES = [1, 2, 3];
const INTERNAL_PARTITIONS = 2;
const QUIET_MS = 60_000;
const PREPARE_COMMIT = 2;
const PREPARE_ABORT = 3;

interface Told {
  readonly delta: MetadataDelta;
  readonly image: MetadataImage;
}

interface Moved {
  readonly leader?: number;
  readonly isr?: number[];
}

export class CoordinatorWorld implements BrokerWorld, ProducerWorld, GroupsWorld {
  readonly simulation: Simulation;
  readonly internal: ReadonlyMap<string, readonly ReplicatedPartition[]>;
  readonly data = Array.from({ length: DATA_PARTITIONS }, () => new PartitionModel());
  readonly producerIds: ProducerIds;
  readonly logger: Logger;
  readonly brokers = new Map<number, SimBroker>();
  readonly failures: string[] = [];
  readonly producers: MovingProducer[];
  readonly groups: MovingGroups;
  isQuiet = false;
  moves = 0;
  readonly #metadata = new MetadataBench();
  readonly #topicIds = new Map<string, string>();
  readonly #history: Told[] = [];
  /** By node: how much of the history it has heard. */
  readonly #heard = new Map<number, number>();
  readonly #deaf = new Set<number>();
  readonly #cut = new Set<string>();
  readonly #syncing = new Set<string>();
  /** Ends that are committed: producer, epoch, and how. */
  readonly #prepared = new Set<string>();
  readonly #read = new Map<ReplicatedPartition, number>();
  readonly #coordinatorEpochs = new Map<string, number>();
  readonly #machines: ReadonlyMap<number, ReturnType<Simulation['machine']>>;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    const { random, clock } = simulation;
    this.#machines = new Map(NODES.map((id) => [id, simulation.machine(`host${id}`)]));
    for (const id of NODES.slice(1)) this.#metadata.addBroker(id);
    this.#metadata.replay([{ type: 'FeatureLevelRecord', version: 0, name: 'transaction.version', featureLevel: 2 }]);
    const internal = new Map<string, ReplicatedPartition[]>();
    for (const topic of [TRANSACTIONS, OFFSETS, DATA]) {
      const count = topic === DATA ? DATA_PARTITIONS : INTERNAL_PARTITIONS;
      this.#topicIds.set(topic, this.#metadata.createTopic(topic, count, [...NODES]));
      if (topic === DATA) continue;
      const partitions = Array.from({ length: count }, (_, index) => new ReplicatedPartition(topic, index, NODES, 1));
      internal.set(topic, partitions);
    }
    this.internal = internal;
    let start = 0;
    this.producerIds = new ProducerIds(async () => {
      await delay(clock, randomInt(random, 0, 20));
      return { start: (start += 10), length: 10 };
    });
    this.logger = {
      log: (level, message, fields) => {
        const text = JSON.stringify(fields ?? {});
        if (level === 'error' || /Assertion|TypeError|RangeError/.test(text)) this.failures.push(`${message} ${text}`);
      },
      child: () => this.logger,
    };
    this.groups = new MovingGroups(this);
    this.producers = ['one', 'two', 'three'].map((id) => new MovingProducer(this, id));
  }

  get random() {
    return this.simulation.random;
  }
  get clock() {
    return this.simulation.clock;
  }

  // -- what nodes ask of the world

  appended(partition: ReplicatedPartition): void {
    this.#sync(partition);
  }

  markerSent({ producerId, producerEpoch, isCommit }: MarkerToWrite): void {
    this.#readCommitted();
    const end = `${producerId} ${producerEpoch} ${isCommit}`;
    if (!this.#prepared.has(end)) this.failures.push(`a marker is written before it is committed that ${end}`);
  }

  async mark(nodeId: number, index: number, marker: MarkerToWrite): Promise<number> {
    await delay(this.clock, randomInt(this.random, 0, 5));
    if (this.#leaderOf(DATA, index) !== nodeId) return Errors.NOT_LEADER_OR_FOLLOWER;
    const key = `${index} ${marker.producerId}`;
    const epoch = this.#coordinatorEpochs.get(key) ?? -1;
    if (marker.coordinatorEpoch < epoch) return Errors.TRANSACTION_COORDINATOR_FENCED;
    const code = (this.data[index] as PartitionModel).mark(marker);
    if (code === Errors.NONE) this.#coordinatorEpochs.set(key, marker.coordinatorEpoch);
    return code;
  }

  #readCommitted(): void {
    for (const partition of this.internal.get(TRANSACTIONS) ?? []) {
      const { committed } = partition;
      for (const { bytes } of committed.slice(this.#read.get(partition) ?? 0)) {
        for (const { key, value } of recordsOf(bytes)) {
          const metadata = key === null ? undefined : transactionRecordSerde.decode(key, value)?.metadata;
          if (metadata?.state !== PREPARE_COMMIT && metadata?.state !== PREPARE_ABORT) continue;
          const { producerId, producerEpoch, state } = metadata;
          this.#prepared.add(`${producerId} ${producerEpoch} ${state === PREPARE_COMMIT}`);
        }
      }
      this.#read.set(partition, committed.length);
    }
  }

  // -- clients

  /** Any node that is up, by which a client looks for another. */
  someBroker(): SimBroker | undefined {
    const up = [...this.brokers.values()].filter(({ isUp }) => isUp);
    return up[randomInt(this.random, 0, up.length)];
  }

  leaderOfData(index: number): SimBroker | undefined {
    return this.brokers.get(this.#leaderOf(DATA, index));
  }

  /** Throws KafkaError NETWORK_EXCEPTION when the node is not there, has gone meanwhile, or its answer was lost. */
  async ask<T>(broker: SimBroker | undefined, request: (broker: SimBroker) => T | Promise<T>): Promise<T> {
    await delay(this.clock, randomInt(this.random, 0, 4));
    if (broker?.isUp !== true) throw new KafkaError(Errors.NETWORK_EXCEPTION);
    const answer = await Promise.race([request(broker), broker.gone]);
    const isLost = answer === GONE || (!this.isQuiet && this.random.next() < 0.02);
    if (isLost) throw new KafkaError(Errors.NETWORK_EXCEPTION);
    return answer;
  }

  // -- the life of the world

  async live(steps: number): Promise<void> {
    for (const id of NODES) await this.#start(id);
    void this.#control();
    for (const producer of this.producers) producer.start();
    this.groups.live().catch((error: unknown) => this.failures.push(String(error)));
    for (let step = 0; step < steps; step++) {
      await delay(this.clock, randomInt(this.random, 10, 250));
      this.#act(this.random.next());
      assert(this.failures.length === 0, this.failures[0] ?? '');
    }
    this.isQuiet = true;
    await delay(this.clock, QUIET_MS);
    await this.#check();
    await this.#moveAll();
  }

  async #start(id: number): Promise<void> {
    const machine = this.#machines.get(id) as ReturnType<Simulation['machine']>;
    const broker = new SimBroker(id, machine, this);
    this.brokers.set(id, broker);
    this.#heard.set(id, this.#history.length);
    await broker.start(this.#history.at(-1)?.image ?? this.#metadata.image);
    for (const partition of this.#allInternal()) this.#sync(partition);
  }

  #act(fate: number): void {
    const { random } = this;
    const node = NODES[randomInt(random, 0, NODES.length)] as number;
    if (fate < 0.35) this.#moveInternal(node);
    else if (fate < 0.45) this.#change(DATA, randomInt(random, 0, DATA_PARTITIONS), { leader: node });
    else if (fate < 0.57) this.#crash(node);
    else if (fate < 0.7) this.#cutFor(node, (node % NODES.length) + 1, randomInt(random, 50, 1_500));
    else if (fate < 0.8) this.#deafen(node, randomInt(random, 50, 800));
  }

  #moveInternal(to: number): void {
    const all = this.#allInternal();
    const partition = all[randomInt(this.random, 0, all.length)] as ReplicatedPartition;
    const { leader, isr } = partition.truth;
    if (leader === to || !isr.includes(to) || this.brokers.get(to)?.isUp !== true) return;
    this.moves++;
    this.#change(partition.topic, partition.index, { leader: to });
  }

  #crash(id: number): void {
    const broker = this.brokers.get(id);
    if (broker?.isUp !== true || [...this.brokers.values()].some(({ isUp }) => !isUp)) return;
    broker.crash();
    this.clock.schedule(randomInt(this.random, 20, 1_500), () => void this.#start(id));
  }

  #cutFor(one: number, other: number, durationMs: number): void {
    const { links } = this.simulation;
    const key = linkOf(one, other);
    if (this.#cut.has(key)) return;
    this.#cut.add(key);
    links.cut(`host${one}`, `host${other}`);
    this.clock.schedule(durationMs, () => {
      this.#cut.delete(key);
      links.heal(`host${one}`, `host${other}`);
      for (const partition of this.#allInternal()) this.#sync(partition);
    });
  }

  #deafen(id: number, durationMs: number): void {
    if (this.#deaf.has(id)) return;
    this.#deaf.add(id);
    this.clock.schedule(durationMs, () => {
      this.#deaf.delete(id);
      this.#tell(id);
    });
  }

  // -- the controller

  async #control(): Promise<void> {
    for (;;) {
      await delay(this.clock, this.isQuiet ? 400 : randomInt(this.random, 20, 120));
      for (const partition of this.#allInternal()) this.#keep(partition);
      for (let index = 0; index < DATA_PARTITIONS; index++) {
        if (this.brokers.get(this.#leaderOf(DATA, index))?.isUp === true) continue;
        const next = this.someBroker();
        if (next !== undefined) this.#change(DATA, index, { leader: next.id });
      }
    }
  }

  /** Elects, and has followers leave and join, as leaders and the controller would. */
  #keep(partition: ReplicatedPartition): void {
    const { leader, isr } = partition.truth;
    const isUp = (id: number): boolean => this.brokers.get(id)?.isUp === true;
    const { topic, index } = partition;
    if (!isUp(leader)) {
      const next = isr.find(isUp);
      if (next !== undefined) this.#change(topic, index, { leader: next, isr: isr.filter((id) => isUp(id)) });
      else if (leader !== -1) this.#change(topic, index, { leader: -1 });
      return;
    }
    const leading = partition.replica(leader);
    if (!leading.isLeader || leading.told.leaderEpoch !== partition.truth.leaderEpoch) return;
    const lost = isr.find((id) => id !== leader && (!isUp(id) || this.#cut.has(linkOf(id, leader))));
    if (lost !== undefined) {
      this.#change(topic, index, { isr: isr.filter((id) => id !== lost) });
      return;
    }
    const joining = NODES.find((id) => !isr.includes(id) && isUp(id) && partition.mayJoin(id));
    if (joining !== undefined) this.#change(topic, index, { isr: [...isr, joining] });
  }

  #change(topic: string, partitionId: number, { leader = -2, isr }: Moved): void {
    const delta = this.#metadata.replay([
      {
        type: 'PartitionChangeRecord',
        version: 2,
        topicId: this.#topicIds.get(topic) as string,
        partitionId,
        isr: isr ?? null,
        leader,
        replicas: null,
        removingReplicas: null,
        addingReplicas: null,
        leaderRecoveryState: -1,
        directories: null,
        eligibleLeaderReplicas: null,
        lastKnownElr: null,
      },
    ]);
    const { image } = this.#metadata;
    const partition = this.internal.get(topic)?.[partitionId];
    const state = image.topics.byName.get(topic)?.partitions[partitionId];
    if (partition !== undefined && state !== undefined) partition.truth = state;
    this.#history.push({ delta, image });
    for (const id of NODES) this.clock.schedule(randomInt(this.random, 0, 40), () => this.#tell(id));
  }

  /** Everything that a node has not heard yet, in order. */
  #tell(id: number): void {
    const broker = this.brokers.get(id);
    if (broker?.isUp !== true || this.#deaf.has(id)) return;
    for (let at = this.#heard.get(id) ?? 0; at < this.#history.length; at++) {
      this.#heard.set(id, at + 1);
      const { delta, image } = this.#history[at] as Told;
      broker.hear(delta, image);
    }
    for (const partition of this.#allInternal()) this.#sync(partition);
  }

  #leaderOf(topic: string, index: number): number {
    return this.#metadata.image.topics.byName.get(topic)?.partitions[index]?.leader ?? -1;
  }

  // -- replication

  #allInternal(): ReplicatedPartition[] {
    return [...this.internal.values()].flat();
  }

  #sync(partition: ReplicatedPartition): void {
    for (const { nodeId } of partition.replicas) this.#syncOne(partition, nodeId);
  }

  #syncOne(partition: ReplicatedPartition, nodeId: number): void {
    const key = `${partition.topic} ${partition.index} ${nodeId}`;
    if (this.#syncing.has(key)) return;
    this.#syncing.add(key);
    this.clock.schedule(randomInt(this.random, 1, 12), () => {
      this.#syncing.delete(key);
      const follower = partition.replica(nodeId);
      const { leader } = follower.told;
      const isReachable =
        this.brokers.get(nodeId)?.isUp === true &&
        this.brokers.get(leader)?.isUp === true &&
        !this.#cut.has(linkOf(nodeId, leader));
      if (!isReachable || leader === nodeId) return;
      // What one follower brings about may be of interest to the others.
      if (partition.fetch(follower, partition.replica(leader))) this.#sync(partition);
    });
  }

  // -- the end

  async #check(): Promise<void> {
    assert(this.failures.length === 0, this.failures[0] ?? '');
    for (const { failures, open } of this.data) {
      assert(failures.length === 0, failures.join());
      assert(open.length === 0, `${open.join()} are open for ever`);
    }
    for (const producer of this.producers) await producer.check();
    await this.groups.check();
    const given = this.producers.flatMap((producer) => producer.given);
    assert(new Set(given).size === given.length, 'two producers have one id and epoch');
  }

  /** Every coordinator is loaded on another node, and says the same. */
  async #moveAll(): Promise<void> {
    const before = await this.#told();
    for (const { topic, index, truth } of this.#allInternal()) {
      assert(truth.isr.length === NODES.length, 'all replicas are in sync again');
      this.#change(topic, index, { leader: (truth.leader % NODES.length) + 1 });
    }
    await delay(this.clock, 5_000);
    const after = await this.#told();
    assert(after === before, `loaded elsewhere it is ${after}, and was ${before}`);
    assert(this.failures.length === 0, this.failures[0] ?? '');
  }

  async #told(): Promise<string> {
    const told: unknown[] = [];
    for (const producer of this.producers) told.push(await producer.describe());
    return JSON.stringify(told);
  }
}

const linkOf = (one: number, other: number): string => `${Math.min(one, other)} ${Math.max(one, other)}`;
