import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { checkRecordsLine, type RecordsRow } from '../../../conformance/golden-records.ts';
import { Codecs, loadCodec } from '../../../src/protocol/index.ts';

const file = new URL('../../golden/records.jsonl.gz', import.meta.url);
const rows = gunzipSync(readFileSync(file))
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordsRow);
const row = (name: string): RecordsRow => rows.find((candidate) => candidate.case === name) as RecordsRow;

describe('record batches of Kafka 4.3.1', () => {
  before(() => loadCodec(Codecs.ZSTD));

  it('read as Kafka reads them, all 467 lines, odd ones too', () => {
    const failures = rows
      .map((line) => [line.case, checkRecordsLine(line)])
      .filter(([, failure]) => failure !== undefined);
    expect(failures).to.deep.equal([]);
    expect(rows).to.have.length(467);
  });

  it('are really compared: a changed expectation fails', () => {
    const one = row('one');
    const batch = one.batches![0]!;
    const changed = (change: object): RecordsRow => ({ ...one, batches: [{ ...batch, ...change }] });
    expect(checkRecordsLine(changed({ crc: 1 }))).to.include('crc');
    expect(checkRecordsLine(changed({ records: [] }))).to.include('records');
    expect(checkRecordsLine(changed({ extra: 1 }))).to.include('extra');
    expect(checkRecordsLine({ ...one, batches: [] })).to.not.equal(undefined);
    const high = row('time-beyond-2^53');
    const [odd] = high.batches!;
    const records = odd!.records.map((record) => ({ ...record, timestamp: '9007199254740992' }));
    expect(checkRecordsLine({ ...high, batches: [{ ...odd!, records }] })).to.include('timestamp');
    const bad = row('bad-gzip-cut-1');
    expect(checkRecordsLine({ ...bad, recordsBefore: 3 })).to.include('recordsBefore');
    expect(checkRecordsLine({ ...bad, stage: 'split' })).to.include('stage');
    expect(checkRecordsLine({ ...bad, error: null })).to.include('fails');
    expect(checkRecordsLine({ ...bad, produceCheck: 'InvalidRecordException' })).to.include('produceCheck');
    expect(checkRecordsLine({ ...bad, validBytes: 0 })).to.include('validBytes');
  });
});
