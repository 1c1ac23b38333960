import { expect } from 'chai';
import { parseOffsetRange, parseTimeBounds, RangeMistake } from '../../../src/tools/own/consume-range.ts';

const NOW = Date.UTC(2026, 10, 29, 15);
const HOUR = 3_600_000;

describe('Where consume begins and ends', () => {
  const never = { kind: 'never' };
  const start = { kind: 'start', plus: 0 };
  for (const [text, range] of [
    ['start', { start, end: never }],
    ['end', { start: { kind: 'end', minus: 0 }, end: never }],
    ['47', { start: { kind: 'at', offset: 47 }, end: never }],
    ['47:', { start: { kind: 'at', offset: 47 }, end: never }],
    ['+2', { start: { kind: 'start', plus: 2 }, end: never }],
    ['-3', { start: { kind: 'end', minus: 3 }, end: never }],
    [':end', { start, end: { kind: 'end' } }],
    [':12', { start, end: { kind: 'at', offset: 12 } }],
    ['10:20', { start: { kind: 'at', offset: 10 }, end: { kind: 'at', offset: 20 } }],
    ['10-20', { start: { kind: 'at', offset: 10 }, end: { kind: 'at', offset: 20 } }],
    ['10:end', { start: { kind: 'at', offset: 10 }, end: { kind: 'end' } }],
    ['@1622505600', { start: { kind: 'time', ms: 1_622_505_600_000 }, end: never }],
    ['@1622505600000:', { start: { kind: 'time', ms: 1_622_505_600_000 }, end: never }],
    ['@-1h', { start: { kind: 'time', ms: NOW - HOUR }, end: never }],
    ['@-48h:-24h', { start: { kind: 'time', ms: NOW - 48 * HOUR }, end: { kind: 'time', ms: NOW - 24 * HOUR } }],
    [
      '@2022-02-14:1h',
      { start: { kind: 'time', ms: Date.UTC(2022, 1, 14) }, end: { kind: 'time', ms: Date.UTC(2022, 1, 14, 1) } },
    ],
    ['@2022-02-14T10:00:00Z:end', { start: { kind: 'time', ms: Date.UTC(2022, 1, 14, 10) }, end: { kind: 'end' } }],
    ['@:-1h', { start, end: { kind: 'time', ms: NOW - HOUR } }],
  ] as const) {
    it(`reads ${text}`, () => expect(parseOffsetRange(text, NOW)).to.deep.equal(range));
  }

  for (const text of ['', ':', 'x', '10:5', '10:10', '@', '@soon', '@-1h:soon', '1.5']) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(() => parseOffsetRange(text, NOW)).to.throw(RangeMistake));
  }

  it('takes --from and --until', () => {
    expect(parseTimeBounds('-1h', 'now', NOW)).to.deep.equal({
      start: { kind: 'time', ms: NOW - HOUR },
      end: { kind: 'time', ms: NOW },
    });
    expect(parseTimeBounds(undefined, 'end', NOW)).to.deep.equal({ start, end: { kind: 'end' } });
    expect(() => parseTimeBounds('now', '-1h', NOW)).to.throw(RangeMistake, 'not behind');
    expect(() => parseTimeBounds('soon', undefined, NOW)).to.throw(RangeMistake, '--from soon');
  });
});
