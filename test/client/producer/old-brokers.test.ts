// Records in the words of older brokers: Produce from version 3 (Kafka 0.11) on, under every codec that was there.
import { expect } from 'chai';
import { type ClientError, Producer, type CompressionName } from '../../../src/client/index.ts';
import { startBroker } from '../../../src/index.ts';
import { OldBroker } from '../admin/old-broker.ts';

type Broker = Awaited<ReturnType<typeof startBroker>>;

const PRODUCE = 0;
/** Before Kafka 2.1 there was no zstd. */
const ZSTD_SINCE = 7;
const CODECS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

describe('A producer before older brokers', () => {
  let old: OldBroker;
  let broker: Broker;
  let brokers: string;

  before(async () => {
    old = new OldBroker();
    brokers = `127.0.0.1:${await old.listen()}`;
    const compact = { partitions: 1, configs: { 'cleanup.policy': 'compact' } };
    broker = await startBroker({ port: 0, memory: true, topics: { plain: 1, compact } });
    old.target = broker.port;
  });

  after(async () => {
    await old.close();
    await broker.close();
  });

  async function send(version: number, topic: string, compression: CompressionName, key: string | null) {
    old.versions = { [PRODUCE]: version };
    await using producer = new Producer({ brokers, compression });
    return producer.send(topic, { key, value: 'v' }).catch((error: unknown) => error as ClientError);
  }

  it('is understood in every version of Produce', async () => {
    let next = 0;
    for (const version of [3, 5, 6, 7, 8, 9, 11, 12, 13]) {
      for (const codec of CODECS) {
        const sent = await send(version, 'plain', codec, null);
        if (codec === 'zstd' && version < ZSTD_SINCE) expect(sent).to.include({ code: 'UNSUPPORTED_COMPRESSION_TYPE' });
        else expect(sent, `${codec} in version ${version}`).to.include({ offset: next++ });
      }
    }
  });

  it('is told of a record that a compacted topic refuses, by the advice where the broker gives no reason', async () => {
    const [before, since] = [await send(7, 'compact', 'none', null), await send(8, 'compact', 'none', null)];
    expect(before).to.include({ code: 'INVALID_RECORD' });
    expect((before as ClientError).advice).to.contain('a compacted topic needs keys');
    expect((since as ClientError).message).to.contain('Compacted topic cannot accept message without key');
    expect(await send(7, 'compact', 'none', 'k')).to.include({ offset: 0 });
  });
});
