// One run of a plan: a cluster and its clients under faults, then healed; held against the promises of E.3. What it finds is a
// Violation; what it did is one number, the same for the same plan.
import { Consumer, type ClusterClient } from '../../../src/client/index.ts';
import { LATEST_METADATA_VERSION } from '../../../src/kraft/metadata/index.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { OffsetFetch } from '../../../src/protocol/messages/09-offset-fetch.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { delay } from '../../../src/runtime/index.ts';
import { SeededRandom, simulate, type Simulation } from '../../../src/runtime/sim/index.ts';
import { checkGroups, checkRead, checkSent, checkTransactions, type FinalLog } from './checks.ts';
import { Cluster } from './cluster.ts';
import { LEARNS_END_MS } from './end-seen.ts';
import { CLIENTS, Faults } from './faults.ts';
import { History } from './history.ts';
import { Invariants } from './invariants.ts';
import { brokersOf, controllersOf, nameOf } from './node-config.ts';
import { type ClusterPlan, nodesOf } from './plan.ts';
import { RareWays } from './rare-ways.ts';
import { ShareGroup } from './share-workers.ts';
import { TraceHash } from './trace-hash.ts';
import { turn } from './turn.ts';
import { VoterChanges } from './voter-changes.ts';
import { ensure, Violation } from './violation.ts';
import { WorkGroup } from './workers.ts';
import * as work from './workloads.ts';

export interface Outcome {
  readonly hash: string;
  readonly violation: Violation | undefined;
  readonly events: number;
  readonly virtualMs: number;
  readonly acked: number;
  /** Epochs of the quorum, and of partitions, that have had a leader. */
  readonly elections: number;
  readonly leaderEpochs: number;
}

/** In the healed phase everything comes to its end within this virtual time. */
const HEALED_MS = 90_000;
const START_MS = 60_000;

export async function run(plan: ClusterPlan, tell: (line: string) => void = () => undefined): Promise<Outcome> {
  // In what an event of Node's has called, nextTick comes before promises: see turn.
  await Promise.resolve();
  const hash = new TraceHash();
  let events = 0;
  let world: World | undefined;
  let virtualMs = 0;
  const happened = (atMs: number, order: number): void => {
    events++;
    virtualMs = atMs;
    hash.number(atMs);
    hash.number(order);
    world?.invariants.check();
  };
  const options = {
    seed: plan.seed,
    nextTurn: turn,
    trace: (line: string) => {
      hash.text(line);
      world?.invariants.diskChanged();
    },
    happened,
    rare: new RareWays(plan),
  };
  let violation: Violation | undefined;
  try {
    await simulate(options, async (simulation) => {
      world = new World(simulation, plan, (line) => {
        hash.line(line);
        tell(`${(simulation.clock.monotonicMs() / 1000).toFixed(3).padStart(8)} ${line}`);
      });
      await world.live();
    });
  } catch (error) {
    violation = violationOf(error);
  }
  const acked = world?.history.sent.filter(({ outcome }) => outcome === 'acked').length ?? 0;
  const { elections = 0, leaderEpochs = 0 } = world?.invariants.stats ?? {};
  return { hash: hash.value, violation, events, virtualMs, acked, elections, leaderEpochs };
}

function violationOf(error: unknown): Violation {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof Violation) return cause;
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new Violation('fault', inner instanceof Error ? (inner.stack ?? inner.message) : String(inner));
}

export class World {
  readonly history = new History();
  readonly invariants: Invariants;
  readonly #simulation: Simulation;
  readonly #plan: ClusterPlan;
  readonly #cluster: Cluster;
  readonly #bench: work.Bench;
  readonly #admin: ClusterClient;
  readonly #changes: VoterChanges;
  readonly #faults: Faults;
  readonly #workGroups: readonly (readonly [WorkGroup, number])[];
  readonly #shareGroup: ShareGroup;
  readonly #tell: (line: string) => void;
  #isOver = false;
  #hasWritten = false;
  #fail: (error: Error) => void = () => undefined;
  readonly #failed: Promise<never>;

  constructor(simulation: Simulation, plan: ClusterPlan, tell: (line: string) => void) {
    this.#simulation = simulation;
    this.#plan = plan;
    this.#tell = tell;
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => undefined);
    this.#cluster = new Cluster(simulation, plan, {
      fault: (node, words) => this.#fail(new Violation('fault', `${nameOf(node)}: ${words}`)),
      log: (node, line) => tell(`${nameOf(node)} ${line}`),
    });
    this.invariants = new Invariants(this.#cluster, (violation) => this.#fail(violation));
    this.#bench = {
      runtime: simulation.machine(CLIENTS).runtime,
      random: new SeededRandom(plan.seed, 'clients'),
      brokers: brokersOf(plan),
      history: this.history,
      partitions: plan.partitions,
      isOver: () => this.#isOver,
      hasWritten: () => this.#hasWritten,
      tell,
    };
    this.#workGroups = [
      [new WorkGroup(this.#bench, 'classic', plan.seed), plan.workers],
      [new WorkGroup(this.#bench, 'consumer', plan.seed), plan.moderns],
    ];
    this.#shareGroup = new ShareGroup(this.#bench, plan.seed);
    this.#admin = work.clientOf(this.#bench, 'admin');
    this.#changes = new VoterChanges({
      admin: this.#admin,
      clock: simulation.clock,
      ids: controllersOf(plan.topology),
      metadataVersion: plan.metadataVersion ?? LATEST_METADATA_VERSION,
      tell,
    });
    this.#faults = new Faults(simulation, this.#cluster, this.#admin, this.#changes);
  }

  async live(): Promise<void> {
    this.#cluster.start();
    await this.#within(START_MS, 'the cluster starts', this.#createTopics());
    if (this.#plan.sharers > 0) await this.#within(START_MS, 'a config is set', this.#shareGroup.prepare(this.#admin));
    const works = this.#works();
    this.#faults.schedule((fault) => this.#tell(`-- ${JSON.stringify(fault)}`));
    await Promise.race([this.#failed, delay(this.#simulation.clock, this.#plan.safetyMs)]);
    this.#faults.heal();
    this.#tell('-- healed');
    this.#isOver = true;
    await this.#within(HEALED_MS, 'clients come to an end', Promise.all(works));
    await this.#within(HEALED_MS, 'every replica is in sync again', this.#inSync());
    if (this.#plan.topology === 'changing')
      await this.#within(HEALED_MS, 'voters and features are as they were asked for', this.#changes.settled());
    const logs = await this.#within(HEALED_MS, 'everything is read', this.#readAll('read_uncommitted'));
    this.#judge(logs);
    await this.#judgeTransactions();
    await this.#admin.close();
    this.#cluster.stop();
    this.invariants.atEnd();
  }

  #works(): Promise<void>[] {
    const { producers, consumers, transactions, members } = this.#plan;
    const named = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`);
    return [
      this.#write(named(producers, 'p')),
      ...named(consumers, 'c').map((name) => work.read(this.#bench, name)),
      ...named(transactions, 't').map((name) => work.transact(this.#bench, name)),
      ...named(members, 'm').map((name) => work.belong(this.#bench, name)),
      ...(members > 0 ? [work.watchOffsets(this.#bench)] : []),
      ...this.#workGroups.flatMap(([group, count]) => group.works(count)),
      ...this.#shareGroup.works(this.#plan.sharers),
    ];
  }

  async #write(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => work.produce(this.#bench, name)));
    this.#hasWritten = true;
  }

  async #within<T>(durationMs: number, what: string, promise: Promise<T>): Promise<T> {
    let isOver = false;
    const tooLate = delay(this.#simulation.clock, durationMs).then(() => {
      if (!isOver) throw new Violation('liveness', `not within ${durationMs / 1000} s: ${what}`);
      return promise;
    });
    try {
      return await Promise.race([promise, this.#failed, tooLate]);
    } finally {
      isOver = true;
    }
  }

  /** Asked again and again: the first answers come from nodes that do not know each other yet. */
  async #createTopics(): Promise<void> {
    const replicationFactor = brokersOf(this.#plan).length;
    const topics = [
      { name: work.ORDERS, numPartitions: this.#plan.partitions },
      ...(this.#plan.transactions > 0 ? [{ name: work.OUT, numPartitions: work.OUT_PARTITIONS }] : []),
    ].map((topic) => ({ ...topic, replicationFactor, assignments: [], configs: [] }));
    for (;;) {
      const answer = await this.#admin
        .askAny(CreateTopics, { topics, timeoutMs: 2_000, validateOnly: false })
        .catch((error: unknown) => this.#tell(`admin: ${String(error)}`));
      const codes = answer?.topics.map(({ errorCode }) => errorCode) ?? [];
      if (codes.length > 0 && codes.every((code) => code === Errors.NONE || code === Errors.TOPIC_ALREADY_EXISTS))
        return;
      await delay(this.#simulation.clock, 300);
    }
  }

  /** As every broker has it: one that has not heard for long that others lead knows of replicas in sync that are not. */
  async #inSync(): Promise<void> {
    for (;;) {
      const views = brokersOf(this.#plan).map((id) => this.#viewOf(id));
      const areWhole = views.every((view) => view !== '' && view === views[0]);
      if (areWhole && nodesOf(this.#plan).every((id) => this.#cluster.node(id).node !== undefined)) return;
      await delay(this.#simulation.clock, 300);
    }
  }

  /** Who leads what in which epoch; '' where a replica is not in sync. */
  #viewOf(broker: number): string {
    const view: string[] = [];
    for (const { name, partitions } of this.#cluster.node(broker).node?.image.topics.byName.values() ?? []) {
      for (const [index, { leader, leaderEpoch, isr, replicas }] of partitions.entries()) {
        if (leader < 0 || isr.length !== replicas.length) return '';
        view.push(`${name}-${index} ${leader} ${leaderEpoch}`);
      }
    }
    return view.sort().join();
  }

  async #readAll(isolation: 'read_uncommitted' | 'read_committed'): Promise<Map<string, Map<number, string>>> {
    const client = work.clientOf(this.#bench, 'judge');
    const consumer = new Consumer({ client, isolation, maxWaitMs: 100 });
    const logs = new Map<string, Map<number, string>>();
    const topics = new Map([[work.ORDERS, this.#plan.partitions]]);
    if (this.#plan.transactions > 0) topics.set(work.OUT, work.OUT_PARTITIONS);
    const places: { topic: string; partition: number; offset: number }[] = [];
    for (const [topic, partitions] of topics) {
      for (let partition = 0; partition < partitions; partition++) {
        places.push({ topic, partition, offset: 0 });
        logs.set(`${topic}-${partition}`, new Map());
      }
    }
    consumer.assign(places);
    await this.#readToEnd(consumer, logs);
    // A leader that has changed learns by the fetches of its followers how much is committed: what it said may have been too little.
    await delay(this.#simulation.clock, LEARNS_END_MS);
    await this.#readToEnd(consumer, logs);
    await client.close();
    return logs;
  }

  async #readToEnd(consumer: Consumer, logs: ReadonlyMap<string, Map<number, string>>): Promise<void> {
    const open = new Set(logs.keys());
    while (open.size > 0) {
      for (const { topic, partition, offset, value } of await consumer.poll(500)) {
        logs.get(`${topic}-${partition}`)?.set(offset, Buffer.from(value ?? []).toString());
      }
      for (const name of open) {
        const [topic, partition] = name.split('-') as [string, string];
        // A transaction may be open yet: its end, or its time-out, moves the last stable offset to the high watermark.
        const end = consumer.highWatermark(topic, Number(partition));
        if (end !== undefined && (consumer.position(topic, Number(partition)) ?? -1) >= end) open.delete(name);
      }
    }
  }

  #judge(logs: ReadonlyMap<string, FinalLog>): void {
    const orders = new Map([...logs].filter(([name]) => name.startsWith(`${work.ORDERS}-`)));
    checkSent(this.history, orders);
    for (const [reader, read] of this.history.read) {
      if (reader.startsWith('c')) checkRead(reader, read, orders);
      else
        for (const one of read)
          this.#judgeMember(reader, one.offset, one.value, orders.get(`${one.topic}-${one.partition}`));
    }
    checkGroups(this.history);
    for (const [group] of this.#workGroups) group.judge(orders);
    this.#shareGroup.judge(orders);
  }

  #judgeMember(reader: string, offset: number, value: string, log: FinalLog | undefined): void {
    ensure(
      log?.get(offset) === value,
      'D2',
      () => `${reader} has read ${value} at ${offset}, where ${log?.get(offset)} is`,
    );
  }

  async #judgeTransactions(): Promise<void> {
    if (this.#plan.transactions === 0) return;
    const read = this.#readAll('read_committed');
    const logs = await this.#within(HEALED_MS, 'every transaction comes to an end', read);
    const outs = [...logs].filter(([name]) => name.startsWith(`${work.OUT}-`));
    const committed = outs.flatMap(([, log]) => [...log.values()]);
    ensure(new Set(committed).size === committed.length, 'E1', () => 'a record of a transaction is there twice');
    const offsets = await this.#within(HEALED_MS, 'offsets are told', this.#offsets());
    checkTransactions(this.history, new Set(committed), offsets);
  }

  async #offsets(): Promise<Map<string, number>> {
    const offsets = new Map<string, number>();
    const producers = new Set(this.history.transactions.map(({ producer }) => producer));
    for (const producer of producers) {
      const groupId = `group of ${producer}`;
      const groups = [{ groupId, topics: [{ name: work.ORDERS, partitionIndexes: [0] }] }];
      for (;;) {
        const answer = await this.#admin
          .askCoordinator('group', groupId, OffsetFetch, { groups, requireStable: true }, { version: 8 })
          .catch((error: unknown) => this.#tell(`admin: ${String(error)}`));
        const group = answer?.groups[0];
        const found = group?.topics[0]?.partitions[0];
        if (group?.errorCode === Errors.NONE && found?.errorCode === Errors.NONE) {
          offsets.set(producer, Math.max(0, Number(found.committedOffset)));
          break;
        }
        this.#admin.forgetCoordinator('group', groupId);
        await delay(this.#simulation.clock, 300);
      }
    }
    return offsets;
  }
}
