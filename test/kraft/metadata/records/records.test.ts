// The frame around metadata records, on the records that Kafka wrote.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecord,
  UnknownRecordError,
} from '../../../../src/kraft/metadata/records/index.ts';
import { DecodeError, ZERO_UUID } from '../../../../src/protocol/index.ts';

interface Row {
  readonly log: string;
  readonly name: string;
  readonly version: number;
  readonly case: string;
  readonly hex: string;
}

const packed = readFileSync(new URL('../../../golden/coordinator-records.jsonl.gz', import.meta.url));
const rows = gunzipSync(packed)
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

describe('metadata records', () => {
  it('keep type, version and bytes', () => {
    // Other cases have unknown tagged fields and numbers beyond 2^53, which a broker does not keep.
    const plain = rows.filter((row) => row.log === '__cluster_metadata' && /default|empties|hollow/.test(row.case));
    expect(plain.length).to.be.greaterThan(60);
    for (const { hex, name, version } of plain) {
      const record = decodeMetadataRecord(Buffer.from(hex, 'hex'));
      expect(record).to.include({ type: name, version });
      expect(encodeMetadataRecord(record).toString('hex'), `${name} v${version}`).to.equal(hex);
    }
  });
  it('stay as they are when the next is encoded', () => {
    const topic = (name: string): MetadataRecord => ({ type: 'TopicRecord', version: 0, name, topicId: ZERO_UUID });
    const first = encodeMetadataRecord(topic('first'));
    encodeMetadataRecord(topic('other'));
    expect(decodeMetadataRecord(first)).to.deep.equal(topic('first'));
  });
  it('are refused when frame, type or version are not known, or bytes are left', () => {
    const decode = (hex: string) => () => decodeMetadataRecord(Buffer.from(hex, 'hex'));
    expect(decode('021400' + '00')).to.throw(DecodeError, 'frame version 2');
    expect(decode('016300' + '00')).to.throw(UnknownRecordError, 'unknown type 99');
    expect(decode('011401' + '00')).to.throw(UnknownRecordError, 'a NoOpRecord of the unknown version 1');
    expect(decode('011400' + '0000')).to.throw(DecodeError, '1 bytes behind a NoOpRecord');
    expect(decode('')).to.throw(DecodeError);
  });
});
