import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { deviations } from '../../conformance/deviations.ts';
import { checkRegex, type RegexRow } from '../../conformance/golden-regex.ts';
import { InvalidRegexError, loadRegexEngine } from '../../src/runtime/index.ts';

describe('Regular expressions of users', () => {
  it('match what they match in Apache Kafka, and are refused with its words', async () => {
    const packed = readFileSync(new URL('../golden/coordinators/regex.jsonl.gz', import.meta.url));
    const rows = gunzipSync(packed)
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RegexRow);
    const failures: string[] = [];
    for (const row of rows) {
      const failure = await checkRegex(row);
      if (failure !== undefined && !deviations.golden.some(({ id }) => id.test(row.pattern))) failures.push(failure);
    }
    expect(failures).to.deep.equal([]);
    expect(rows.length).to.equal(340);
  });

  it('answer in time what keeps a backtracking engine busy for ever', async () => {
    const engine = await loadRegexEngine();
    for (const pattern of ['(a*)*b', '(a|a)*b', '(.*)(.*)(.*)(.*)(.*)b', '(a?){500}a{500}c'])
      expect(engine.compile(pattern).matches('a'.repeat(5000))).to.equal(false);
  });

  it('are refused where they would grow without a bound', async () => {
    const engine = await loadRegexEngine();
    const deep = `${'('.repeat(20_000)}a${')'.repeat(20_000)}`;
    for (const pattern of ['((a{1000}){1000}){1000}', deep, '(((((a{10}){10}){10}){10}){10}){10}'])
      expect(() => engine.compile(pattern)).to.throw(InvalidRegexError);
  });
});
