// The table on the screen, conformance/results.json, and the README's table that is made from it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseResult } from './suite.ts';

export interface SuiteReport {
  readonly suite: string;
  /** Of the program that judges. */
  readonly version: string;
  readonly passed: number;
  readonly failed: number;
  readonly struck: readonly { readonly name: string; readonly reason: string }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly failures: readonly { readonly name: string; readonly detail: string }[];
  /** Set when the whole suite was left out. */
  readonly missing?: string;
  readonly seconds: number;
  /** When it ran: ISO date. */
  readonly date: string;
  readonly broker: string;
  readonly node: string;
}

export function reportOf(
  head: Pick<SuiteReport, 'suite' | 'version' | 'seconds' | 'date' | 'broker' | 'node'>,
  results: readonly CaseResult[],
): SuiteReport {
  const of = (status: CaseResult['status']): readonly CaseResult[] => results.filter((r) => r.status === status);
  const reasons = (cases: readonly CaseResult[]): { name: string; reason: string }[] =>
    cases.map((r) => ({ name: r.name, reason: r.detail ?? '' }));
  return {
    ...head,
    passed: of('passed').length,
    failed: of('failed').length,
    struck: reasons(of('struck')),
    skipped: reasons(of('skipped')),
    failures: of('failed').map((r) => ({ name: r.name, detail: (r.detail ?? '').slice(0, 500) })),
  };
}

const COLUMNS = ['suite', 'version', 'passed', 'failed', 'struck, skipped'] as const;

function row(report: SuiteReport): string[] {
  const { suite, version } = report;
  if (report.missing !== undefined) return [suite, version, '-', '-', `skipped: ${report.missing}`];
  const notes = [
    ...report.struck.map((entry) => `struck ${entry.name}: ${entry.reason}`),
    ...report.skipped.map((entry) => `skipped ${entry.name}: ${entry.reason}`),
  ];
  const shown = notes.length > 4 ? [...notes.slice(0, 3), `and ${notes.length - 3} more`] : notes;
  return [suite, version, String(report.passed), String(report.failed), shown.join('; ')];
}

export function table(reports: readonly SuiteReport[]): string {
  const rows = [[...COLUMNS], ...reports.map(row)];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((cells) => (cells[i] ?? '').length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const RESULTS = join(import.meta.dirname, 'results.json');
const README = join(import.meta.dirname, '..', 'README.md');
const START = '<!-- conformance:start -->';
const END = '<!-- conformance:end -->';

interface Results {
  readonly suites: readonly SuiteReport[];
  /** The same suites on three nodes of Apache Kafka: what ours are held against. */
  readonly apache: readonly SuiteReport[];
  /** Suites of our own programs on brokers that are not ours. */
  readonly elsewhere: readonly SuiteReport[];
}

function readResults(): Results {
  const none = { suites: [], apache: [], elsewhere: [] };
  return existsSync(RESULTS) ? { ...none, ...(JSON.parse(readFileSync(RESULTS, 'utf8')) as Partial<Results>) } : none;
}

/** Keeps the last report of every suite that did not run this time. `order` is the order of the file, suites on several nodes or elsewhere last. */
export function mergeResults(reports: readonly SuiteReport[], of: keyof Results, order: readonly string[]): void {
  const ran = reports.filter((report) => report.missing === undefined);
  const results = readResults();
  const kept = results[of].filter((old) => !ran.some((report) => report.suite === old.suite));
  const place = ({ suite }: SuiteReport): number => {
    const [name = '', where] = suite.split(', ');
    return order.indexOf(name) + (where === undefined ? 0 : order.length);
  };
  const merged = [...kept, ...ran].sort((a, b) => place(a) - place(b));
  writeFileSync(RESULTS, `${JSON.stringify({ ...results, [of]: merged }, null, 2)}\n`);
}

/** Throws when the README has no place for the table. */
export function updateReadme(): void {
  const text = readFileSync(README, 'utf8');
  const [from, to] = [text.indexOf(START), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${START} … ${END}`);
  const lines = readResults().suites.map((report) => {
    const struck = report.struck.map((entry) => `${entry.name}: ${entry.reason}`).join('; ');
    return `| ${report.suite} | ${report.version} | ${report.passed} | ${report.failed} | ${skippedCell(report)} | ${struck} |`;
  });
  const head = [
    '| suite | version | passed | failed | skipped | struck: red on Apache Kafka itself |',
    '|---|---|---|---|---|---|',
  ];
  const body = [START, ...head, ...lines, ''].join('\n');
  writeFileSync(README, text.slice(0, from) + body + text.slice(to));
}

/** A few by name, many by number; results.json has all of them with their reasons. */
function skippedCell({ skipped }: SuiteReport): string {
  const [first] = skipped;
  if (first === undefined) return '';
  return skipped.length === 1 ? first.name : `${skipped.length} cases`;
}
