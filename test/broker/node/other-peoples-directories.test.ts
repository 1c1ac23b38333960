// Directories that hold what no broker made, partitions that the metadata does not know, and disks that are not mounted: nothing
// is deleted, and nothing is made in the place of what is missing.
import { expect } from 'chai';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { FormatError } from '../../../src/kraft/format/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { ListOffsets } from '../../../src/protocol/messages/02-list-offsets.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { DescribeLogDirs } from '../../../src/protocol/messages/35-describe-log-dirs.ts';
import { Errors } from '../../../src/protocol/index.ts';
import { buildBatch } from '../../../src/protocol/records/index.ts';
import { type Logger, type LogFields } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { eventually } from '../live-broker.ts';
import { RawClient } from '../raw-client.ts';

const A = '/disks/a';
const B = '/disks/b';
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

describe("other people's directories", () => {
  let disk: MemoryDisk;
  let node: BrokerNode | undefined;
  let client: RawClient;
  let told: { message: string; fields: LogFields | undefined }[];

  const logger: Logger = {
    log: (level, message, fields) => void (level === 'info' || told.push({ message, fields })),
    child: () => logger,
  };
  const start = async (logDirs = [A], config: Record<string, string> = {}): Promise<void> => {
    told = [];
    const runtime = { ...nodeRuntime({ logger }), disk };
    const settings = settingsOf({ port: 0, config: { 'log.dirs': logDirs.join(','), ...config } }, disk);
    node = await BrokerNode.start({ runtime, settings, loggers: new LoggerLevels() });
    client = await RawClient.connect(node.port);
  };
  const stop = async (): Promise<void> => {
    client.destroy();
    await node?.close();
    node = undefined;
  };
  const refusal = (logDirs?: string[], config?: Record<string, string>): Promise<unknown> =>
    start(logDirs, config).then(
      () => expect.fail('started'),
      (error: unknown) => error,
    );
  const createTopic = async (name: string, numPartitions = 1): Promise<void> => {
    const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }];
    const answer = await client.ask(CreateTopics, 7, { topics, timeoutMs: 5000, validateOnly: false });
    expect(answer.topics[0]?.errorCode).to.equal(0);
  };
  const deleteTopic = (name: string) =>
    client.ask(DeleteTopics, 6, { topics: [{ name, topicId: NO_ID }], timeoutMs: 5000 });
  const produce = async (name: string, index = 0): Promise<number | undefined> => {
    const records = buildBatch([{ key: null, value: Buffer.from('v'), timestamp: 1_700_000_000_000 }]);
    const topicData = [{ name, partitionData: [{ index, records }] }];
    const answer = await client.ask(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 5000, topicData });
    return answer.responses[0]?.partitionResponses[0]?.errorCode;
  };
  const endOf = async (name: string, partitionIndex = 0): Promise<string> => {
    const partitions = [{ partitionIndex, currentLeaderEpoch: -1, timestamp: -1 }];
    const topics = [{ name, partitions }];
    const answer = await client.ask(ListOffsets, 6, { replicaId: -1, isolationLevel: 0, topics });
    const found = answer.topics[0]?.partitions[0];
    return `${found?.errorCode} ${found?.offset}`;
  };
  const write = (path: string, text = 'precious'): void => {
    disk.makeDirectorySync(path.slice(0, path.lastIndexOf('/')));
    disk.writeFileSync(path, Buffer.from(text));
  };
  const text = (path: string): string => Buffer.from(disk.readFileSync(path)).toString();
  /** With `<hex>` in the place of what is drawn. */
  const names = (path = A): string[] =>
    disk
      .listSync(path)
      .map(({ name }) => name.replace(/[0-9a-f]{32}/, '<hex>'))
      .sort();
  const full = (path: string, pattern: RegExp): string =>
    `${path}/${disk.listSync(path).find(({ name }) => pattern.test(name))?.name}`;
  /** Every file below `path` with its bytes. */
  const contents = (path: string): Record<string, string> =>
    Object.fromEntries(
      disk.listSync(path).map(({ name }) => [name, Buffer.from(disk.readFileSync(`${path}/${name}`)).toString('hex')]),
    );
  const forget = async (directory: string): Promise<void> => {
    await disk.removeTree(`${directory}/__cluster_metadata-0`);
    disk.removeSync(`${directory}/bootstrap.checkpoint`);
    disk.removeSync(`${directory}/meta.properties`);
  };

  beforeEach(() => (disk = new MemoryDisk({ nowMs: () => 1_700_000_000_000 })));
  afterEach(stop);

  describe('partitions of no topic', () => {
    it('are set aside, byte for byte, with a line that says how they come back; what is no log stays', async () => {
      await start();
      await createTopic('orders');
      for (let i = 0; i < 3; i++) await produce('orders');
      await stop();
      await forget(A);
      const before = contents(`${A}/orders-0`);
      write(`${A}/photos-2024/a.txt`);
      write(`${A}/.snapshot-1/b.txt`);
      write(`${A}/notes-2024-01/c.txt`);
      disk.makeDirectorySync(`${A}/empty-7`);
      await start([A], { 'log.segment.delete.delay.ms': '0' });
      const kept = ['.snapshot-1', 'empty-7', 'notes-2024-01', 'orders-0.<hex>-stray', 'photos-2024'];
      expect(names()).to.include.members(kept).and.not.include('orders-0');
      const stray = full(A, /^orders-0\..*-stray$/);
      expect(contents(stray)).to.deep.equal(before);
      const line = told.find(({ message }) => message.includes('set aside and never touched again'));
      expect(line?.message).to.include('way back');
      expect(line?.fields).to.deep.equal({ directory: `${A}/orders-0`, renamedTo: stray });
      await stop();
      await start([A], { 'log.segment.delete.delay.ms': '0' });
      expect(names()).to.include.members(kept);
      expect(contents(stray)).to.deep.equal(before);
      expect(text(`${A}/photos-2024/a.txt`)).to.equal('precious');
    });

    it('come back as the line says, and then name their topic, so that Apache Kafka finds them', async () => {
      await start();
      await createTopic('orders');
      for (let i = 0; i < 3; i++) await produce('orders');
      await stop();
      await forget(A);
      await start();
      await createTopic('orders');
      await stop();
      const stray = full(A, /-stray$/);
      await disk.removeTree(`${A}/orders-0`);
      disk.removeSync(`${stray}/partition.metadata`);
      disk.renameSync(stray, `${A}/orders-0`);
      await start();
      expect(await endOf('orders')).to.equal('0 3');
      const topicId = node?.image.topics.byName.get('orders')?.id;
      expect(text(`${A}/orders-0/partition.metadata`)).to.equal(`version: 0\ntopic_id: ${topicId}`);
      expect(await produce('orders')).to.equal(0);
    });

    it('are set aside when the topic has another id by now, and when they are copies on their way', async () => {
      await start();
      await createTopic('orders');
      await createTopic('copied');
      await produce('orders');
      await stop();
      const metadata = text(`${A}/orders-0/partition.metadata`);
      disk.writeFileSync(`${A}/orders-0/partition.metadata`, Buffer.from(metadata.replace(/id: .{5}/, 'id: other')));
      const future = `copied-0.${'0'.repeat(31)}1-future`;
      disk.makeDirectorySync(`${A}/${future}`);
      write(`${A}/${future}/partition.metadata`, metadata);
      write(`${A}/${future}/00000000000000000000.log`, 'record');
      await start();
      expect(names()).to.include.members(['orders-0', 'orders-0.<hex>-stray', 'copied-0', 'copied-0.<hex>-stray']);
      expect(await endOf('orders')).to.equal('0 0');
    });

    it('are told apart by their ids when a disk brings an old one back', async () => {
      await start([A, B]);
      await createTopic('orders', 2);
      await produce('orders', 1);
      await stop();
      const lost = `${B}/orders-1`;
      expect(disk.existsSync(lost)).to.equal(true);
      disk.renameSync(B, '/disks/away');
      await start([A, B]);
      await deleteTopic('orders');
      await createTopic('orders', 2);
      expect(await produce('orders', 1)).to.equal(0);
      await stop();
      await disk.removeTree(B);
      disk.renameSync('/disks/away', B);
      await start([A, B]);
      expect(names(B)).to.include('orders-1.<hex>-stray');
      expect(await endOf('orders', 1)).to.equal('0 1');
    });
  });

  describe('a directory with the name of a partition', () => {
    it('that is somebody else’s gets no log', async () => {
      await start();
      write(`${A}/photos-0/a.txt`);
      await createTopic('photos', 2);
      expect(await produce('photos', 0)).to.equal(Errors.KAFKA_STORAGE_ERROR);
      expect(await produce('photos', 1)).to.equal(0);
      await stop();
      await start();
      expect(await produce('photos', 1)).to.equal(0);
      expect(disk.listSync(`${A}/photos-0`).map(({ name }) => name)).to.deep.equal(['a.txt']);
      await deleteTopic('photos');
      expect(text(`${A}/photos-0/a.txt`)).to.equal('precious');
    });

    it('keeps what is not of a log when its topic is deleted', async () => {
      await start([A], { 'log.segment.delete.delay.ms': '0' });
      await createTopic('orders');
      await produce('orders');
      write(`${A}/orders-0/notes.txt`);
      write(`${A}/orders-0/more/notes.txt`);
      await deleteTopic('orders');
      await eventually('the log is removed', () =>
        told.some(({ message }) => message.includes('something else in it')),
      );
      const kept = full(A, /^orders-0\..*-delete$/);
      expect(disk.listSync(kept).map(({ name }) => name)).to.have.members(['notes.txt', 'more']);
    });
  });

  describe('an unformatted directory', () => {
    it('with things of somebody else is refused with what was found, and left as it is', async () => {
      for (const name of ['letter.txt', '.bashrc', 'photos-2024/a.txt', 'base/1/2', '.git/config']) {
        disk = new MemoryDisk({ nowMs: () => 1_700_000_000_000 });
        write(`${A}/${name}`);
        const error = await refusal();
        expect(error).to.be.instanceOf(FormatError);
        expect(String(error))
          .to.include(`it holds ${name.split('/')[0]}`)
          .and.include('empty directory');
        expect(disk.listSync(A)).to.have.length(1);
      }
    });

    it('is formatted when file systems, containers or brokers alone have been there', async () => {
      disk.makeDirectorySync(A);
      for (const name of ['lost+found', '.snapshot', 'remote-log-index-cache']) disk.makeDirectorySync(`${A}/${name}`);
      for (const name of ['.dockerenv', '.gitkeep', '.lock', '.kafka_cleanshutdown']) write(`${A}/${name}`, '');
      await start();
      expect(names()).to.include('meta.properties');
      const [line] = told;
      expect(told).to.have.length(1);
      expect(line?.message).to.include('left alone');
      expect(line?.fields?.['directory']).to.equal(`${A}/.snapshot`);
    });

    it('with partitions is formatted, and says so', async () => {
      write(`${A}/orders-0/00000000000000000000.log`, '');
      await start();
      expect(told[0]?.message).to.include('holds partitions and no meta.properties');
    });
  });

  describe('a disk that is not mounted', () => {
    const lose = async (): Promise<void> => {
      await start([A, B]);
      await createTopic('spread', 4);
      const ids = () => node?.image.topics.byName.get('spread')?.partitions.map(({ directories }) => directories[0]);
      await eventually(
        'the metadata knows the directories',
        () => new Set(ids()).size === 2 && !ids()?.includes(NO_ID),
      );
      for (let index = 0; index < 4; index++) expect(await produce('spread', index)).to.equal(0);
      await stop();
      disk.renameSync(B, '/disks/away');
    };

    it('keeps its partitions offline, and all is back when it is', async () => {
      await lose();
      disk.makeDirectorySync(`${B}/lost+found`);
      await start([A, B]);
      expect(told.some(({ message, fields }) => message.includes('is empty') && fields?.['path'] === B)).to.equal(true);
      expect(told.some(({ fields }) => fields?.['partitions'] === 2)).to.equal(true);
      expect(disk.existsSync(`${B}/meta.properties`)).to.equal(false);
      const { results } = await client.ask(DescribeLogDirs, 4, { topics: null });
      expect(results.map(({ errorCode }) => errorCode)).to.deep.equal([0, Errors.KAFKA_STORAGE_ERROR]);
      expect(await produce('spread', 0)).to.equal(0);
      expect(await produce('spread', 1)).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
      expect(await endOf('spread', 1)).to.match(/ -1$/);
      await createTopic('later', 2);
      expect(names()).to.include.members(['later-0', 'later-1', 'spread-0', 'spread-2']).and.not.include('spread-1');
      await stop();
      await disk.removeTree(B);
      disk.renameSync('/disks/away', B);
      await start([A, B]);
      for (let index = 0; index < 4; index++)
        expect(await endOf('spread', index)).to.equal(index % 2 === 0 && index === 0 ? '0 2' : '0 1');
    });

    it('keeps them offline when log.dirs does not name it any more', async () => {
      await lose();
      await start([A]);
      expect(await produce('spread', 1)).to.equal(Errors.NOT_LEADER_OR_FOLLOWER);
      expect(names()).to.not.include('spread-1');
      await stop();
      disk.renameSync('/disks/away', B);
      await start([A, B]);
      expect(await endOf('spread', 1)).to.equal('0 1');
    });

    it('is told apart from a new one', async () => {
      await start([A]);
      await createTopic('spread');
      await eventually(
        'the metadata knows the directory',
        () => node?.image.cluster.brokers.get(1)?.directories.length === 1,
      );
      await stop();
      await start([A, B]);
      expect(names(B)).to.include('meta.properties');
      await createTopic('later');
      expect(names(B)).to.include('later-0');
    });

    it('refuses the start when it is the only one', async () => {
      const config = { 'metadata.log.dir': '/disks/metadata' };
      await start([A], config);
      await createTopic('spread');
      await stop();
      disk.renameSync(A, '/disks/away');
      const error = await refusal([A], config);
      expect(String(error)).to.include(A).and.include('is the disk mounted?');
      await disk.removeTree(A);
      disk.renameSync('/disks/away', A);
      await start([A], config);
      expect(names()).to.include('spread-0');
    });
  });

  describe('a start that is refused', () => {
    it('leaves the marker of the clean shutdown', async () => {
      await start();
      await stop();
      expect(String(await refusal([A], { 'node.id': '2' }))).to.include('node.id=1');
      expect(disk.existsSync(`${A}/.kafka_cleanshutdown`)).to.equal(true);
    });

    it('is one where another broker works on the directory of the metadata alone', async () => {
      const config = { 'metadata.log.dir': '/disks/metadata' };
      await start([A], config);
      const first = node as BrokerNode;
      const ended = client;
      const error = await refusal([B], config);
      expect(String(error)).to.match(/\/disks\/metadata is in use by another broker/);
      expect(disk.existsSync(B)).to.equal(false);
      ended.destroy();
      await first.close();
      node = undefined;
    });
  });
});
