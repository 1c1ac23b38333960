// What DescribeConfigs shows of keys that stand in no list of static configs, as Apache Kafka 4.3.1 showed it.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DescribeConfigs } from '../../../src/protocol/messages/32-describe-configs.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { LiveBroker } from '../live-broker.ts';
import type { RawClient } from '../raw-client.ts';

const TOPIC = 2;
const BROKER = 4;
const OF_TOPIC = 1;
const OF_BROKER = 2;
const OF_ALL_BROKERS = 3;
const INT = 3;
const LONG = 5;
const RATES = [
  'leader.replication.throttled.rate',
  'follower.replication.throttled.rate',
  'replica.alter.log.dirs.io.max.bytes.per.second',
];

describe('Described configs', () => {
  let broker: LiveBroker;
  let client: RawClient;

  before(async () => {
    broker = await LiveBroker.start();
    client = await broker.connect();
  });
  after(async () => {
    client.destroy();
    await broker.close();
  });

  const describeAll = async (resourceType: number, resourceName: string, configurationKeys: string[] | null = null) => {
    const { results } = await client.ask(DescribeConfigs, 4, {
      resources: [{ resourceType, resourceName, configurationKeys }],
      includeSynonyms: true,
      includeDocumentation: true,
    });
    return results[0]?.configs ?? [];
  };
  const set = async (resourceType: number, resourceName: string, entries: Record<string, string | null>) => {
    const configs = Object.entries(entries).map(([name, value]) => ({
      name,
      configOperation: value === null ? 1 : 0,
      value,
    }));
    const resources = [{ resourceType, resourceName, configs }];
    const { responses } = await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
    return responses[0]?.errorCode;
  };
  const create = async (name: string, value: string) => {
    const configs = [{ name: 'internal.segment.bytes', value }];
    const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs };
    const request = { topics: [topic], timeoutMs: 5000, validateOnly: false };
    return (await client.ask(CreateTopics, 7, request)).topics[0];
  };
  const rates = (value: string | null) => Object.fromEntries(RATES.map((name) => [name, value]));

  it('tells the rates of replication once they are set, and keeps no secret of them', async () => {
    expect((await describeAll(BROKER, '1')).filter(({ name }) => RATES.includes(name))).to.deep.equal([]);
    expect(await set(BROKER, '', rates('2000'))).to.equal(Errors.NONE);
    expect(await set(BROKER, '1', rates('1000'))).to.equal(Errors.NONE);
    for (const name of RATES) {
      const own = { name, value: '1000', source: OF_BROKER };
      const all = { name, value: '2000', source: OF_ALL_BROKERS };
      const facts = { name, readOnly: false, isSensitive: false, configType: LONG, documentation: null };
      expect(await describeAll(BROKER, '1', [name])).to.deep.equal([
        { ...facts, value: '1000', configSource: OF_BROKER, synonyms: [own, all] },
      ]);
      expect(await describeAll(BROKER, '', [name])).to.deep.equal([
        { ...facts, value: '2000', configSource: OF_ALL_BROKERS, synonyms: [all] },
      ]);
    }
    expect(await set(BROKER, '1', { [RATES[0] as string]: '-1' })).to.equal(Errors.INVALID_REQUEST);
    expect(await set(BROKER, '1', rates(null))).to.equal(Errors.NONE);
    expect(await set(BROKER, '', rates(null))).to.equal(Errors.NONE);
  });

  it('tells internal.segment.bytes of a topic only where it is set', async () => {
    await broker.createTopic('plain');
    const name = 'internal.segment.bytes';
    expect((await describeAll(TOPIC, 'plain')).map((entry) => entry.name)).to.not.include(name);
    expect(await describeAll(TOPIC, 'plain', [name])).to.deep.equal([]);
    for (const value of ['1000', '0', '-5']) {
      const created = await create(`small${value}`, value);
      expect(created?.configs?.find((entry) => entry.name === name)).to.deep.include({ value, configSource: OF_TOPIC });
    }
    expect(await create('bad', 'x')).to.deep.include({
      errorCode: Errors.INVALID_CONFIG,
      errorMessage: 'Invalid value x for configuration internal.segment.bytes: Not a number of type INT',
    });
    const [entry] = await describeAll(TOPIC, 'small1000', [name]);
    expect(entry).to.deep.include({ value: '1000', configSource: OF_TOPIC, configType: INT, readOnly: false });
    expect(entry?.synonyms).to.deep.equal([{ name, value: '1000', source: OF_TOPIC }]);
    expect(await set(TOPIC, 'plain', { [name]: '2000' })).to.equal(Errors.NONE);
    expect(await describeAll(TOPIC, 'plain', [name])).to.have.length(1);
  });

  it('shows configs of our own among those of a broker only where they are set', async () => {
    // The broker was started with its durability.
    const own = (await describeAll(BROKER, '1')).map(({ name }) => name).filter((name) => name.startsWith('ottla.'));
    expect(own).to.deep.equal(['ottla.durability']);
  });
});
