// What CI runs, step by step: the README's test command first, then types, lint, Kafka's bytes and exchanges, and a short
// form of conformance. Sums what every step says of itself and ends with `N passed, N failed`.
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
      resolve({ name, passed, failed, why: code === 0 ? '' : failuresOf(tail) });
    });
  });
}

/** What a step says of its failures, from where it begins to: of a long log only the end may be kept. */
function failuresOf(tail) {
  const from = tail.search(/^ +\d+ failing/m);
  const named = tail.match(/^ *(FAIL|not ok|FAILED).*$/gm) ?? [];
  return (from >= 0 ? tail.slice(from) : named.join('\n') || tail.slice(-MAX_WHY)).slice(0, MAX_WHY);
}

const results = [];
for (const [name, command] of steps) results.push(await run(name, command));
console.log('');
for (const { name, passed, failed } of results) console.log(`${name.padEnd(12)} ${passed} passed, ${failed} failed`);
for (const { name, why } of results) if (why !== '') console.log(`\n--- ${name}:\n${why}`);
const passed = results.reduce((sum, one) => sum + one.passed, 0);
const failed = results.reduce((sum, one) => sum + one.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
