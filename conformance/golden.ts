// `npm run -s golden -- [FILE...]`: does every codec do with the golden bytes what Kafka did? Without files, all of
// test/golden. Prints one line per file, what failed, and the sums; exits with 1 when anything failed.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Codecs, loadCodec } from '../src/protocol/index.ts';
import { deviations } from './deviations.ts';
import {
  checkCoordinatorRecord,
  checkFrame,
  checkHeader,
  checkMalformed,
  checkOther,
  checkWholeFrame,
} from './golden-messages.ts';
import { checkPrimitive } from './golden-primitives.ts';
import { checkSchema } from './golden-schemas.ts';
import type { TarFile } from './tar-files.ts';

type Row = Readonly<Record<string, unknown>>;
type Verdict = string | undefined;
type Check = (row: never) => Verdict | Promise<Verdict>;

const MAX_DETAILS = 10;
const directory = new URL('../test/golden/', import.meta.url);

/** Formats are told apart by what their lines have, not by the names of files. */
async function checkFor(row: Row, file: string): Promise<Check> {
  if (isCleanerPass(row)) return checkCleanerFor(file);
  if ('series' in row) return (await import('./golden-quotas-measured.ts')).checkMeasured as Check;
  if ('sameAsNone' in row) return (await import('./golden-permissions.ts')).checkObserved as Check;
  if ('checks' in row) return (await import('./golden-permissions.ts')).checkPermissions as Check;
  if ('list' in row) return (await import('./golden-configs.ts')).checkConfig as Check;
  if ('windowSeconds' in row) return (await import('./golden-quotas.ts')).checkSeries as Check;
  if ('steps' in row || 'rules' in row || 'mode' in row) {
    return (await import('./golden-security.ts')).securityCheckFor(row) as Check;
  }
  if ('schema' in row) return checkSchema;
  if ('mutation' in row) return checkMalformed;
  if ('pattern' in row) return (await import('./golden-regex.ts')).checkRegex as Check;
  if (row.assignor === 'sticky') return (await import('./golden-tasks.ts')).checkTaskAssignor as Check;
  if ('assignor' in row) return (await import('./golden-assignors.ts')).checkAssignor as Check;
  if ('set' in row && 'ask' in row) return (await import('./golden-quotas.ts')).checkPrecedence as Check;
  if ('superUsers' in row) return (await import('./golden-access.ts')).checkAuthorizer as Check;
  if ('filters' in row) return (await import('./golden-access.ts')).checkAclFilters as Check;
  if ('permission' in row && 'ok' in row) return (await import('./golden-access.ts')).checkAclCreation as Check;
  if ('inputHex' in row) return (await import('./golden-records.ts')).checkProduceLine as Check;
  if ('log' in row) return checkCoordinatorRecord;
  if ('direction' in row) return row.kind === 'frame' ? checkWholeFrame : checkFrame;
  if (row.kind === 'header') return checkHeader;
  if ('kind' in row) return checkPrimitive;
  if ('artifact' in row) return checkOther;
  return (await import('./golden-records.ts')).checkRecordsLine as Check;
}

const isCleanerPass = (row: Row): boolean => 'round' in row && 'batchesBefore' in row;

let cleanerDirectories: { readonly file: string; readonly files: ReadonlyMap<string, TarFile> } | undefined;

/** The directories that the lines name stand in an archive beside the file. */
async function checkCleanerFor(file: string): Promise<Check> {
  const { checkCleanerLine } = await import('./golden-cleaner.ts');
  const { tarFiles } = await import('./tar-files.ts');
  if (cleanerDirectories?.file !== file) {
    const archive = file.replace(/(\.jsonl)?(\.gz)?$/, '-dirs.tar.gz');
    cleanerDirectories = { file, files: tarFiles(readFileSync(archive)) };
  }
  const { files } = cleanerDirectories;
  return (row: never) => checkCleanerLine(row, files);
}

type RowNames = Readonly<
  Record<'log' | 'kind' | 'name' | 'series' | 'direction' | 'case' | 'mutation' | 'pattern', string | undefined>
> & {
  readonly schema?: { readonly name: string };
  readonly version?: number;
};

/** What a line is called in failures and deviations. */
function lineId(row: Row): string {
  if (isCleanerPass(row)) return `${row['case'] as string} pass ${row['round'] as number}`;
  const { schema, log, kind, name, series, direction, version, case: caseName, mutation, pattern } = row as RowNames;
  const words = [schema?.name, log, kind, name, series, direction, version === undefined ? undefined : `v${version}`];
  return [...words, caseName, mutation, pattern].filter((word) => word !== undefined).join(' ');
}

const isDeviation = (id: string) => deviations.golden.some((deviation) => deviation.id.test(id));

async function failureOf(row: Row, file: string): Promise<Verdict> {
  try {
    const check = await checkFor(row, file);
    return await check(row as never);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** One object a line; or, of one JSON text, the members of its array or of the arrays in it, with the name of theirs as `list`. */
function rowsOf(file: string): Row[] {
  const content = readFileSync(file);
  const isPacked = content[0] === 0x1f && content[1] === 0x8b;
  const text = (isPacked ? gunzipSync(content) : content).toString('utf8').trimEnd();
  if (!file.endsWith('.json')) return text.split('\n').map((line) => JSON.parse(line) as Row);
  const whole = JSON.parse(text) as Readonly<Record<string, unknown>> | readonly Row[];
  if (Array.isArray(whole)) return whole as Row[];
  return Object.entries(whole).flatMap(([list, rows]) =>
    Array.isArray(rows) ? (rows as Row[]).map((row) => ({ ...row, list })) : [],
  );
}

async function checkFile(file: string): Promise<{ passed: number; failed: number }> {
  let passed = 0;
  const failures: string[] = [];
  let failed = 0;
  for (const [index, row] of rowsOf(file).entries()) {
    const id = lineId(row);
    const failure = await failureOf(row, file);
    if (failure === undefined || isDeviation(id)) {
      passed += 1;
      continue;
    }
    failed += 1;
    if (failures.length < MAX_DETAILS) failures.push(`  line ${index + 1}, ${id}: ${failure.slice(0, 1000)}`);
  }
  console.log(`${basename(file)}  ${passed} passed, ${failed} failed`);
  for (const failure of failures) console.log(failure);
  return { passed, failed };
}

async function main(named: readonly string[]): Promise<number> {
  const all = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(
    // What Kafka's clients do is judged by the tests of ours.
    (name) => /\.json(l\.gz)?$/.test(name) && !name.startsWith('client/'),
  );
  const files = named.length > 0 ? named : all.sort().map((name) => new URL(name, directory).pathname);
  // Batches are opened synchronously; this codec has to be there before.
  await loadCodec(Codecs.ZSTD);
  const sums = { passed: 0, failed: 0 };
  for (const file of files) {
    const { passed, failed } = await checkFile(file);
    sums.passed += passed;
    sums.failed += failed;
  }
  console.log(`${sums.passed} passed, ${sums.failed} failed`);
  return sums.failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
