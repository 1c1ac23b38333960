// A broker with two log directories, as kafka-log-dirs shows them and kafka-reassign-partitions moves replicas between them.

import { writeFileSync } from 'node:fs';
import { type Suite, type SuiteContext, same, that } from '../suite.ts';
import type { RunningBroker } from '../targets/target.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';
import { Session } from './java-tools/session.ts';

const LOG_DIRS = 'org.apache.kafka.tools.LogDirsCommand';
const REASSIGN = 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand';
const THROTTLE = 'replica.alter.log.dirs.io.max.bytes.per.second';
/** A move ends within so many calls of a tool that takes a second each. */
const MOST_LOOKS = 30;

export const logDirs: Suite = {
  name: 'log-dirs',
  isBlackBox: true,
  available: (jars) => Promise.resolve(typeof jars === 'string' ? { missing: jars } : { version: KAFKA_VERSION }),
  run,
};

interface Replica {
  readonly directory: string;
  readonly partition: string;
  readonly size: number;
  readonly offsetLag: number;
  readonly isFuture: boolean;
}

class TwoDirectories {
  readonly s: Session;
  readonly a: string;
  readonly b: string;

  constructor(session: Session, a: string, b: string) {
    this.s = session;
    this.a = a;
    this.b = b;
  }

  async replicas(...topics: string[]): Promise<Replica[]> {
    const text = await this.s.ok(LOG_DIRS, ['--describe', '--topic-list', topics.join(',')]);
    const json = JSON.parse(text.slice(text.indexOf('{'))) as {
      brokers: { logDirs: { logDir: string; error: string | null; partitions: Omit<Replica, 'directory'>[] }[] }[];
    };
    const found = json.brokers[0]?.logDirs ?? [];
    same(
      found.map(({ logDir, error }) => `${logDir} ${error}`).sort(),
      [`${this.a} null`, `${this.b} null`],
      'directories',
    );
    return found
      .flatMap(({ logDir, partitions }) => partitions.map((one) => ({ ...one, directory: logDir })))
      .sort((one, other) => (one.partition < other.partition ? -1 : 1));
  }

  async directoryOf(partition: string): Promise<string> {
    const topic = partition.slice(0, partition.lastIndexOf('-'));
    const current = (await this.replicas(topic)).filter((one) => one.partition === partition && !one.isFuture);
    same(current.length, 1, `replicas of ${partition}`);
    return current[0]?.directory ?? '';
  }

  other(directory: string): string {
    return directory === this.a ? this.b : this.a;
  }

  /** The file that says where one partition is to be. */
  plan(partition: string, directory: string): string {
    const dash = partition.lastIndexOf('-');
    const move = { topic: partition.slice(0, dash), partition: Number(partition.slice(dash + 1)) };
    const file = `${this.s.scratch}/reassign.json`;
    writeFileSync(
      file,
      JSON.stringify({ version: 1, partitions: [{ ...move, replicas: [0], log_dirs: [directory] }] }),
    );
    return file;
  }

  execute(file: string, ...more: string[]): Promise<string> {
    return this.s.ok(REASSIGN, ['--execute', '--reassignment-json-file', file, ...more]);
  }

  verify(file: string, ...more: string[]): Promise<string> {
    return this.s.ok(REASSIGN, ['--verify', '--reassignment-json-file', file, ...more]);
  }

  async verifyDone(file: string, partition: string): Promise<string> {
    for (let look = 0; look < MOST_LOOKS; look++) {
      const text = await this.verify(file);
      if (text.includes(`Reassignment of replica ${partition}-0 completed successfully.`)) return text;
      that(text.includes(`Reassignment of replica ${partition}-0 is still in progress.`), text);
    }
    throw new Error(`the move of ${partition} did not end`);
  }
}

async function run({ target, jars, scratch, cases }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error(jars);
  const [a, b] = [`${scratch}/broker/a`, `${scratch}/broker/b`];
  const start = (port?: number): Promise<RunningBroker> =>
    target.start({
      dataDirectory: `${scratch}/broker`,
      properties: { 'log.dirs': `${a},${b}` },
      ...(port !== undefined && { port }),
    });
  let broker = await start();
  const two = new TwoDirectories(new Session(jars, broker, '', scratch), a, b);
  for (const [name, step] of Object.entries(STEPS)) await cases.run(name, () => step(two), 120_000);
  await cases.run('everything is where it was after a restart', () => afterRestart(), 120_000);

  async function afterRestart(): Promise<void> {
    const before = await two.replicas('spread', 'one', 'big');
    await broker.stop();
    broker = await start(broker.port);
    same(await two.replicas('spread', 'one', 'big'), before, 'replicas');
    same((await two.s.consume('one', 0, 2 * LINES.length)).length, 2 * LINES.length, 'records');
  }
}

const LINES = Array.from({ length: 100 }, (_, i) => `line ${i}`);
const RECORD_BYTES = 10_000;

/** In order: later steps use what earlier ones made. */
const STEPS: Readonly<Record<string, (two: TwoDirectories) => Promise<void>>> = {
  'log-dirs --describe: new partitions are spread': async (two) => {
    await two.s.topics('--create', '--topic', 'spread', '--partitions', '4');
    const found = await two.replicas('spread');
    same(
      found.map(({ partition }) => partition),
      ['spread-0', 'spread-1', 'spread-2', 'spread-3'],
      'partitions',
    );
    same(found.filter(({ directory }) => directory === two.a).length, 2, 'in the first directory');
    same(
      found.filter(({ isFuture, offsetLag }) => isFuture || offsetLag !== 0),
      [],
      'moving',
    );
  },
  'reassign-partitions --execute with log_dirs': async (two) => {
    await two.s.topics('--create', '--topic', 'one', '--partitions', '1');
    await two.s.produce('one', LINES);
    const to = two.other(await two.directoryOf('one-0'));
    const file = two.plan('one-0', to);
    const text = await two.execute(file);
    that(text.includes(`Successfully started moving log directory to ${to} for replica one-0`), text);
    await two.verifyDone(file, 'one-0');
    same(await two.directoryOf('one-0'), to, 'directory');
    same(await two.s.consume('one', 0, LINES.length), LINES, 'records');
  },
  'reassign-partitions --execute to where it is': async (two) => {
    const file = two.plan('one-0', await two.directoryOf('one-0'));
    await two.execute(file);
    await two.verifyDone(file, 'one-0');
  },
  'reassign-partitions --execute to a directory that is not there': async (two) => {
    const args = ['--execute', '--reassignment-json-file', two.plan('one-0', `${two.a}-not`)];
    await two.s.refused(REASSIGN, args, /LogDirNotFoundException|log directory.*not found/i);
  },
  'log-dirs --describe of a throttled move': async (two) => {
    await two.s.topics('--create', '--topic', 'big', '--partitions', '1');
    const size = ['--num-records', '1000', '--record-size', String(RECORD_BYTES), '--throughput', '-1'];
    await two.s.ok('org.apache.kafka.tools.ProducerPerformance', ['--topic', 'big', ...size]);
    const from = await two.directoryOf('big-0');
    const file = two.plan('big-0', two.other(from));
    const text = await two.execute(file, '--replica-alter-log-dirs-throttle', '1000');
    that(/replica-alter-dir throttle limit was set to 1000 B\/s/.test(text), text);
    that(
      (await two.s.configs('--describe', '--entity-type', 'brokers', '--entity-name', '0')).includes(THROTTLE),
      THROTTLE,
    );
    const progress = await two.verify(file, '--preserve-throttles');
    that(progress.includes('Reassignment of replica big-0-0 is still in progress.'), progress);
    const [current, future] = (await two.replicas('big')).sort((one) => (one.isFuture ? 1 : -1));
    same([current?.isFuture, current?.directory], [false, from], 'current');
    same([future?.isFuture, future?.directory], [true, two.other(from)], 'future');
    that((future?.offsetLag ?? 0) > 0 && (future?.size ?? 0) < (current?.size ?? 0), JSON.stringify(future));
  },
  'reassign-partitions --cancel': async (two) => {
    const from = await two.directoryOf('big-0');
    const file = `${two.s.scratch}/reassign.json`;
    const text = await two.s.ok(REASSIGN, ['--cancel', '--reassignment-json-file', file, '--preserve-throttles']);
    // Cancelling is a move to where the replica is.
    that(text.includes(`Successfully started moving log directory to ${from} for replica big-0`), text);
    same(
      (await two.replicas('big')).map(({ directory, isFuture }) => [directory, isFuture]),
      [[from, false]],
      'replicas',
    );
  },
  'reassign-partitions --verify lifts the throttle': async (two) => {
    const from = await two.directoryOf('big-0');
    const file = two.plan('big-0', two.other(from));
    await two.execute(file, '--replica-alter-log-dirs-throttle', '1000000000');
    const text = await two.verifyDone(file, 'big-0');
    that(/Clearing broker-level throttles/.test(text), text);
    const configs = await two.s.configs('--describe', '--entity-type', 'brokers', '--entity-name', '0');
    that(!configs.includes(THROTTLE), configs);
    same(await two.directoryOf('big-0'), two.other(from), 'directory');
  },
  'records produced during a move': async (two) => {
    const file = two.plan('one-0', two.other(await two.directoryOf('one-0')));
    const produced = two.s.produce('one', LINES);
    await two.execute(file);
    await produced;
    await two.verifyDone(file, 'one-0');
    same(await two.s.consume('one', 0, 2 * LINES.length), [...LINES, ...LINES], 'records');
  },
};
