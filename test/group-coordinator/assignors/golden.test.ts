// What Apache Kafka's own assignors made of groups drawn at random, line by line (test/golden/coordinators/README.md).
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type AssignorRow, checkAssignor } from '../../../conformance/golden-assignors.ts';
import { checkTaskAssignor, type TaskRow } from '../../../conformance/golden-tasks.ts';

/** Of all lines, which `npm run golden` checks, every fifth. */
const STEP = 5;

function rowsOf<Row>(file: string): Row[] {
  const packed = readFileSync(new URL(`../../golden/coordinators/${file}.jsonl.gz`, import.meta.url));
  return gunzipSync(packed)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .filter((_, index) => index % STEP === 0)
    .map((line) => JSON.parse(line) as Row);
}

describe('assignors, beside those of Apache Kafka', () => {
  for (const name of ['uniform', 'range', 'simple']) {
    it(`${name} gives the same`, () => {
      const rows = rowsOf<AssignorRow & { readonly case: string }>(`assignor-${name}`);
      const failures = rows.map((row) => [row.case, checkAssignor(row)]).filter(([, failure]) => failure !== undefined);
      expect(failures).to.deep.equal([]);
      expect(rows.length).to.equal(Math.ceil(577 / STEP));
    });
  }

  it('sticky gives the same', () => {
    const rows = rowsOf<TaskRow & { readonly case: string }>('assignor-sticky');
    const failures = rows
      .map((row) => [row.case, checkTaskAssignor(row)])
      .filter(([, failure]) => failure !== undefined);
    expect(failures).to.deep.equal([]);
    expect(rows.length).to.equal(Math.ceil(571 / STEP));
  });
});
