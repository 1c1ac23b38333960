// forEach among members that come, go and are killed, classic and by KIP-848: every record once per commit, order per key kept
// (for-each/ledger.ts says what that is). OTTLA_FOR_EACH_KILLS makes it longer.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Admin, ClusterClient } from '../../src/client/index.ts';
import { type Life, type Told, type Verdict, verdictOn } from '../for-each/ledger.ts';
import { type Suite, type SuiteContext, that } from '../suite.ts';
import { SHORT_SESSIONS } from './kafkajs.ts';

const WORKER = join(import.meta.dirname, '..', 'for-each', 'worker.ts');
const KILLS = Number(process.env['OTTLA_FOR_EACH_KILLS'] ?? 6);
const BETWEEN_MS = 2_500;
const PARTITIONS = 6;
const KEYS = 60;
const EVERY_MS = 100;
const RECORDS_EACH = 60;
const WORKERS = 3;
const SETTLED_AFTER_MS = 120_000;
const PROTOCOLS = ['classic', 'consumer'] as const;

export const forEach: Suite = {
  name: 'for-each',
  isBlackBox: true,
  alsoAgainst: ['apache-3.9'],
  available: () => Promise.resolve({ version: 'of this repository' }),
  run,
};

async function run({ target, scratch, cases, progress }: SuiteContext): Promise<void> {
  const broker = await target.start({ dataDirectory: `${scratch}/broker`, properties: SHORT_SESSIONS });
  for (const protocol of PROTOCOLS) {
    const limitMs = KILLS * 2 * BETWEEN_MS + 2 * SETTLED_AFTER_MS;
    await cases.run(
      `${protocol}: every record once per commit, keys in order, among ${KILLS} kills and as many that leave`,
      async () => {
        const told = await amongKills(broker.bootstrap, protocol);
        progress(
          `     ${told.records} records, ${told.tenures} times a partition was given, ${told.repeated} repeated after kills`,
        );
        that(told.faults.length === 0, `${told.faults.length} faults: ${told.faults.slice(0, 5).join('; ')}`);
        that(told.missing === 0, `${told.missing} records were never done`);
      },
      limitMs,
    );
  }
}

async function amongKills(
  bootstrap: string,
  protocol: (typeof PROTOCOLS)[number],
): Promise<Verdict & { readonly records: number }> {
  const topic = `for-each-${protocol}`;
  await using cluster = new ClusterClient({ brokers: bootstrap, clientId: 'for-each' });
  await new Admin({ client: cluster }).createTopics([{ name: topic, partitions: PARTITIONS }]);
  const crew = new Crew([bootstrap, topic, topic, protocol]);
  const stop = new AbortController();
  const written = feed(cluster, topic, stop.signal);
  try {
    for (let index = 0; index < WORKERS; index++) crew.start();
    await crew.isAtWork();
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(BETWEEN_MS);
      await crew.kill();
      crew.start();
      await pause(BETWEEN_MS);
      const leaving = crew.leave();
      crew.start();
      await leaving;
    }
    stop.abort();
    const ends = await written;
    const verdict = await crew.settled(ends);
    return { ...verdict, records: ends.reduce((sum, end) => sum + end, 0) };
  } finally {
    stop.abort();
    crew.end();
  }
}

/** Writes on and on, keys by turns; how many there are in each partition at the end. */
async function feed(cluster: ClusterClient, topic: string, signal: AbortSignal): Promise<number[]> {
  const ends = Array.from({ length: PARTITIONS }, () => 0);
  await using producer = cluster.producer();
  for (let count = 0; !signal.aborted; ) {
    const records = Array.from({ length: RECORDS_EACH }, () => {
      const partition = count % PARTITIONS;
      const key = `k${Math.floor(count / PARTITIONS) % (KEYS / PARTITIONS)}`;
      count++;
      return { key, value: `${count}`, partition };
    });
    for (const { partition, offset } of await producer.send(topic, records))
      ends[partition] = Math.max(ends[partition] ?? 0, offset + 1);
    await pause(EVERY_MS);
  }
  return ends;
}

interface Member {
  readonly process: ChildProcess;
  readonly told: Told[];
  readonly ended: Promise<unknown>;
  isOut: boolean;
  wasKilled: boolean;
}

/** The members that there are and have been. */
class Crew {
  readonly #args: readonly string[];
  readonly #members: Member[] = [];

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  start(): void {
    const child = spawn(process.execPath, ['--import=tsx', WORKER, ...this.#args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told: Told[] = [];
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      told.push(...lines.map((line) => JSON.parse(line) as Told));
    });
    this.#members.push({ process: child, told, ended: once(child, 'close'), isOut: false, wasKilled: false });
  }

  get #longest(): Member {
    const member = this.#members.find(({ isOut, told }) => !isOut && told.some(({ what }) => what === 'begun'));
    if (member === undefined) throw new Error('nobody is at work');
    return member;
  }

  async isAtWork(): Promise<void> {
    const deadline = Date.now() + SETTLED_AFTER_MS;
    while (this.#members.every(({ told }) => !told.some(({ what }) => what === 'done'))) {
      that(Date.now() < deadline, 'no member has begun to work');
      await pause(EVERY_MS);
    }
  }

  /** kill -9 of the one that is at work for longest. */
  async kill(): Promise<void> {
    const member = this.#longest;
    member.isOut = member.wasKilled = true;
    member.process.kill('SIGKILL');
    await member.ended;
  }

  /** The same in order. */
  async leave(): Promise<void> {
    const member = this.#longest;
    member.isOut = true;
    member.process.kill('SIGTERM');
    await member.ended;
    if (member.told.at(-1)?.what !== 'closed') throw new Error('a member that was to leave did not close');
  }

  /** When all is done, or has had its time. */
  async settled(ends: readonly number[]): Promise<Verdict> {
    const deadline = Date.now() + SETTLED_AFTER_MS;
    for (;;) {
      const verdict = verdictOn(this.#lives(), ends);
      if (verdict.missing === 0 || Date.now() > deadline) return verdict;
      await pause(10 * EVERY_MS);
    }
  }

  #lives(): Life[] {
    return this.#members.map(({ told, wasKilled }) => ({ told, wasKilled }));
  }

  end(): void {
    for (const { process: child } of this.#members) child.kill('SIGKILL');
  }
}
