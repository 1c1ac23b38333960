// Whole clusters and their clients in virtual time (test/simulation/cluster). OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the
// first one; the command with more to say is `npm run simulate`.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Simulator from './cluster/run.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 24);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
/** In the long form every deliberate bug is looked for from the first seed on; else with the seed that is known to find it. */
const isLong = seeds > 1_000;
const MUTATION_SEEDS = isLong ? 5_000 : 1;

/** One seed of so many is run with changing voters too. */
const CHANGING_SHARE = 6;

describe('A simulated cluster', function () {
  this.timeout(Math.max(120_000, seeds * 2_000));
  let simulator: typeof Simulator;
  const directory = mkdtempSync(join(tmpdir(), 'ottla-simulator-'));
  const file = join(directory, 'simulator.mjs');

  before(async () => {
    const script = new URL('../../scripts/simulate.mjs', import.meta.url).href;
    const { bundleSimulator } = (await import(script)) as { bundleSimulator: (file: string) => Promise<void> };
    await bundleSimulator(file);
    simulator = (await import(pathToFileURL(file).href)) as typeof Simulator;
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  // In a process of its own: what loads TypeScript for the tests is at work in real time when the first world begins.
  it('does the same for the same seed', () => {
    const program = `const { main } = await import(${JSON.stringify(pathToFileURL(file).href)});
      process.exitCode = await main(['--seeds', '1..4', '--twice']);`;
    const args = ['--input-type=module', '-e', program];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout + stderr).to.match(/4 seeds, 0 failed/);
  });

  it('keeps its promises whatever befalls it', async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const { violation } = await simulator.run(simulator.planOf(seed, simulator.TOPOLOGIES));
      expect(violation?.message, `seed ${seed}`).to.equal(undefined);
    }
  });

  it('keeps them while voters come and go, and levels of features are raised', async () => {
    const own = Math.ceil(seeds / CHANGING_SHARE);
    for (let seed = firstSeed; seed < firstSeed + own; seed++) {
      const { violation } = await simulator.run(simulator.planOf(seed, ['changing']));
      expect(violation?.message, `seed ${seed}`).to.equal(undefined);
    }
  });

  it('finds deliberate bugs', async () => {
    for (const mutation of simulator.mutations) {
      const first = isLong ? 1 : mutation.foundBy;
      if (first === undefined) continue;
      const found = await simulator.findMutation(mutation, first, first + MUTATION_SEEDS - 1);
      expect(found, mutation.name).to.not.equal(undefined);
    }
  });
});
