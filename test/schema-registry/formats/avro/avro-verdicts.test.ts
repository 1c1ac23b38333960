// What Apache Avro 1.12.1 said about two thousand random pairs (conformance/schemas/record-avro.ts asked it): the texts that it
// prints, what it refuses, and every reason why the first of a pair cannot read the second, with path and words.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { AvroVerdict } from '../../../../conformance/schemas/avro-verdicts.ts';
import { avroDifference } from '../../../../conformance/schemas/check-avro.ts';

const FILE = new URL('../../../fixtures/schemas/avro-verdicts.jsonl.gz', import.meta.url);

describe('Avro schemas, as Apache Avro judges them', () => {
  const verdicts = gunzipSync(readFileSync(FILE))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AvroVerdict);

  it('have its texts, its refusals and its verdicts in 2,000 pairs', () => {
    expect(verdicts.length).equal(2000);
    expect(verdicts.flatMap((verdict) => avroDifference(verdict) ?? []).slice(0, 3)).eql([]);
  });

  it('are of every kind among them', () => {
    const kinds = new Set(verdicts.map(({ verdict }) => verdict.split(' ', 1)[0]));
    expect([...kinds]).include.members([
      '',
      'none',
      'failed',
      'TYPE_MISMATCH',
      'MISSING_UNION_BRANCH',
      'NAME_MISMATCH',
    ]);
    expect([...kinds]).include.members([
      'FIXED_SIZE_MISMATCH',
      'READER_FIELD_MISSING_DEFAULT_VALUE',
      'MISSING_ENUM_SYMBOLS',
    ]);
  });
});
