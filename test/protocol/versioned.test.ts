import { expect } from 'chai';
import {
  DecodeError,
  decodeRecordKey,
  decodeVersioned,
  encodeRecordKey,
  encodeVersioned,
  Errors,
  KafkaError,
  prefixOf,
} from '../../src/protocol/index.ts';
import { consumerProtocolSubscription } from '../../src/protocol/messages/consumer-protocol.ts';
import { offsetCommitKey } from '../../src/protocol/messages/offset-records.ts';

describe('messages with two bytes in front', () => {
  it('have the version there', () => {
    const bytes = encodeVersioned(consumerProtocolSubscription, 1, { topics: ['a'], userData: null });
    expect(bytes.toString('hex')).to.equal('0001' + '00000001000161' + 'ffffffff' + '00000000');
    expect(prefixOf(bytes)).to.equal(1);
    expect(decodeVersioned(consumerProtocolSubscription, bytes)).to.deep.equal({
      topics: ['a'],
      userData: null,
      ownedPartitions: [],
      generationId: -1,
      rackId: null,
    });
  });
  it('or the type of a record key, whose version is 0', () => {
    const key = { group: 'g', topic: 't', partition: 3 };
    const bytes = encodeRecordKey(1, offsetCommitKey, key);
    expect(bytes.toString('hex')).to.equal('0001' + '000167' + '000174' + '00000003');
    expect(decodeRecordKey(offsetCommitKey, bytes)).to.deep.equal(key);
  });
  it('are refused when they are shorter, or of a version that does not exist', () => {
    expect(() => prefixOf(Uint8Array.of(0))).to.throw(DecodeError);
    expect(() => decodeVersioned(consumerProtocolSubscription, Buffer.from('0063', 'hex')))
      .to.throw(KafkaError)
      .with.property('code', Errors.UNSUPPORTED_VERSION);
  });
});
