// What CI runs, step by step: the README's test command first, then types, lint, Kafka's bytes and exchanges, and a short
// form of conformance. Sums what every step says of itself and ends with `N passed, N failed`. A little that failed is run once
// more, alone: what fails twice has failed, and what does not is named as unsteady, for a machine that stalled is no fault of the
// change, and a race is one of ours that somebody has to find.
import { spawn } from 'node:child_process';

const steps = [
  ['test', ['npm', 'test']],
  ['types', ['npm', 'run', '-s', 'typecheck']],
  ['lint', ['npm', 'run', '-s', 'lint']],
  ['golden', ['npm', 'run', '-s', 'golden']],
  ['transcripts', ['npm', 'run', '-s', 'transcripts']],
  [
    'conformance',
    [
      'npm',
      'run',
      '-s',
      'conformance',
      '--',
      '--only',
      'kafkajs,ottla-client,kcat,cat-forms,java-tools,log-dirs,franz-go,dump-log,kill-loop',
    ],
  ],
];

/** Characters of a step's failures that are said again at the end. */
const MAX_WHY = 6000;

/** Runs one step, shows its output, and gives what it counted of itself (1 when it counts nothing). */
function run(name, [command, ...args]) {
  return new Promise((resolve) => {
    const startedMs = Date.now();
    console.log(`\n=== ${name}: ${command} ${args.join(' ')}`);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let tail = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      tail = (tail + chunk).slice(-20000);
    });
    child.on('close', (code) => {
      const counted = [...tail.matchAll(/^(\d+) passed, (\d+) failed/gm)].at(-1);
      const passing = Number(/(\d+) passing/.exec(tail)?.[1] ?? 0);
      const failing = Number(/(\d+) failing/.exec(tail)?.[1] ?? 0);
      let passed = counted ? Number(counted[1]) : passing;
      let failed = counted ? Number(counted[2]) : failing;
      if (code !== 0 && failed === 0) failed = 1;
      if (code === 0 && passed === 0) passed = 1;
      console.log(`=== ${name}: ${passed} passed, ${failed} failed, ${Math.round((Date.now() - startedMs) / 1000)} s`);
      resolve({ name, passed, failed, tail, why: code === 0 ? '' : failuresOf(tail) });
    });
  });
}

/** What a step says of its failures, from where it begins to: of a long log only the end may be kept. */
function failuresOf(tail) {
  const from = tail.search(/^ +\d+ failing/m);
  const named = tail.match(/^ *(FAIL|not ok|FAILED).*$/gm) ?? [];
  return (from >= 0 ? tail.slice(from) : named.join('\n') || tail.slice(-MAX_WHY)).slice(0, MAX_WHY);
}

/** More files or suites than that did not fail by chance. */
const MOST_AGAIN = 3;

/** Step → the command that runs again what failed in it, by what it said; nothing: that is not for chance to decide. */
const again = {
  test(tail) {
    const files = /^ +failed in: (.+)$/m.exec(tail)?.[1].split(' ') ?? [];
    return files.includes('unknown') ? [] : [['npx', 'mocha', '--reporter', './scripts/test-reporter.cjs'], files];
  },
  conformance(tail) {
    const table = tail.slice(tail.lastIndexOf('\nsuite '));
    const suites = [...table.matchAll(/^(\S+) .*? (\d+) {2,}(\d+)\b.*$/gm)].filter(([, , , failed]) => failed !== '0');
    return [['npm', 'run', '-s', 'conformance', '--', '--only'], suites.map(([, suite]) => suite)];
  },
};

/** The step as it stands when what failed has had its second run. */
async function secondRun(first) {
  const [command, parts = []] = again[first.name]?.(first.tail) ?? [];
  if (parts.length === 0 || parts.length > MOST_AGAIN) return first;
  const second = await run(`${first.name} again`, [...command, ...(command[0] === 'npm' ? [parts.join(',')] : parts)]);
  if (second.failed > first.failed || second.passed === 0) return first;
  const unsteady = first.failed - second.failed;
  return {
    ...first,
    passed: first.passed + unsteady,
    failed: second.failed,
    why: unsteady > 0 ? `${unsteady} UNSTEADY, passed when run again:\n${first.why}` : first.why,
  };
}

const results = [];
for (const [name, command] of steps) {
  const first = await run(name, command);
  results.push(first.failed === 0 ? first : await secondRun(first));
}
console.log('');
for (const { name, passed, failed } of results) console.log(`${name.padEnd(12)} ${passed} passed, ${failed} failed`);
for (const { name, why } of results) if (why !== '') console.log(`\n--- ${name}:\n${why}`);
const passed = results.reduce((sum, one) => sum + one.passed, 0);
const failed = results.reduce((sum, one) => sum + one.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
