// Directories of every metadata.version that Apache Kafka 4.3.1 starts on, formatted and used by it, and what can be asked of a broker
// on one of them.
import { expect } from 'chai';
import { BrokerNode } from '../../../src/broker/node/broker-node.ts';
import { LoggerLevels } from '../../../src/broker/configs/logger-levels.ts';
import { settingsOf } from '../../../src/broker/configs/settings.ts';
import { decodeMetadataRecord, type MetadataRecord } from '../../../src/kraft/metadata/index.ts';
import { type ControlRecord, readBatches } from '../../../src/kraft/raft/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../../src/protocol/messages/01-fetch.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { buildBatch, recordsOf, sizeInBytes } from '../../../src/protocol/records/index.ts';
import { silentLogger } from '../../../src/runtime/index.ts';
import { MemoryDisk } from '../../../src/runtime/memory/index.ts';
import { nodeRuntime } from '../../../src/runtime/node/index.ts';
import { unpack } from '../../log/data-directory.ts';
import { RawClient } from '../raw-client.ts';

/** As Kafka 4.3.1's own MetadataVersion says: versions of RegisterBrokerRecord and of partition records, by level. */
const VERSIONS: Readonly<Record<number, readonly [registerBroker: number, partition: number]>> = {
  7: [1, 0],
  8: [2, 0],
  9: [2, 0],
  10: [2, 0],
  11: [2, 0],
  12: [2, 0],
  13: [2, 0],
  14: [2, 0],
  15: [2, 0],
  16: [2, 0],
  17: [3, 1],
  18: [3, 1],
  19: [3, 1],
  20: [3, 1],
  21: [3, 1],
  22: [3, 1],
  23: [3, 2],
  24: [3, 2],
  25: [3, 2],
  26: [3, 2],
  27: [3, 2],
  28: [3, 2],
  29: [3, 2],
  30: [4, 2],
};
export const LEVELS = Object.keys(VERSIONS).map(Number);
const FIRST_WITH_TRANSACTIONS = 13;
export const FIRST_WITH_CONTROLLERS = 15;
const FIRST_WITH_CORDONED_DIRECTORIES = 30;

const fixtures = new URL('../../fixtures/levels/', import.meta.url);
export const metadataLog = '/data/__cluster_metadata-0';

/** Closed after each test, however it ends. */
const running: BrokerNode[] = [];

export async function closeAll(): Promise<void> {
  await Promise.all(running.splice(0).map((node) => node.close()));
}

export class Directory {
  readonly disk: MemoryDisk;
  readonly #runtime = nodeRuntime({ logger: silentLogger });

  constructor(archive: string, folder: string) {
    this.disk = new MemoryDisk({ nowMs: () => this.#runtime.clock.nowMs() });
    this.disk.makeDirectorySync('/data');
    unpack(new URL(archive, fixtures), this.disk, '/data', folder);
  }

  /** `voters`: who votes where the directory leaves that to the configuration. */
  async start(voters = '1@127.0.0.1:9093', others: Readonly<Record<string, string>> = {}): Promise<BrokerNode> {
    const config = voters === '' ? others : { ...others, 'controller.quorum.voters': voters };
    const node = await BrokerNode.start({
      runtime: { ...this.#runtime, disk: this.disk },
      settings: settingsOf({ dataDir: '/data', ...('listeners' in others ? {} : { port: 0 }), config }, this.disk),
      loggers: new LoggerLevels(),
    });
    running.push(node);
    return node;
  }

  /** What stands in the metadata log from an epoch on. */
  recordsSince(epoch: number): { data: MetadataRecord[]; control: ControlRecord[] } {
    const bytes = Buffer.from(this.disk.readFileSync(`${metadataLog}/00000000000000000000.log`));
    const batches = [...readBatches(bytes)].filter((batch) => batch.epoch >= epoch);
    return {
      data: batches.flatMap(({ values }) => values.map(decodeMetadataRecord)),
      control: batches.flatMap(({ controlRecords }) => controlRecords),
    };
  }

  get epoch(): number {
    const path = `${metadataLog}/quorum-state`;
    if (!this.disk.existsSync(path)) return 0;
    return (JSON.parse(Buffer.from(this.disk.readFileSync(path)).toString()) as { leaderEpoch: number }).leaderEpoch;
  }
}

export async function withClient<T>(node: BrokerNode, action: (client: RawClient) => Promise<T>): Promise<T> {
  const client = await RawClient.connect(node.port);
  try {
    return await action(client);
  } finally {
    client.destroy();
  }
}

export async function createTopic(client: RawClient, name: string): Promise<string> {
  const { topics } = await client.ask(CreateTopics, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 5000,
    validateOnly: false,
  });
  expect(topics[0]).to.include({ name, errorCode: 0 });
  return topics[0]?.topicId as string;
}

export async function produce(client: RawClient, topic: string, text: string): Promise<void> {
  const records = buildBatch([{ value: Buffer.from(text), timestamp: Date.now() }]);
  const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
  const { responses } = await client.ask(Produce, 9, { acks: -1, timeoutMs: 5000, topicData });
  expect(responses[0]?.partitionResponses[0]).to.include({ errorCode: 0 });
}

export async function valuesOf(client: RawClient, topic: string, partition: number): Promise<string[]> {
  const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }];
  const { responses } = await client.ask(Fetch, 12, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 20,
    topics: [{ topic, partitions }],
  });
  const answer = responses[0]?.partitions[0];
  expect(answer?.errorCode).to.equal(0);
  return valuesIn(answer?.records ?? Buffer.alloc(0));
}

function valuesIn(records: Buffer): string[] {
  const values: string[] = [];
  for (let at = 0; at < records.length; at += sizeInBytes(records, at)) {
    for (const { value } of recordsOf(records, { at })) values.push(Buffer.from(value ?? []).toString());
  }
  return values;
}

export async function finalized(client: RawClient): Promise<Record<string, number>> {
  const { finalizedFeatures } = await client.ask(ApiVersions, 4, {
    clientSoftwareName: 'raw',
    clientSoftwareVersion: '1',
  });
  return Object.fromEntries(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]));
}

/** Of every record that has more than one version, the version must be that of the level; some types come later. */
export function checkVersions(level: number, records: readonly MetadataRecord[]): void {
  const [registerBroker, partition] = VERSIONS[level] as readonly [number, number];
  for (const { type, version } of records) {
    const said = `${type} v${version} at level ${level}`;
    if (type === 'RegisterBrokerRecord') expect(version, said).to.equal(registerBroker);
    else if (type === 'PartitionRecord' || type === 'PartitionChangeRecord') expect(version, said).to.equal(partition);
    else if (type === 'BrokerRegistrationChangeRecord') {
      expect(version, said).to.be.at.most(level >= FIRST_WITH_CORDONED_DIRECTORIES ? 3 : partition === 0 ? 1 : 2);
    } else expect(version, said).to.equal(0);
    if (type === 'RegisterControllerRecord') expect(level, said).to.be.at.least(FIRST_WITH_CONTROLLERS);
    if (type.endsWith('TransactionRecord')) expect(level, said).to.be.at.least(FIRST_WITH_TRANSACTIONS);
  }
}
