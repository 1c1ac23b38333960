// Broker configs that change while the broker runs (KIP-226), over the wire: what they govern obeys from the answer on.
import { expect } from 'chai';
import { Errors } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { DescribeConfigs } from '../../../src/protocol/messages/32-describe-configs.ts';
import { IncrementalAlterConfigs } from '../../../src/protocol/messages/44-incremental-alter-configs.ts';
import { buildBatch } from '../../../src/protocol/records/index.ts';
import { LiveBroker } from '../live-broker.ts';
import type { RawClient } from '../raw-client.ts';

const BROKER = 4;
const TOPIC = 2;

describe('Configs of a running broker', () => {
  let broker: LiveBroker;
  let client: RawClient;

  before(async () => {
    broker = await LiveBroker.start({ 'message.max.bytes': '2000' });
    client = await broker.connect();
  });
  after(async () => {
    client.destroy();
    await broker.close();
  });

  const set = async (resourceType: number, resourceName: string, name: string, value: string | null) => {
    const configs = [{ name, configOperation: value === null ? 1 : 0, value }];
    const { responses } = await client.ask(IncrementalAlterConfigs, 1, {
      resources: [{ resourceType, resourceName, configs }],
      validateOnly: false,
    });
    expect(responses[0]).to.deep.include({ errorCode: Errors.NONE, errorMessage: null });
  };
  const produce = async (name: string, valueBytes: number) => {
    const records = buildBatch([{ key: null, value: Buffer.alloc(valueBytes), timestamp: 1 }]);
    const { responses } = await client.ask(Produce, 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name, partitionData: [{ index: 0, records }] }],
    });
    return responses[0]?.partitionResponses[0]?.errorCode;
  };

  it('limits batches by topic, broker, all brokers and file, the strongest first', async () => {
    await broker.createTopic('limited');
    expect(await produce('limited', 1500)).to.equal(Errors.NONE);
    expect(await produce('limited', 2500)).to.equal(Errors.MESSAGE_TOO_LARGE);
    await set(BROKER, '', 'message.max.bytes', '3000');
    expect(await produce('limited', 2500)).to.equal(Errors.NONE);
    await set(BROKER, '1', 'message.max.bytes', '1000');
    expect(await produce('limited', 1500)).to.equal(Errors.MESSAGE_TOO_LARGE);
    await set(TOPIC, 'limited', 'max.message.bytes', '5000');
    expect(await produce('limited', 4000)).to.equal(Errors.NONE);
    await set(TOPIC, 'limited', 'max.message.bytes', null);
    await set(BROKER, '1', 'message.max.bytes', null);
    await set(BROKER, '', 'message.max.bytes', null);
    expect(await produce('limited', 2500)).to.equal(Errors.MESSAGE_TOO_LARGE);
  });

  it('has connections beyond a limit that was lowered wait until it is raised again', async () => {
    await set(BROKER, '', 'max.connections', '1');
    const second = await broker.connect();
    const answer = second.ask(Metadata, 1, { topics: [] });
    expect((await client.ask(Metadata, 1, { topics: [] })).topics).to.have.length.at.least(0);
    await set(BROKER, '', 'max.connections', null);
    expect((await answer).topics).to.deep.equal([]);
    second.destroy();
  });

  it('changes thread counts by a factor of two at most', async () => {
    const ask = async (resourceName: string, name: string, value: string) => {
      const configs = [{ name, configOperation: 0, value }];
      const resources = [{ resourceType: BROKER, resourceName, configs }];
      const { responses } = await client.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: true });
      return responses[0];
    };
    const refused = (pair: string, words: string) => ({
      errorCode: Errors.INVALID_REQUEST,
      errorMessage:
        'Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation failed ' +
        `for ${pair}, value should ${words} for configuration Invalid dynamic configuration`,
    });
    // What Apache Kafka 4.3.1 answered.
    const double = 'not be greater than double the current value';
    expect(await ask('', 'num.io.threads', '100')).to.deep.include(refused('num.io.threads=100', `${double} 8`));
    expect(await ask('', 'num.network.threads', '100')).to.deep.include(
      refused('num.network.threads=100', `${double} 3`),
    );
    expect(await ask('1', 'num.replica.fetchers', '3')).to.deep.include(
      refused('num.replica.fetchers=3', `${double} 1`),
    );
    expect(await ask('', 'background.threads', '1')).to.deep.include(
      refused('background.threads=1', 'be at least half the current value 10'),
    );
    await set(BROKER, '', 'num.io.threads', '16');
    await set(BROKER, '1', 'num.io.threads', '32');
    // What counts is the broker's own value; that of all brokers stays behind it.
    expect(await ask('', 'num.io.threads', '2')).to.deep.include({ errorCode: Errors.NONE });
    await set(BROKER, '1', 'num.io.threads', null);
    expect(await ask('', 'num.io.threads', '33')).to.deep.include(refused('num.io.threads=33', `${double} 16`));
    await set(BROKER, '', 'num.io.threads', null);
  });

  it('shows every config of the broker in one answer', async () => {
    const { results } = await client.ask(DescribeConfigs, 4, {
      resources: [{ resourceType: BROKER, resourceName: '1', configurationKeys: null }],
      includeSynonyms: true,
      includeDocumentation: true,
    });
    const byName = new Map(results[0]?.configs.map((entry) => [entry.name, entry]));
    expect(byName.get('message.max.bytes')).to.deep.include({ value: '2000', configSource: 4 });
    expect(byName.get('ssl.key.password')).to.deep.include({ value: null, isSensitive: true });
    expect(byName.size).to.be.greaterThan(340);
  });
});
