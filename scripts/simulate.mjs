// Bundles the simulated cluster into one file, in which nothing is loaded on demand (a real `import()` would take real time, in
// which virtual time stands for nothing), and runs it: `npm run simulate -- --seeds 1..20000 [--jobs 2]`. With --jobs the
// seeds are divided among that many processes. `--bundle FILE` only writes the bundle, to be run with another Node.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Writes the bundle of `entry`, by default of the command, to `file`. */
export async function bundleSimulator(file, entry = 'test/simulation/cluster/run.ts') {
  const bundle = await rolldown({
    cwd: root,
    input: join(root, entry),
    platform: 'node',
    transform: { target: 'node20.19' },
    external: (id) => id.startsWith('node:') || id.startsWith('@node-rs/'),
  });
  try {
    await bundle.write({
      file,
      format: 'esm',
      codeSplitting: false,
      sourcemap: 'inline',
      sourcemapExcludeSources: true,
    });
  } finally {
    await bundle.close();
  }
}

/** Writes the simulator as a process that answers messages, each the arguments of one call, with what the command says; its file. */
export async function writeServingSimulator(directory) {
  await bundleSimulator(join(directory, 'simulator.mjs'));
  const file = join(directory, 'serve.mjs');
  writeFileSync(
    file,
    `import { main } from './simulator.mjs';
    process.on('message', async (args) => {
      const said = [];
      await main(args, (line) => said.push(line));
      process.send(said.join('\\n'));
    });
    `,
  );
  return file;
}

function runJob(file, args) {
  return new Promise((resolve) => {
    const job = spawn(process.execPath, ['--enable-source-maps', file, ...args], { stdio: 'inherit' });
    job.on('exit', (code) => resolve(code ?? 1));
  });
}

function divided(args, jobs) {
  const at = args.indexOf('--seeds');
  const [from, to = from] = (at < 0 ? '1..100' : args[at + 1]).split('..').map(Number);
  const rest = at < 0 ? args : args.toSpliced(at, 2);
  const size = Math.ceil((to - from + 1) / jobs);
  return Array.from({ length: jobs }, (_, job) => [from + job * size, Math.min(to, from + (job + 1) * size - 1)])
    .filter(([first, last]) => first <= last)
    .map(([first, last]) => ['--seeds', `${first}..${last}`, ...rest]);
}

async function main(args) {
  const directory = mkdtempSync(join(tmpdir(), 'ottla-simulate-'));
  try {
    const file = join(directory, 'simulator.mjs');
    await bundleSimulator(file);
    const start = join(directory, 'start.mjs');
    writeFileSync(
      start,
      `import { main } from './simulator.mjs';\nprocess.exitCode = (await main(process.argv.slice(2))) > 0 ? 1 : 0;\n`,
    );
    const jobsAt = args.indexOf('--jobs');
    const jobs = jobsAt < 0 ? 1 : Number(args[jobsAt + 1]);
    const rest = jobsAt < 0 ? args : args.toSpliced(jobsAt, 2);
    const codes = await Promise.all(divided(rest, jobs).map((one) => runJob(start, one)));
    process.exitCode = Math.max(...codes);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  if (args[0] === '--bundle') await bundleSimulator(args[1]);
  else await main(args);
}
