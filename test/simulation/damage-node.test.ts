// A whole broker on a directory of which one file is damaged: it serves the topics that it had, or refuses to start in a sentence
// that names the file. OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the first one.
import { expect } from 'chai';
import { BrokerNode } from '../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../src/broker/configs/settings.ts';
import { CreateTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { type Disk, silentLogger, type Random, randomInt } from '../../src/runtime/index.ts';
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { nodeRuntime } from '../../src/runtime/node/index.ts';
import { SeededRandom } from '../../src/runtime/sim/index.ts';
import { DAMAGES, damage } from './damage.ts';

/** A start costs more than a log that is opened. */
const seeds = Math.min(2000, Math.ceil(Number(process.env['OTTLA_SEEDS'] ?? 120) / 4));
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const DATA = '/disks/data';
const START_MS = 1_767_225_600_000;

/** What a user can do something about; anything else would be told as a bug. */
const REFUSALS = ['FormatError', 'QuorumError', 'QuorumStateError', 'MetadataDamagedError'];

const newDisk = (): MemoryDisk => new MemoryDisk({ nowMs: () => START_MS });

function start(disk: MemoryDisk): Promise<BrokerNode> {
  const config = {
    'log.dirs': DATA,
    'metadata.log.segment.ms': '10',
    'metadata.log.max.record.bytes.between.snapshots': '3000',
  };
  const settings = settingsOf({ port: 0, config }, disk);
  return BrokerNode.start({
    runtime: { ...nodeRuntime({ logger: silentLogger }), disk },
    settings,
    loggers: new LoggerLevels(),
  });
}

const createTopics = (node: BrokerNode, names: readonly string[]) =>
  node.controller.send(CreateTopics, {
    topics: names.map((name) => ({ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] })),
    timeoutMs: 1000,
    validateOnly: false,
  });

const topicsOf = (node: BrokerNode): string[] => [...node.image.topics.byName.keys()].sort();

function copyTree(from: Disk, to: Disk, path: string): void {
  to.makeDirectorySync(path);
  for (const { name, isDirectory } of from.listSync(path)) {
    const inner = `${path}/${name}`;
    if (isDirectory) copyTree(from, to, inner);
    else to.writeFileSync(inner, from.readFileSync(inner));
  }
}

function metadataFiles(disk: Disk): string[] {
  const own = ['meta.properties', 'bootstrap.checkpoint'].map((name) => `${DATA}/${name}`);
  const metadata = `${DATA}/__cluster_metadata-0`;
  return [...own, ...disk.listSync(metadata).map(({ name }) => `${metadata}/${name}`)].sort();
}

describe('damage to the files of the metadata', function () {
  this.timeout(Math.max(180_000, seeds * 1000));
  const healthy = newDisk();
  let topics: string[];

  before(async () => {
    for (let life = 0; life < 3; life++) {
      const node = await start(healthy);
      for (let i = 0; i < 5; i++) await createTopics(node, [`topic-${life}-${i}`, `other-${life}-${i}`]);
      topics = topicsOf(node);
      await node.close();
    }
    expect(metadataFiles(healthy).filter((path) => path.endsWith('.checkpoint')).length).to.be.greaterThan(2);
  });

  it('is told by a refused start, or is not seen', async () => {
    const seen = { refused: 0, started: 0 };
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const story = await oneCase(new SeededRandom(seed, 'damage'), healthy, topics).catch((error: unknown) => {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        throw new Error(`damage with seed ${seed}: ${reason}`, { cause: error });
      });
      seen[story]++;
    }
    expect(seen.refused).to.be.greaterThan(0);
    expect(seen.started).to.be.greaterThan(0);
  });
});

async function oneCase(random: Random, healthy: MemoryDisk, topics: readonly string[]): Promise<'refused' | 'started'> {
  const disk = newDisk();
  copyTree(healthy, disk, DATA);
  const isClean = random.next() < 0.5;
  if (!isClean) disk.removeSync(`${DATA}/.kafka_cleanshutdown`);
  const files = metadataFiles(disk);
  const path = files[randomInt(random, 0, files.length)] as string;
  const kind = DAMAGES[randomInt(random, 0, DAMAGES.length)] as (typeof DAMAGES)[number];
  const done = `${isClean ? '' : 'after a crash, '}${damage(disk, path, kind, random)}`;
  // A log that merely ends earlier, or in a torn batch, is what a power failure leaves, for Apache Kafka too.
  const mayLose = !isClean && path.endsWith('.log');
  try {
    for (let life = 0; life < 2; life++) {
      const node = await start(disk);
      const found = topicsOf(node);
      await node.close();
      expect(topics, done).to.include.members(found);
      if (!mayLose) expect(found, done).to.deep.equal(topics);
    }
    return 'started';
  } catch (error) {
    const { name, message } = error as Error;
    if (!REFUSALS.includes(name)) throw new Error(`${done}: ${(error as Error).stack}`, { cause: error });
    expect(message, done).to.include(DATA);
    return 'refused';
  }
}
