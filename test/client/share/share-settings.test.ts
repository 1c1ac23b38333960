// What a member of a share group is told by Kafka's keys, and what it says where the broker is older.
import { expect } from 'chai';
import { KafkaKeys } from '../../../src/client/connections/kafka-keys.ts';
import { ClusterClient, ConfigurationError } from '../../../src/client/index.ts';
import { shareSettings } from '../../../src/client/share/share-settings.ts';
import { startBroker } from '../../../src/index.ts';
import { OldBroker } from '../admin/old-broker.ts';

const SHARE_FETCH = 78;
const SHARE_ACKNOWLEDGE = 79;

describe('The settings of a share consumer', () => {
  const options = { group: 'g', topics: ['t'] };

  it('are Kafka’s where nothing is said, then its keys, then what is said by name', () => {
    const plain = shareSettings(options, new KafkaKeys());
    expect(plain).to.include({ isExplicit: false, isRecordLimit: false, maxPollRecords: 500, checksCrcs: true });
    const keys = new KafkaKeys({
      'share.acknowledgement.mode': 'explicit',
      'share.acquire.mode': 'record_limit',
      'max.poll.records': 7,
      'fetch.max.wait.ms': 8,
      'client.rack': 'r1',
      'check.crcs': false,
    });
    const expected = { isExplicit: true, isRecordLimit: true, maxPollRecords: 7, maxWaitMs: 8, rack: 'r1' };
    expect(shareSettings(options, keys)).to.include({ ...expected, checksCrcs: false });
    const named = { ...options, maxPollRecords: 9, acknowledgementMode: 'implicit' } as const;
    expect(shareSettings(named, keys)).to.include({ isExplicit: false, maxPollRecords: 9 });
    const wrong = new KafkaKeys({ 'share.acquire.mode': 'all' });
    expect(() => shareSettings(options, wrong)).to.throw(ConfigurationError, /share\.acquire\.mode/);
  });
});

describe('A share consumer before an older broker', () => {
  it('renews no lock, says so, and keeps what it has', async () => {
    const config = { 'group.share.heartbeat.interval.ms': '50', 'group.share.min.heartbeat.interval.ms': '50' };
    const broker = await startBroker({ port: 0, memory: true, topics: { orders: 1 }, config });
    const old = new OldBroker();
    const brokers = `127.0.0.1:${await old.listen()}`;
    old.versions = { [SHARE_FETCH]: 1, [SHARE_ACKNOWLEDGE]: 1 };
    old.target = broker.port;
    const client = new ClusterClient({ brokers });
    const changes = [{ name: 'share.auto.offset.reset', operation: 'SET', value: 'earliest' }] as const;
    await client.admin().incrementalAlterConfigs([{ type: 'GROUP', name: 'g', changes }]);
    const producer = client.producer();
    await producer.send('orders', { value: 'x', partition: 0 });
    const consumer = client.shareConsumer({ group: 'g', topics: ['orders'], acknowledgementMode: 'explicit' });
    const records = [];
    while (records.length === 0) records.push(...(await consumer.poll(1_000)));
    const [record] = records;
    if (record === undefined) throw new Error('no record');
    consumer.acknowledge(record, 'renew');
    const [renewed] = await consumer.commit();
    expect(renewed?.error?.code).to.equal('UNSUPPORTED_VERSION');
    consumer.acknowledge(record, 'accept');
    const [accepted] = await consumer.commit();
    expect(accepted).to.deep.include({ records: 1, error: undefined });
    await consumer.close();
    await producer.close();
    await client.close();
    await old.close();
    await broker.close();
  });
});
