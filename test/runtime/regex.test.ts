import { expect } from 'chai';
import fc from 'fast-check';
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

  it('are refused where they or their programs are too large', async () => {
    const engine = await loadRegexEngine();
    for (const pattern of ['a|'.repeat(5000), '\\pL'.repeat(33), '(a|b|ab|.){0,999}c'])
      expect(() => engine.compile(pattern), pattern.slice(0, 20)).to.throw(
        InvalidRegexError,
        'expression is too large',
      );
    expect(engine.compile('\\\\p'.repeat(40)).matches('\\p'.repeat(40))).to.equal(true);
  });

  it('take few and cheap steps for each character, whatever is asked', async () => {
    const engine = await loadRegexEngine();
    for (const pattern of ['(a?){0,1000}b', '([^b]?){0,1000}b', '(.*a){1000}']) {
      const regex = engine.compile(pattern);
      expect(regex.size).to.be.at.most(8192);
      const before = process.cpuUsage().user;
      expect(regex.matches('a'.repeat(249))).to.equal(false);
      // Half a second and more in the machines of re2js.
      expect(process.cpuUsage().user - before, pattern).to.be.below(200_000);
    }
  });

  it('match what the machines of re2js match', async () => {
    const engine = await loadRegexEngine();
    const { RE2JS } = await import('re2js');
    const leaf = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\b',
      '\\B',
      '^',
      '$',
      '\\w',
      '(?i:A)',
      '(?s:.)',
      '(?m:^)',
      '(?m:$)',
      'é',
      '😀',
    );
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `${one}${other}`),
        fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `(${one}|${other})`),
        fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{0,2}', '*?')).map(([one, how]) => `(?:${one})${how}`),
      ),
    }));
    const text = fc
      .array(fc.constantFrom('a', 'b', 'A', '-', '\n', 'é', '😀'), { maxLength: 6 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 4, maxLength: 4 }), (source, texts) => {
        const regex = engine.compile(source);
        const other = RE2JS.compile(source);
        for (const one of texts) expect(regex.matches(one), `${source} ${one}`).to.equal(other.testExact(one));
      }),
      { numRuns: 400 },
    );
  });
});
