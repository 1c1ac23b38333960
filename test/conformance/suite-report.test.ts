// What the suites and the bench say of themselves: statuses of cases, tables, bars.
import { expect } from 'chai';
import { barsOf, isReached, type Results } from '../../bench/bars.ts';
import type { BestOf } from '../../bench/cases.ts';
import { median } from '../../bench/start-up.ts';
import { reportOf, table } from '../../conformance/report.ts';
import { Cases, Skip } from '../../conformance/suite.ts';

const head = { suite: 'kcat', version: '1.7.1', seconds: 3, date: '2026-11-21', broker: 'ottla 0.1.0', node: 'v20' };

describe('conformance cases and their report', () => {
  it('counts a case that throws as failed, one that skips itself as skipped', async () => {
    const cases = new Cases('kcat', () => undefined);
    await cases.run('works', () => undefined);
    await cases.run('breaks', () => Promise.reject(new Error('no answer')));
    await cases.run('cannot be judged', () => {
      throw new Skip('no such tool');
    });
    const report = reportOf(head, cases.results);
    expect([report.passed, report.failed, report.skipped.length]).to.deep.equal([1, 1, 1]);
    expect(report.failures).to.deep.equal([{ name: 'breaks', detail: 'no answer' }]);
    expect(table([report])).to.include('skipped cannot be judged: no such tool');
  });

  it('fails a case that outlives its limit', async () => {
    const cases = new Cases('kcat', () => undefined);
    expect(await cases.run('hangs', () => new Promise(() => undefined), 5)).to.equal(false);
    expect(cases.results[0]?.detail).to.equal('not done within 5 ms');
  });

  it('names a suite that was left out with its reason', () => {
    const report = { ...reportOf(head, []), missing: 'no kcat (Debian package kcat)' };
    expect(table([report])).to.match(/kcat +1\.7\.1 +- +- +skipped: no kcat/);
  });
});

function load(contender: BestOf['contender'], cpuSecondsPerGigabyte: number, megabytesPerSecond: number): BestOf {
  const figures = { cpuSecondsPerGigabyte, megabytesPerSecond, recordsPerSecond: 0, cpuMicrosPerRecord: 0 };
  return { case: 'produce 1 KB acks=1', contender, ...figures, rounds: [] };
}

const empty: Results = {
  machine: 'a machine',
  date: '2026-11-21',
  isQuick: true,
  loads: [],
  latencies: [],
  memory: [],
  coldStarts: [],
  inProcess: [],
};

describe('bench bars', () => {
  it('compares CPU downwards and throughput upwards', () => {
    const bars = barsOf({ ...empty, loads: [load('ottla', 1.3, 300), load('apache', 2, 250)] });
    expect(bars.map((bar) => [bar.value, bar.limit, isReached(bar)])).to.deep.equal([
      [0.65, 0.6, false],
      [1.2, 1, true],
    ]);
  });

  it('leaves out what was not measured', () => {
    expect(barsOf(empty)).to.deep.equal([]);
    expect(barsOf({ ...empty, loads: [load('ottla', 1, 1)] })).to.deep.equal([]);
  });

  it('asks more of a current Node than of an old one', () => {
    const start = (node: string): Results['coldStarts'][number] => ({ node, medianMs: 200, allMs: [200] });
    const bars = barsOf({ ...empty, coldStarts: [start('v20.20.2'), start('v24.21.0')] });
    expect(bars.map(isReached)).to.deep.equal([true, false]);
  });

  it('takes the mean of the two in the middle as the median of an even number', () => {
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    expect(median([5, 1, 3])).to.equal(3);
  });
});
