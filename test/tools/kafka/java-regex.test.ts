// Regular expressions of Java in JavaScript's words. What Java says of each pattern was taken from Java 17 (fixtures/java-regex.json,
// by conformance/forms/java/Regexes.java).
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerseError, thrownText } from '../../../src/tools/kafka/java-error.ts';
import { javaWholeRegex } from '../../../src/tools/kafka/regex/java-regex.ts';
import { javaSplit } from '../../../src/tools/kafka/regex/java-split.ts';
import { InvalidRegex, UntranslatableRegex } from '../../../src/tools/kafka/regex/regex-scanner.ts';
import { topicFilter } from '../../../src/tools/kafka/topic-filter.ts';

interface Verdicts {
  readonly texts: readonly string[];
  /** By pattern: which of the texts it takes as a whole, or null where it is none. */
  readonly patterns: Readonly<Record<string, readonly number[] | null>>;
  readonly splits: readonly { readonly text: string; readonly pattern: string; readonly parts: readonly string[] }[];
}

const RECORDED = join(import.meta.dirname, '../../fixtures/java-regex.json');
const { texts, patterns, splits } = JSON.parse(readFileSync(RECORDED, 'utf8')) as Verdicts;

function taken(pattern: string): number[] | null {
  try {
    const regex = javaWholeRegex(pattern);
    return texts.flatMap((text, index) => (regex.test(text) ? [index] : []));
  } catch (error) {
    if (error instanceof InvalidRegex) return null;
    throw error;
  }
}

const UNTRANSLATABLE = [
  'a*+',
  'a?+b',
  'a{2}+',
  '(?>ab)c',
  'a(?i)b',
  '(?i:a)',
  '(?x)a b',
  '(?U)\\w',
  '\\Ga',
  '\\X',
  '\\b{g}a',
  '\\p{InGreek}',
  '\\p{javaLowerCase}',
];

describe('A regular expression of Java', () => {
  for (const [pattern, wanted] of Object.entries(patterns)) {
    if (UNTRANSLATABLE.includes(pattern)) continue;
    it(`${JSON.stringify(pattern)} takes what it takes there`, () => expect(taken(pattern)).to.deep.equal(wanted));
  }

  for (const pattern of UNTRANSLATABLE) {
    it(`${pattern} is refused, though Java takes it`, () => {
      expect(patterns[pattern]).to.be.an('array');
      expect(() => javaWholeRegex(pattern)).to.throw(UntranslatableRegex);
    });
  }

  for (const { text, pattern, parts } of splits) {
    it(`splits ${JSON.stringify(text)} by ${JSON.stringify(pattern)} as there`, () =>
      expect(javaSplit(text, pattern)).to.deep.equal(parts));
  }

  it('that is not served is told in a sentence, one that is none as the original tells it', () => {
    expect(() => topicFilter('a++')).to.throw(TerseError, 'a++ has a possessive quantifier (++), which only the JVM');
    let error: unknown;
    try {
      topicFilter('a**');
    } catch (thrown) {
      error = thrown;
    }
    expect(thrownText(error)).to.equal('java.lang.RuntimeException: a** is an invalid regex.');
  });
});
