// Whole clusters and their clients in virtual time (test/simulation/cluster). OTTLA_SEEDS sets how many seeds are run, OTTLA_SEED the
// first one; the command with more to say is `npm run simulate`.
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const seeds = Number(process.env['OTTLA_SEEDS'] ?? 24);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
/** In the long form every deliberate bug is looked for in drawn worlds too; else in those that are aimed at it. */
const isLong = seeds > 1_000;
const MUTATION_SEEDS = 5_000;

/** The first seeds are run twice. */
const TWICE = Math.min(4, seeds);
/** One seed of so many is run with changing voters too. */
const CHANGING_SHARE = 6;

describe('A simulated cluster', function () {
  this.timeout(Math.max(300_000, seeds * 2_000));
  const directory = mkdtempSync(join(tmpdir(), 'ottla-simulator-'));
  const file = join(directory, 'simulator.mjs');

  before(async () => {
    const script = new URL('../../scripts/simulate.mjs', import.meta.url).href;
    const { bundleSimulator } = (await import(script)) as { bundleSimulator: (file: string) => Promise<void> };
    await bundleSimulator(file);
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  /**
   * What the simulator's command says, in a process of its own: what loads TypeScript for the tests, and what other tests have left, is
   * at work in real time, in which virtual time would leap.
   */
  function simulate(...args: string[]): Promise<string> {
    const program = `const { main } = await import(${JSON.stringify(pathToFileURL(file).href)});
      process.exitCode = (await main(${JSON.stringify([...args, '--no-shrink'])})) > 0 ? 1 : 0;`;
    const options = ['--enable-source-maps', '--input-type=module', '-e', program];
    return new Promise((resolve, reject) => {
      execFile(process.execPath, options, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stdout + stderr || error.message));
      });
    });
  }

  async function keepsPromises(from: number, count: number, ...args: string[]): Promise<void> {
    const said = await simulate('--seeds', `${from}..${from + count - 1}`, ...args);
    expect(said).to.match(new RegExp(`^${count} seeds, 0 failed`, 'm'));
  }

  it('does the same for the same seed, and keeps its promises', () => keepsPromises(firstSeed, TWICE, '--twice'));

  it('keeps its promises whatever befalls it', function () {
    if (seeds === TWICE) this.skip();
    return keepsPromises(firstSeed + TWICE, seeds - TWICE);
  });

  it('keeps them while voters come and go, and levels of features are raised', () =>
    keepsPromises(firstSeed, Math.ceil(seeds / CHANGING_SHARE), '--topology', 'changing'));

  it('finds deliberate bugs', async () => {
    const said = await simulate('--mutations', ...(isLong ? ['--seeds', `1..${MUTATION_SEEDS}`] : ['--known']));
    expect(said).to.match(/^\d+ deliberate bugs, 0 not found$/m);
  });
});
