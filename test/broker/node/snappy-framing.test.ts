// Snappy as other clients frame it, on a topic whose batches are built anew: the version fields of the framing are not looked at.
import { expect } from 'chai';
import { compress, Codecs } from '../../../src/protocol/index.ts';
import { Produce } from '../../../src/protocol/messages/00-produce.ts';
import { buildBatch, HEADER_SIZE, updateChecksum } from '../../../src/protocol/records/index.ts';
import { LiveBroker } from '../live-broker.ts';
import type { RawClient } from '../raw-client.ts';

const VERSIONS_AT = HEADER_SIZE + 8;

describe('snappy in the framing of xerial', () => {
  let broker: LiveBroker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await LiveBroker.start();
    client = await broker.connect();
  });
  afterEach(async () => {
    client.destroy();
    await broker.close();
  });

  it('is unpacked whatever its versions say', async () => {
    await broker.createTopic('plain', { 'compression.type': 'uncompressed' });
    const records = [{ key: Buffer.from('k'), value: Buffer.from('v'), timestamp: Date.now() }];
    for (const version of [1, 0, -1, 0x0100_0000, 0x7fff_ffff, -0x8000_0000]) {
      const bytes = buildBatch(records, { codec: Codecs.SNAPPY });
      expect(bytes.subarray(HEADER_SIZE)).to.deep.equal(
        compress(Codecs.SNAPPY, buildBatch(records).subarray(HEADER_SIZE)),
      );
      bytes.writeInt32BE(version, VERSIONS_AT);
      bytes.writeInt32BE(version, VERSIONS_AT + 4);
      updateChecksum(bytes);
      const topicData = [{ name: 'plain', partitionData: [{ index: 0, records: bytes }] }];
      const { responses } = await client.ask(Produce, 9, { acks: -1, timeoutMs: 5000, topicData });
      expect(responses[0]?.partitionResponses[0]?.errorCode, String(version)).to.equal(0);
    }
  });
});
