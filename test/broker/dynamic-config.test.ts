// Broker configs that change while the broker runs (KIP-226), over the wire: what they govern obeys from the answer on.
import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import { Produce } from '../../src/protocol/messages/00-produce.ts';
import { Metadata } from '../../src/protocol/messages/03-metadata.ts';
import { DescribeConfigs } from '../../src/protocol/messages/32-describe-configs.ts';
import { IncrementalAlterConfigs } from '../../src/protocol/messages/44-incremental-alter-configs.ts';
import { buildBatch } from '../../src/protocol/records/index.ts';
import { LiveBroker } from './live-broker.ts';
import type { RawClient } from './raw-client.ts';

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

  it('refuses connections beyond a limit that was lowered', async () => {
    await set(BROKER, '', 'max.connections', '1');
    const second = await broker.connect();
    await second.ended();
    await set(BROKER, '', 'max.connections', null);
    const third = await broker.connect();
    expect((await third.ask(Metadata, 1, { topics: [] })).topics).to.deep.equal([]);
    third.destroy();
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
