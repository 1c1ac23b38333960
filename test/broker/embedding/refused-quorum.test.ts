// Directories that a start refuses because of whose metadata they hold: each refusal is one line that names what is wrong and
// says what to do.
import type { Int64 } from '../../../src/protocol/index.ts';
import { expect } from 'chai';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../../../src/index.ts';
import { featureLevelRecords, writeBootstrap } from '../../../src/kraft/format/bootstrap.ts';
import { writeMetaProperties } from '../../../src/kraft/format/index.ts';
import { encodeMetadataRecord, type MetadataRecord } from '../../../src/kraft/metadata/index.ts';
import { controlBatch, dataBatch, readBatches, VoterSet } from '../../../src/kraft/raft/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { unpack } from '../../log/data-directory.ts';

const fixtures = new URL('../../fixtures/levels/', import.meta.url);
const { disk } = nodeRuntime();

describe('a start is refused in one line', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ottla-refused-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  async function refusal(config: Readonly<Record<string, string>> = {}): Promise<string> {
    try {
      const broker = await startBroker({ dataDir: directory, config });
      await broker.close();
    } catch (error) {
      expect(error).to.have.property('name', 'StartError');
      const { message } = error as Error;
      expect(message).to.not.contain('\n');
      return message.replaceAll(directory, '<dir>');
    }
    throw new Error('it started');
  }

  const voters = { 'controller.quorum.voters': '1@127.0.0.1:9093' };

  function format(levels: Readonly<Record<string, number>>): void {
    writeBootstrap(disk, directory, featureLevelRecords(new Map(Object.entries(levels))), 0);
    const properties = { clusterId: '4L6g3nShT-eMCtK--X86sw', nodeId: 1, directoryId: 'RQ8W7vA54m7qEvc1ysNmAQ' };
    writeMetaProperties(disk, directory, properties, 0);
  }

  /** A directory that Kafka used, with more at the end of its metadata log. */
  function used(archive: string, ...values: (Uint8Array | MetadataRecord)[]): void {
    // Of an earlier start nothing may stay: its recovery point would tell of a longer log.
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    unpack(new URL(archive, fixtures), disk, directory);
    const encoded = values.map((value) => (value instanceof Uint8Array ? value : encodeMetadataRecord(value)));
    if (encoded.length > 0) append((at) => dataBatch(at, encoded));
  }

  function append(make: (at: { baseOffset: number; epoch: number; timestamp: Int64 }) => Buffer): void {
    const path = join(directory, '__cluster_metadata-0/00000000000000000000.log');
    const last = [...readBatches(readFileSync(path))].at(-1);
    if (last === undefined) throw new Error('an empty metadata log');
    appendFileSync(path, make({ baseOffset: last.lastOffset + 1, epoch: last.epoch, timestamp: last.timestamp }));
  }

  const level = (name: string, featureLevel: number): MetadataRecord => ({
    type: 'FeatureLevelRecord',
    version: 0,
    name,
    featureLevel,
  });

  it('when the directory was formatted for a metadata.version that is newer, or too old', async () => {
    format({ 'metadata.version': 31 });
    const range = 'this version knows 7 (3.3-IV3) to 30 (4.3-IV0): ';
    expect(await refusal(voters)).to.equal(
      `<dir> has metadata.version 31; ${range}start it with a newer version, or with the Kafka that raised the level and lower ` +
        'it there, if it lets you (kafka-features.sh downgrade --release-version 4.3-IV0)',
    );
    format({ 'metadata.version': 4 });
    expect(await refusal(voters)).to.equal(
      `<dir> has metadata.version 4; ${range}start Apache Kafka 3.9 on it and raise the level there ` +
        '(kafka-features.sh upgrade --metadata 3.9)',
    );
  });

  it('when the metadata log says that the metadata.version is newer', async () => {
    used('30.tar.gz', level('metadata.version', 32));
    expect(await refusal(voters)).to.match(/^<dir> has metadata.version 32; this version knows 7 .* to 30 /);
  });

  it('but not when the newer level has been left again', async () => {
    used('30.tar.gz', level('metadata.version', 32), level('metadata.version', 30));
    const broker = await startBroker({ dataDir: directory, config: voters });
    await broker.close();
  });

  it('when another feature is of a level that is not known, or not known at all', async () => {
    used('30.tar.gz', level('group.version', 9));
    expect(await refusal(voters)).to.equal(
      '<dir> belongs to a cluster with group.version 9, which this version does not know (it knows 0 to 1): start it with a ' +
        'newer version, or with the Kafka that raised the level and lower it there ' +
        '(kafka-features.sh downgrade --feature group.version=1)',
    );
    used('30.tar.gz', level('coffee.version', 2));
    expect(await refusal(voters)).to.contain('coffee.version 2');
  });

  it('when the metadata log holds records of a type or version that is not known', async () => {
    used('30.tar.gz', Buffer.from('011d0000', 'hex'));
    expect(await refusal(voters)).to.equal(
      '<dir> holds a metadata record of the unknown type 29, which no metadata.version up to 30 (4.3-IV0) has: a newer Kafka ' +
        'has written it; start it with a newer version',
    );
    used('30.tar.gz', Buffer.from('01020100', 'hex'));
    expect(await refusal(voters)).to.contain('<dir> holds a TopicRecord of the unknown version 1');
  });

  it('when kraft.version is newer', async () => {
    used('21-dynamic.tar.gz');
    const voter = {
      id: 1,
      directoryId: /directory\.id=(.*)/.exec(readFileSync(join(directory, 'meta.properties'), 'utf8'))?.[1] ?? '',
      endpoints: [],
      minKraftVersion: 0,
      maxKraftVersion: 2,
    };
    append((at) =>
      controlBatch(at, [
        { type: 'KRaftVersion', value: { version: 0, kRaftVersion: 2 } },
        { type: 'KRaftVoters', value: new VoterSet([voter]).toRecord() },
      ]),
    );
    expect(await refusal()).to.match(
      /^<dir> belongs to a cluster with kraft.version 2, which this version does not know/,
    );
  });

  it('when the directory leaves it to controller.quorum.voters who votes, and that is not set, or names others', async () => {
    used('11.tar.gz');
    const whatToDo = 'set controller.quorum.voters=1@<host>:<port>, with the address of its controller listener';
    expect(await refusal()).to.equal(
      '<dir>/__cluster_metadata-0 leaves it to the configuration who votes (kraft.version 0), and controller.quorum.voters ' +
        `is not set: ${whatToDo}`,
    );
    expect(await refusal({ 'controller.quorum.voters': '127.0.0.1:9093' })).to.equal(
      'Invalid value 127.0.0.1:9093 for configuration controller.quorum.voters: write id@host:port, comma-separated',
    );
    expect(await refusal({ 'controller.quorum.voters': '2@127.0.0.1:9093' })).to.equal(
      `controller.quorum.voters names node 2, but node 1 has to be the only voter of <dir>/__cluster_metadata-0: ${whatToDo}`,
    );
    expect(await refusal({ 'controller.quorum.voters': '1@127.0.0.1:9093,2@127.0.0.1:9094' })).to.equal(
      'controller.quorum.voters=1@127.0.0.1:9093,2@127.0.0.1:9094 names several controllers, and this one opens no port for them: ' +
        'add a listener such as CONTROLLER://:9093, and its name to controller.listener.names',
    );
  });
});
