// Three nodes that replicate some partitions while leaders change, links are cut, and processes and machines die; then all is
// healed and must come together. What was acknowledged by all in-sync replicas is there, once, where it was acknowledged.
import { expect } from 'chai';
import * as batch from '../../../src/protocol/records/index.ts';
import type { AckWaiter, Partition } from '../../../src/replication/index.ts';
import { randomInt } from '../../../src/runtime/random.ts';
import type { Random } from '../../../src/runtime/index.ts';
import type { Simulation } from '../../../src/runtime/sim/index.ts';
import { CommittedLog, readBatches } from './committed-log.ts';
import { ReplicaNode } from './replica-node.ts';
import { ScriptedController } from './scripted-controller.ts';

const NODES = [1, 2, 3] as const;
const PARTITIONS = 2;
const ALL = -1;
/** A check after so much time, at most. */
const STEP_MS = 10;
/** The healed world has so long to come together. */
const HEALED_MS = 60_000;
const CONFIGS = new Map([
  ['replica.lag.time.max.ms', '2000'],
  ['replica.fetch.wait.max.ms', '200'],
  ['replica.fetch.max.bytes', '3000'],
  ['replica.socket.timeout.ms', '1500'],
  ['replica.high.watermark.checkpoint.interval.ms', '300'],
  ['transaction.partition.verification.enable', 'false'],
]);
const TOPIC = { segmentBytes: 4000, indexIntervalBytes: 500, minInsyncReplicas: 2 };

interface Sent {
  readonly partition: number;
  readonly firstOffset: number;
  readonly bytes: Buffer;
}

interface Producer {
  readonly id: number;
  epoch: number;
  nextSequence: number;
  isOpen: boolean;
}

export class ReplicationWorld {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #controller: ScriptedController;
  readonly #nodes: readonly ReplicaNode[];
  readonly #committed: CommittedLog[] = [];
  readonly #acknowledged: Sent[] = [];
  /** The high watermark that was last seen of each replica, by the partition's object. */
  readonly #seen = new Map<Partition, number>();
  readonly #producers: Producer[][] = [];
  /** Nothing is certain of what lies below: a crash forgets a log start that was not written down. */
  readonly #deletedUpTo: number[] = [];
  #value = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#random = simulation.random;
    this.#controller = new ScriptedController(simulation, PARTITIONS);
    const configs = { entries: CONFIGS, durability: 'page-cache', topic: TOPIC } as const;
    this.#nodes = NODES.map((id) => new ReplicaNode(id, simulation, this.#controller, configs));
    for (let index = 0; index < PARTITIONS; index++) {
      this.#committed.push(new CommittedLog());
      this.#deletedUpTo.push(0);
      this.#producers.push([1, 2].map((id) => ({ id: 10 * index + id, epoch: 0, nextSequence: 0, isOpen: false })));
    }
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.length;
  }

  async live(steps: number): Promise<void> {
    for (const node of this.#nodes) await node.start();
    await this.#pass(300);
    for (let step = 0; step < steps; step++) {
      await this.#step();
      await this.#pass(this.#chance(0.1) ? randomInt(this.#random, 0, 3000) : randomInt(this.#random, 0, 60));
    }
    await this.#heal();
    await this.#comeTogether();
    this.#compare();
    for (const node of this.#nodes) await node.stop();
  }

  async #step(): Promise<void> {
    const dice = this.#random.next();
    if (dice < 0.72) this.#produce(randomInt(this.#random, 0, PARTITIONS));
    else if (dice < 0.8) this.#controller.elect(randomInt(this.#random, 0, PARTITIONS));
    else if (dice < 0.86) this.#disturb();
    else if (dice < 0.9) this.#healLinks();
    else if (dice < 0.93) this.#deleteRecords();
    else if (dice < 0.96) await this.#crash();
    else await this.#restartOne();
  }

  #chance(chance: number): boolean {
    return this.#random.next() < chance;
  }
  #node(id: number): ReplicaNode {
    return this.#nodes[id - 1] as ReplicaNode;
  }
  #pick<T>(list: readonly T[]): T | undefined {
    return list[randomInt(this.#random, 0, Math.max(1, list.length))];
  }

  /** Lets time pass, with a look at everything now and then. */
  async #pass(durationMs: number): Promise<void> {
    const { clock } = this.#simulation;
    const untilMs = clock.monotonicMs() + durationMs;
    do {
      await new Promise<void>((resolve) => clock.schedule(Math.min(STEP_MS, durationMs), resolve));
      this.#check();
    } while (clock.monotonicMs() < untilMs);
  }

  /** To whoever takes itself for the leader. */
  #produce(index: number): void {
    const leaders = this.#nodes.flatMap((node) => node.partition(index) ?? []).filter(({ isLeader }) => isLeader);
    const partition = this.#pick(leaders);
    if (partition === undefined) return;
    const acks = this.#chance(0.6) ? ALL : 1;
    for (let count = randomInt(this.#random, 1, 4); count > 0; count--) this.#send(index, partition, acks);
  }

  #send(index: number, partition: Partition, acks: number): void {
    if (partition.checkAppend(acks) !== 0) return;
    const producer = this.#chance(0.5) ? this.#pick(this.#producers[index] ?? []) : undefined;
    const isMarker = producer?.isOpen === true && this.#chance(0.4);
    const bytes = isMarker ? this.#marker(producer) : this.#batch(producer);
    const { leaderEpoch } = partition;
    const origin = isMarker ? 'coordinator' : 'client';
    const now = this.#simulation.clock.nowMs();
    const info = partition.append(bytes, { origin, leaderEpoch, now, validation: 'header', guard: undefined });
    if (info.errorCode !== 0) return this.#beginAnew(producer);
    const sent: Sent = { partition: index, firstOffset: info.firstOffset, bytes: Buffer.from(bytes) };
    const waiter: AckWaiter = {
      acknowledged: (_slot, code) => {
        if (code !== 0) this.#beginAnew(producer);
        else if (acks === ALL) this.#acknowledged.push(sent);
      },
    };
    partition.awaitAck(info.lastOffset + 1, acks, waiter, 0);
  }

  /** What became of its last batch is not known: the next epoch begins with the first sequence. */
  #beginAnew(producer: Producer | undefined): void {
    if (producer === undefined) return;
    producer.epoch += 1;
    producer.nextSequence = 0;
    producer.isOpen = false;
  }

  #batch(producer: Producer | undefined): Buffer {
    const timestamp = this.#simulation.clock.nowMs();
    const records = Array.from({ length: randomInt(this.#random, 1, 5) }, () => ({
      key: Buffer.from(`k${this.#value % 7}`),
      value: Buffer.alloc(randomInt(this.#random, 4, 200), `${this.#value++} `),
      timestamp,
    }));
    if (producer === undefined) return batch.buildBatch(records);
    const baseSequence = producer.nextSequence;
    producer.nextSequence += records.length;
    producer.isOpen ||= this.#chance(0.4);
    const { id: producerId, epoch: producerEpoch, isOpen: isTransactional } = producer;
    return batch.buildBatch(records, { producerId, producerEpoch, baseSequence, isTransactional });
  }

  #marker(producer: Producer): Buffer {
    producer.isOpen = false;
    return batch.buildEndTransactionMarker({
      isCommit: this.#chance(0.5),
      producerId: producer.id,
      producerEpoch: producer.epoch,
      coordinatorEpoch: 1,
      timestamp: this.#simulation.clock.nowMs(),
    });
  }

  #deleteRecords(): void {
    const index = randomInt(this.#random, 0, PARTITIONS);
    const leader = this.#nodes.map((node) => node.partition(index)).find((partition) => partition?.isLeader === true);
    if (leader === undefined) return;
    const { log } = leader;
    const offset = randomInt(this.#random, log.logStartOffset, log.highWatermark + 1);
    this.#deletedUpTo[index] = Math.max(this.#deletedUpTo[index] ?? 0, offset);
    log.deleteRecordsBefore(offset);
    for (const node of this.#nodes) if (node.isUp) node.logs.checkRetention();
  }

  #disturb(): void {
    const { links } = this.#simulation;
    const one = this.#pick(NODES) ?? 1;
    const other = (one % 3) + 1;
    const dice = this.#random.next();
    if (dice < 0.4) links.cut(`node${one}`, `node${other}`);
    else if (dice < 0.7) links.cutOneWay(`node${other}`, `node${one}`);
    else links.slow(`node${one}`, `node${other}`, this.#random.next() * 300);
  }

  #healLinks(): void {
    for (const one of NODES) this.#simulation.links.heal(`node${one}`, `node${(one % 3) + 1}`);
  }

  /** Not all at once, and no machine that alone has what was acknowledged loses its power. */
  async #crash(): Promise<void> {
    const node = this.#pick(this.#nodes.filter(({ isUp }) => isUp));
    if (node === undefined) return;
    const isSafe = this.#controller.partitions.every(
      ({ isr }) => !isr.includes(node.id) || isr.some((id) => id !== node.id && this.#isSound(id)),
    );
    const mode = isSafe && this.#chance(0.5) ? 'power' : 'kill';
    node.crash(mode);
    if (mode === 'kill' && this.#chance(0.5)) await this.#pass(randomInt(this.#random, 0, 400));
    this.#controller.fence(node.id);
  }

  #isSound(id: number): boolean {
    return this.#node(id).isUp && this.#controller.isAlive(id);
  }

  async #restartOne(): Promise<void> {
    const node = this.#pick(this.#nodes.filter(({ isUp }) => !isUp));
    if (node !== undefined) return node.start();
    const running = this.#pick(this.#nodes);
    if (running === undefined || !this.#chance(0.3)) return;
    this.#controller.fence(running.id);
    await this.#pass(100);
    await running.stop();
  }

  async #heal(): Promise<void> {
    this.#healLinks();
    for (const node of this.#nodes) if (!node.isUp) await node.start();
  }

  async #comeTogether(): Promise<void> {
    const untilMs = this.#simulation.clock.monotonicMs() + HEALED_MS;
    while (!this.#isTogether()) {
      if (this.#simulation.clock.monotonicMs() > untilMs) {
        throw new Error(`the healed world does not come together: ${this.#story()}`);
      }
      await this.#pass(50);
    }
  }

  #isTogether(): boolean {
    return this.#controller.partitions.every(({ partition: index, isr }) => {
      const logs = this.#nodes.map((node) => node.partition(index)?.log);
      const end = logs[0]?.logEndOffset;
      return (
        isr.length === NODES.length && logs.every((log) => log?.logEndOffset === end && log?.highWatermark === end)
      );
    });
  }

  #story(): string {
    return this.#controller.partitions
      .map(({ partition: index, leader, leaderEpoch, isr }) => {
        const logs = this.#nodes.map((node) => node.partition(index)?.log);
        const ends = logs.map((log) => `${log?.logStartOffset}-${log?.highWatermark}-${log?.logEndOffset}`);
        return `partition ${index} leader ${leader} epoch ${leaderEpoch} isr ${isr.join()} logs ${ends.join(' ')}`;
      })
      .join('; ');
  }

  #check(): void {
    for (const node of this.#nodes) {
      for (let index = 0; index < PARTITIONS; index++) {
        const partition = node.partition(index);
        if (partition !== undefined) this.#checkReplica(node, index, partition);
      }
    }
  }

  #checkReplica(node: ReplicaNode, index: number, partition: Partition): void {
    const { log } = partition;
    const { highWatermark } = log;
    const who = `node ${node.id}, partition ${index}`;
    const before = this.#seen.get(partition) ?? log.logStartOffset;
    expect(highWatermark, `the high watermark of ${who} goes back`).to.be.at.least(before);
    if (highWatermark > before) this.#committed[index]?.seen(who, log, before, highWatermark);
    this.#seen.set(partition, highWatermark);
    const { isr } = this.#controller.partition(index);
    if (!isr.includes(node.id) || !this.#controller.isAlive(node.id)) return;
    const leader = this.#nodes.map((one) => one.partition(index)).find((one) => one?.isLeader === true);
    expect(log.logEndOffset, `${who} is in sync`).to.be.at.least(leader?.log.highWatermark ?? 0);
  }

  /** All replicas have the same bytes, with the same meaning; and what was acknowledged is among them. */
  #compare(): void {
    for (const { partition: index } of this.#controller.partitions) {
      const logs = this.#nodes.map((node) => (node.partition(index) as Partition).log);
      const start = Math.max(this.#deletedUpTo[index] ?? 0, ...logs.map((log) => log.logStartOffset));
      const [one, ...others] = logs;
      if (one === undefined) throw new Error('no node is there');
      const batches = readBatches(one, start, one.logEndOffset);
      const whole = Buffer.concat(batches);
      for (const other of others) {
        const same = Buffer.concat(readBatches(other, start, other.logEndOffset));
        expect(same.equals(whole), `partition ${index}: ${other.directory} differs`).to.equal(true);
        // A follower that begun anew behind deleted records does not know of transactions that had begun in them.
        if (start === 0) expect(other.lastStableOffset).to.equal(one.lastStableOffset);
      }
      logs.forEach((log, at) => {
        for (const bytes of batches) {
          const offset = Math.max(start, batch.baseOffset(bytes));
          const where = `epoch at ${offset} of partition ${index} on node ${at + 1}`;
          expect(log.epochOf(offset), where).to.equal(batch.partitionLeaderEpoch(bytes));
        }
      });
      this.#compareAcknowledged(index, start, batches);
    }
  }

  #compareAcknowledged(index: number, start: number, batches: readonly Buffer[]): void {
    const byOffset = new Map(batches.map((bytes) => [batch.baseOffset(bytes), bytes]));
    for (const { partition, firstOffset, bytes } of this.#acknowledged) {
      if (partition !== index || batch.lastOffset(bytes) < start) continue;
      const found = byOffset.get(firstOffset);
      expect(found?.equals(bytes), `partition ${index} lacks what was acknowledged at ${firstOffset}`).to.equal(true);
    }
  }
}
