// The golden files and the transcripts have runners of their own; here their last lines are read.

import { join } from 'node:path';
import type { Suite, SuiteContext } from '../suite.ts';
import { exec } from '../toolchain/exec.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TIME_LIMIT_MS = 600_000;
const SHOWN_FAILURES = 20;

function runner(name: string): Suite {
  return {
    name,
    isBlackBox: false,
    available: () => Promise.resolve({ version: 'Apache Kafka 4.3.1' }),
    run: (context) => runScript(name, context),
  };
}

async function runScript(script: string, { cases, progress }: SuiteContext): Promise<void> {
  const finished = await exec('npm', ['run', '-s', script], { cwd: ROOT, timeoutMs: TIME_LIMIT_MS });
  const counts = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(finished.stdout.trimEnd());
  if (counts === null) throw new Error(`npm run ${script} ended without counts: ${finished.stderr.slice(-500)}`);
  progress(counts[0]);
  const [passed, failed, skipped] = counts.slice(1).map((count) => Number(count ?? 0));
  for (let i = 0; i < (passed ?? 0); i++) cases.add('a line', 'passed');
  const told = finished.stdout.split('\n').filter((line) => /^\s*(fail|not ok)/i.test(line));
  for (let i = 0; i < (failed ?? 0); i++) cases.add('a line', 'failed', told[Math.min(i, SHOWN_FAILURES)] ?? '');
  if ((skipped ?? 0) > 0)
    cases.add(
      `${skipped} exchanges`,
      'skipped',
      'cannot be replayed as they stand (npm run transcripts gives the reason of each)',
    );
  if ((failed ?? 0) === 0 && finished.status !== 0) throw new Error(`status ${finished.status}`);
}

/** Bytes that Kafka's own serializers wrote, for every version of everything. */
export const golden = runner('golden');

/** Requests and answers of a running Apache Kafka, replayed. */
export const transcripts = runner('transcripts');
