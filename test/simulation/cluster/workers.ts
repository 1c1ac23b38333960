// Members of groups that work on many records at a time (forEach), by both protocols of groups: they come, go and die, and go on until
// everything that was written is committed. What they did is held against what clients are promised.
import { type AssignorName, ClientError, type ClusterClient, Consumer } from '../../../src/client/index.ts';
import { delay, type Random, randomInt } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import type { FinalLog } from './checks.ts';
import { EndSeen } from './end-seen.ts';
import { ensure, Violation } from './violation.ts';
import { type Bench, clientOf, ORDERS, shortWhileMs } from './workloads.ts';

/** A record in the hands of one member: by one owner of its partition, in the order of beginning. */
interface Handled {
  readonly owner: string;
  readonly lane: string;
  readonly partition: number;
  readonly offset: number;
  readonly begunAt: number;
  /** Infinity: the member died over it, or it is not done yet. */
  endedAt: number;
}

interface SeenCommit {
  readonly partition: number;
  readonly offset: number;
  readonly seenAt: number;
}

const NEVER = Number.POSITIVE_INFINITY;
const ASSIGNORS: readonly (readonly AssignorName[])[] = [['cooperative-sticky'], ['sticky', 'range'], ['range']];
const WATCH_MS = 600;

export class WorkGroup {
  readonly #bench: Bench;
  readonly #group: string;
  readonly #isModern: boolean;
  readonly #random: Random;
  readonly #assignors: readonly AssignorName[];
  readonly #handled: Handled[] = [];
  readonly #commits: SeenCommit[] = [];
  /** What happens first has the lower number. */
  #clock = 0;
  #isDone = false;
  readonly #end = new EndSeen();

  constructor(bench: Bench, kind: 'classic' | 'consumer', seed: number) {
    this.#bench = bench;
    this.#group = `workers of ${kind}`;
    this.#isModern = kind === 'consumer';
    this.#random = new SeededRandom(seed, this.#group);
    this.#assignors = ASSIGNORS[randomInt(this.#random, 0, ASSIGNORS.length)] as AssignorName[];
  }

  /** The work of so many members, until everything is committed. */
  works(members: number): Promise<void>[] {
    const named = Array.from({ length: members }, (_, index) => this.#member(`${this.#group} ${index}`));
    return members === 0 ? [] : [...named, this.#watch()];
  }

  /** H1: every record was handled. H2: nothing was committed before it was. H3: each key was handled in order. Throws Violation. */
  judge(logs: ReadonlyMap<string, FinalLog>): void {
    if (!this.#isDone) return;
    const firstEnds = new Map<string, number>();
    for (const { partition, offset, endedAt } of this.#handled) {
      const name = `${partition} ${offset}`;
      firstEnds.set(name, Math.min(endedAt, firstEnds.get(name) ?? NEVER));
    }
    for (const [place, log] of logs) {
      const partition = Number(place.slice(ORDERS.length + 1));
      for (const [offset, value] of log) {
        if (!this.#end.reaches(partition, offset)) continue;
        const end = firstEnds.get(`${partition} ${offset}`) ?? NEVER;
        ensure(end < NEVER, 'H1', () => `${this.#group}: nobody has handled ${value} at ${offset} of ${place}`);
        for (const commit of this.#commits) {
          if (commit.partition !== partition || commit.offset <= offset) continue;
          ensure(
            end < commit.seenAt,
            'H2',
            () => `${this.#group}: ${commit.offset} of ${place} was committed before ${offset} was handled`,
          );
        }
      }
    }
    this.#judgeOrder();
  }

  #judgeOrder(): void {
    const lasts = new Map<string, Handled>();
    for (const one of this.#handled) {
      const key = `${one.owner} ${one.lane}`;
      const last = lasts.get(key);
      ensure(
        last === undefined || (last.offset < one.offset && last.endedAt < one.begunAt),
        'H3',
        () =>
          `${key}: ${one.offset} was begun at ${one.begunAt}, ${last?.offset} had begun and ended at ${last?.endedAt}`,
      );
      lasts.set(key, one);
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

  /** One consumer: it ends in order, or dies with what it has in hand. */
  async #live(client: ClusterClient, name: string): Promise<void> {
    const random = this.#random;
    const stop = new AbortController();
    const state = { isDead: false, turns: new Map<number, number>() };
    const consumer = this.#consumer(client, (partitions) => {
      for (const partition of partitions) state.turns.set(partition, (state.turns.get(partition) ?? 0) + 1);
    });
    const dies = random.next() < 0.4;
    const timer = this.#bench.runtime.clock.schedule(500 + random.next() * 6_000, () => {
      if (this.#bench.isOver()) return;
      state.isDead = dies;
      if (dies) void client.close();
      stop.abort();
    });
    const by = random.next() < 0.7 ? 'key' : 'partition';
    const options = { concurrency: randomInt(random, 1, 6), by, signal: stop.signal } as const;
    const working = consumer.forEach(options, async ({ partition, offset, key }) => {
      if (state.isDead) return;
      const lane =
        by === 'key' ? `${partition} ${key === null ? offset : Buffer.from(key).toString()}` : `${partition}`;
      const owner = `${name} ${partition}/${state.turns.get(partition) ?? 0}`;
      const one = { owner, lane, partition, offset, begunAt: ++this.#clock, endedAt: NEVER };
      this.#handled.push(one);
      await delay(this.#bench.runtime.clock, shortWhileMs(random, 400));
      if (!state.isDead) one.endedAt = ++this.#clock;
    });
    const ended = this.#whenDone().then(() => stop.abort());
    try {
      await working;
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.#bench.tell(`${name}: ${error.message}`);
    }
    timer.cancel();
    if (!state.isDead) await consumer.close({ timeoutMs: 4_000, group: random.next() < 0.8 ? 'leave' : 'stay' });
    void ended;
  }

  #consumer(client: ClusterClient, assigned: (partitions: readonly number[]) => void): Consumer {
    return new Consumer({
      client,
      group: this.#group,
      topics: [ORDERS],
      ...(this.#isModern
        ? { groupProtocol: 'consumer' as const }
        : { groupProtocol: 'classic' as const, assignors: this.#assignors }),
      autoOffsetReset: 'earliest',
      autoCommitIntervalMs: 400,
      sessionTimeoutMs: 6_000,
      heartbeatIntervalMs: 500,
      maxPollIntervalMs: 4_000,
      maxPollRecords: 20,
      onAssigned: (places) => assigned(places.map(({ partition }) => partition)),
    });
  }

  async #whenDone(): Promise<void> {
    while (!this.#isDone) await delay(this.#bench.runtime.clock, 200);
  }

  /** What is committed, seen from outside, until it is all. */
  async #watch(): Promise<void> {
    const { runtime, partitions } = this.#bench;
    const client = clientOf(this.#bench, `watcher of ${this.#group}`);
    const consumer = new Consumer({ client, group: this.#group });
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic: ORDERS, partition }));
    while (!this.#isDone) {
      await delay(runtime.clock, WATCH_MS);
      const mayBeWhole = this.#bench.isOver() && this.#bench.hasWritten();
      try {
        const committed = await consumer.committed(places, { timeoutMs: 4_000 });
        this.#seen(committed);
        if (!mayBeWhole) continue;
        const nowMs = runtime.clock.monotonicMs();
        const ends = await consumer.endOffsets(places, { timeoutMs: 4_000 });
        const isWhole = ends.every(({ partition, offset }) => {
          return offset === 0 || committed.some((one) => one.partition === partition && one.offset >= offset);
        });
        this.#isDone = this.#end.look(isWhole, nowMs, ends);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
      }
    }
    await client.close();
  }

  #seen(committed: readonly { readonly partition: number; readonly offset: number }[]): void {
    const seenAt = ++this.#clock;
    for (const { partition, offset } of committed) {
      const before = this.#commits.findLast((one) => one.partition === partition)?.offset ?? -1;
      if (offset < before) {
        throw new Violation(
          'G2',
          `${this.#group}: the committed offset of ${partition} went from ${before} to ${offset}`,
        );
      }
      if (offset > before) this.#commits.push({ partition, offset, seenAt });
    }
  }
}
