// Whole clusters and their clients in virtual time (test/simulation/cluster). OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the
// first one; the command with more to say is `npm run simulate`.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Simulator from './cluster/run.ts';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 60);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
/** In the long form every deliberate bug is looked for from the first seed on; else near the one that is known to find it. */
const MUTATION_SEEDS = seeds > 1_000 ? 5_000 : 25;

describe('A simulated cluster', function () {
  this.timeout(Math.max(120_000, seeds * 2_000));
  let simulator: typeof Simulator;
  const directory = mkdtempSync(join(tmpdir(), 'ottla-simulator-'));

  before(async () => {
    const file = join(directory, 'simulator.mjs');
    const script = new URL('../../scripts/simulate.mjs', import.meta.url).href;
    const { bundleSimulator } = (await import(script)) as { bundleSimulator: (file: string) => Promise<void> };
    await bundleSimulator(file);
    simulator = (await import(pathToFileURL(file).href)) as typeof Simulator;
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  it('keeps its promises whatever befalls it', async () => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const { violation } = await simulator.run(simulator.planOf(seed, simulator.TOPOLOGIES));
      expect(violation?.message, `seed ${seed}`).to.equal(undefined);
    }
  });

  it('does the same for the same seed', async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 4; seed++) {
      const plan = simulator.planOf(seed, simulator.TOPOLOGIES);
      const { hash } = await simulator.run(plan);
      expect((await simulator.run(plan)).hash).to.equal(hash);
      hashes.add(hash);
    }
    expect(hashes.size).to.equal(4);
  });

  it('finds deliberate bugs', async () => {
    for (const mutation of simulator.mutations) {
      const first = seeds > 1_000 ? 1 : mutation.foundBy;
      const found = await simulator.findMutation(mutation, first, first + MUTATION_SEEDS - 1);
      expect(found, mutation.name).to.not.equal(undefined);
    }
  });
});
