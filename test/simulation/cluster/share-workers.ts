// Members of a share group (KIP-932): they are given records, accept them, give them back, refuse them for good, keep them too long, and
// die. What they did is held against what such a group promises: a record comes again until it is done with, and is never lost.
import {
  type AcknowledgeType,
  ClientError,
  type ClusterClient,
  Consumer,
  ShareConsumer,
  type ShareRecord,
} from '../../../src/client/index.ts';
import { Errors, KafkaError } from '../../../src/protocol/index.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { DescribeShareGroupOffsets } from '../../../src/protocol/messages/90-describe-share-group-offsets.ts';
import { delay, type Random, randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import type { FinalLog } from './checks.ts';
import { EndSeen } from './end-seen.ts';
import { DELIVERY_LIMIT, LOCK_MS } from './node-config.ts';
import { ensure, Violation } from './violation.ts';
import { type Bench, clientOf, ORDERS, shortWhileMs } from './workloads.ts';

type SharedRecord = ShareRecord<Uint8Array | null, Uint8Array | null>;
type Said = Exclude<AcknowledgeType, 'renew'>;

/** What is known of one record. */
interface Fate {
  readonly value: string;
  /** The most that a delivery of it was counted as. */
  deliveries: number;
  /** Somebody has said that nobody is to have it any more, whatever was answered. */
  isDoneWith: boolean;
  /** When the broker first said that it has taken that. */
  endedMs: number;
}

/** One consumer of a member, from its making to its end. */
interface Life {
  readonly name: string;
  readonly bornMs: number;
  readonly consumer: ShareConsumer;
}

const GROUP = 'sharers';
const GROUP_RESOURCE = 32;
const NEVER = Number.POSITIVE_INFINITY;
const WATCH_MS = 600;
/** Deliveries that are counted and never seen: the answer, or the member behind it, was lost. */
const MOST_UNSEEN = 5;

export class ShareGroup {
  readonly #bench: Bench;
  readonly #random: Random;
  /** By partition and offset. */
  readonly #fates = new Map<string, Fate>();
  #broken: Violation | undefined;
  #isDone = false;
  readonly #end = new EndSeen();

  constructor(bench: Bench, seed: number) {
    this.#bench = bench;
    this.#random = new SeededRandom(seed, GROUP);
  }

  /** Its first members begin at the first record. Tries until it is so. */
  async prepare(admin: ClusterClient): Promise<void> {
    const configs = [{ name: 'share.auto.offset.reset', configOperation: 0, value: 'earliest' }];
    const resources = [{ resourceType: GROUP_RESOURCE, resourceName: GROUP, configs }];
    const { clock } = this.#bench.runtime;
    for (;;) {
      const answer = await admin
        .askAny(IncrementalAlterConfigs, { resources, validateOnly: false })
        .catch((error: unknown) => this.#bench.tell(`admin: ${String(error)}`));
      // Brokers that have not heard of it yet would let it begin at the end.
      await delay(clock, WATCH_MS);
      if (answer?.responses[0]?.errorCode === Errors.NONE) return;
    }
  }

  /** The work of so many members, until every record is done with. */
  works(members: number): Promise<void>[] {
    const named = Array.from({ length: members }, (_, index) => this.#member(`${GROUP} ${index}`));
    return members === 0 ? [] : [...named, this.#watch()];
  }

  /**
   * S1: every record was accepted, or refused, or handed out as often as may be, and not more often. S2: what is done with does not come
   * to members that come later. S3: what was handed out is what the log has. Throws Violation.
   */
  judge(logs: ReadonlyMap<string, FinalLog>): void {
    if (this.#broken !== undefined) throw this.#broken;
    for (const [place, { value }] of this.#fates) {
      const [partition, offset] = place.split(' ') as [string, string];
      const found = logs.get(`${ORDERS}-${partition}`)?.get(Number(offset));
      ensure(found === value, 'S3', () => `${value} was given at ${place}, where ${found} is`);
    }
    if (!this.#isDone) return;
    for (const [name, log] of logs) {
      const partition = Number(name.slice(ORDERS.length + 1));
      for (const [offset, value] of log) {
        if (!this.#end.reaches(partition, offset)) continue;
        const fate = this.#fates.get(`${partition} ${offset}`);
        const isArchived = (fate?.deliveries ?? 0) >= DELIVERY_LIMIT - MOST_UNSEEN;
        ensure(
          fate !== undefined && (fate.isDoneWith || isArchived),
          'S1',
          () => `${value} at ${offset} of ${name} is passed over: it was given ${fate?.deliveries ?? 0} times`,
        );
      }
    }
  }

  async #member(name: string): Promise<void> {
    for (let life = 0; !this.#isDone; life++) {
      const client = clientOf(this.#bench, name);
      await this.#live(client, `${name}.${life}`);
      await client.close();
      await delay(this.#bench.runtime.clock, this.#random.next() * 300);
    }
  }

  /** One consumer: it leaves in order, or dies with what it has in hand. */
  async #live(client: ClusterClient, name: string): Promise<void> {
    const random = this.#random;
    const acquireMode = random.next() < 0.5 ? 'batch_optimized' : 'record_limit';
    const consumer = new ShareConsumer({
      client,
      group: GROUP,
      topics: [ORDERS],
      acknowledgementMode: 'explicit',
      acquireMode,
      maxWaitMs: 200,
      maxPollRecords: randomInt(random, 1, 12),
    });
    const life = { name, bornMs: this.#bench.runtime.clock.monotonicMs(), consumer };
    const dies = random.next() < 0.4;
    for (let rounds = randomInt(random, 2, 40); rounds > 0 && !this.#isDone; rounds--) {
      try {
        const records = await consumer.poll(500);
        for (const record of records) this.#given(record);
        if (dies && rounds === 1 && !this.#bench.isOver()) return;
        await this.#work(life, records);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        this.#bench.tell(`${name}: ${error.message}`);
        await delay(this.#bench.runtime.clock, 200);
      }
    }
    await consumer.close();
  }

  #given({ partition, offset, value, deliveryCount }: SharedRecord): void {
    const place = `${partition} ${offset}`;
    const text = Buffer.from(value ?? []).toString();
    const fate = this.#fates.get(place) ?? { value: text, deliveries: 0, isDoneWith: false, endedMs: NEVER };
    if (fate.value !== text) this.#broke('S3', `${place} was given as ${fate.value} and as ${text}`);
    if (deliveryCount > DELIVERY_LIMIT) this.#broke('S1', `${place} was given ${deliveryCount} times`);
    fate.deliveries = Math.max(fate.deliveries, deliveryCount);
    this.#fates.set(place, fate);
  }

  /** In the end everything is accepted. */
  async #work(life: Life, records: readonly SharedRecord[]): Promise<void> {
    const { consumer } = life;
    const { clock } = this.#bench.runtime;
    const random = this.#random;
    const isOver = this.#bench.isOver();
    if (!isOver && random.next() < 0.05) await delay(clock, LOCK_MS * (1 + random.next()));
    else await delay(clock, shortWhileMs(random, 400));
    if (!isOver && records.length > 0 && random.next() < 0.1) {
      for (const record of records) consumer.acknowledge(record, 'renew');
      await consumer.commit();
      await delay(clock, random.next() * LOCK_MS);
    }
    const ended = new Map<number, Fate[]>();
    for (const record of records) {
      const said = isOver ? 'accept' : this.#choice();
      consumer.acknowledge(record, said);
      if (said === 'release') continue;
      const fate = this.#fates.get(`${record.partition} ${record.offset}`) as Fate;
      fate.isDoneWith = true;
      ended.set(record.partition, [...(ended.get(record.partition) ?? []), fate]);
    }
    const outcomes = await consumer.commit();
    for (const { partition, error } of outcomes) {
      if (error === undefined) for (const fate of ended.get(partition) ?? []) this.#ended(life, fate);
    }
  }

  /** A member whose lock has run out may be told the same, as of all that lies before where the group begins. */
  #ended({ name, bornMs }: Life, fate: Fate): void {
    if (bornMs > fate.endedMs) this.#broke('S2', `${fate.value} came to ${name} after it was done with`);
    fate.endedMs = Math.min(fate.endedMs, this.#bench.runtime.clock.monotonicMs());
  }

  #broke(promise: string, words: string): void {
    this.#broken ??= new Violation(promise, words);
  }

  #choice(): Said {
    const drawn = this.#random.next();
    return drawn < 0.75 ? 'accept' : drawn < 0.95 ? 'release' : 'reject';
  }

  /** How far the group is, seen from outside, until everything that was written is done with. */
  async #watch(): Promise<void> {
    const { runtime, partitions, isOver, hasWritten } = this.#bench;
    const client = clientOf(this.#bench, `watcher of ${GROUP}`);
    const consumer = new Consumer({ client });
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic: ORDERS, partition }));
    while (!this.#isDone) {
      await delay(runtime.clock, WATCH_MS);
      if (!isOver() || !hasWritten()) continue;
      const nowMs = runtime.clock.monotonicMs();
      try {
        const ends = await consumer.endOffsets(places, { timeoutMs: 4_000 });
        const lags = await this.#lags(client);
        const isWhole = ends.every(({ partition, offset }) => offset === 0 || lags.get(partition) === 0);
        this.#isDone = this.#end.look(isWhole, nowMs, ends);
      } catch (error) {
        if (!(error instanceof ClientError) && !(error instanceof KafkaError)) throw error;
      }
    }
    await client.close();
  }

  /** The offset that it begins at is written before the last records are done with: only the lag counts those (KIP-1226). */
  async #lags(client: ClusterClient): Promise<Map<number, number>> {
    const groups = [{ groupId: GROUP, topics: null }];
    const answer = await client.askCoordinator('group', GROUP, DescribeShareGroupOffsets, { groups });
    if (answer.groups[0]?.errorCode !== Errors.NONE) client.forgetCoordinator('group', GROUP);
    const partitions = answer.groups[0]?.topics[0]?.partitions ?? [];
    return new Map(partitions.map(({ partitionIndex, lag }) => [partitionIndex, Number(lag)]));
  }
}
