import { expect } from 'chai';
import fc from 'fast-check';
import type { ToolRecord } from '../../../src/tools/tool-record.ts';
import { FactsOfRecord } from '../../../src/tools/own/where/record-facts.ts';
import { compileCondition } from '../../../src/tools/own/where/where-condition.ts';
import { WhereError } from '../../../src/tools/own/where/where-tokens.ts';

const record = (value: unknown, more: Partial<ToolRecord> = {}): FactsOfRecord =>
  new FactsOfRecord({
    topic: 'orders',
    partition: 2,
    offset: 41,
    leaderEpoch: 0,
    timestamp: 1_700_000_000_000,
    timestampType: 'CreateTime',
    key: Buffer.from('eu-17'),
    value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    headers: [{ key: 'content-type', value: Buffer.from('json') }],
    ...more,
  });

const ORDER = { amount: 120, state: 'new', items: [{ price: 9.5, name: 'a' }], customer: { vip: true, name: null } };

async function holds(condition: string, facts = record(ORDER)): Promise<boolean> {
  return (await compileCondition(condition)).matches(facts);
}

describe('Conditions of consume --where', () => {
  for (const condition of [
    'value.amount > 100',
    'value.amount >= 120 and value.amount <= 120',
    'value.amount * 2 - 40 == 200',
    '1 + 2 * 3 == 7 and (1 + 2) * 3 == 9',
    'value.state == \'new\' && not value.state != "new"',
    'value.items[0].price < 10',
    'value.items[-1].name == "a"',
    'value["amount"] == 120',
    'value.customer.vip',
    'value.customer.name == null and value.nothing.at.all == null',
    '!exists(value.nothing)',
    'key =~ "^eu-"',
    'key =~ `\\d+$`',
    'key !~ "us"',
    'headers.content-type == "json"',
    'topic == "orders" and partition == 2 and offset > 40',
    'timestamp >= time("2023-11-14T22:13:20Z") and timestamp < time("2023-11-15")',
    'value.state in ["new", "open"]',
    'value.state not in ["old"]',
    'value.state startsWith "n" and value.state endsWith "w" and value.state contains "e"',
    'length(value.items) == 1 and upper(value.state) == "NEW"',
    'number("12") == 12 and number("x") == null and text(5) == "5"',
    'valueSize > 10 and keySize == 5',
    'value.amount > 1000 or value.amount == 120',
    '-value.amount < 0',
    'not (value.amount < 100)',
  ]) {
    it(`holds: ${condition}`, async () => expect(await holds(condition)).to.equal(true));
  }

  for (const condition of [
    'value.amount > "100"',
    'value.amount < "100"',
    'value.state > 5',
    'value.nothing > 0',
    'value.nothing =~ ".*"',
    'value.constructor',
    'value.__proto__.toString',
    'value.items.push',
    'false or null or 0 or ""',
  ]) {
    it(`does not hold: ${condition}`, async () => expect(await holds(condition)).to.equal(false));
  }

  it('reads values that are no JSON as text', async () => {
    expect(await holds('value == "hello"', record('hello'))).to.equal(true);
    expect(await holds('value contains "{broken"', record('{broken'))).to.equal(true);
    expect(await holds('value == null', record(null))).to.equal(true);
  });

  for (const [condition, fault] of [
    ['', /missing, at column 1/],
    ['value.amount >', /missing, at column 15/],
    ['value.amount > 1 2', /nothing is expected before "2"/],
    ['amount > 1', /begin with value\.amount/],
    ['key =~ "("', /regular expression/],
    ['key =~ value', /stands in quotes/],
    ['"no end', /has no end/],
    ['value # 1', /means nothing here/],
    ['f(1)', /there is no function f/],
    ['value[1', /"]" is missing/],
    ['('.repeat(300), /nested/],
  ] as const) {
    it(`says what is wrong with ${condition.slice(0, 20)}`, async () => {
      const error = await compileCondition(condition).catch((one: unknown) => one);
      expect(error).to.be.instanceOf(WhereError);
      expect((error as Error).message).to.match(fault);
    });
  }

  it('takes no longer for an expression that would keep JavaScript busy', async () => {
    const condition = await compileCondition('key =~ "^(a+)+$"');
    expect(condition.matches(record('', { key: Buffer.from(`${'a'.repeat(2000)}!`) }))).to.equal(false);
  });

  it('never throws anything but a WhereError, whatever is written', async () => {
    const words = fc.constantFrom(
      'value',
      '.',
      'a',
      '(',
      ')',
      '[',
      ']',
      '==',
      'and',
      'not',
      '"x"',
      '1',
      '-',
      '=~',
      ',',
      'in',
      ' ',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 12 }), async (parts) => {
        const found = await compileCondition(parts.join('')).catch((error: unknown) => error);
        if (found instanceof Error) expect(found).to.be.instanceOf(WhereError);
        else (found as { matches(one: FactsOfRecord): boolean }).matches(record(ORDER));
      }),
      { numRuns: 300 },
    );
  });
});
