// Whole clusters and their clients in virtual time (test/simulation/cluster): so many seeds in the short form, or OTTLA_SEEDS of them in
// the long one, from OTTLA_SEED on. The command with more to say is `npm run simulate`.
import { expect } from 'chai';
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SHORT_SEEDS = 500;
const asked = process.env['OTTLA_SEEDS'];
const seeds = Number(asked ?? SHORT_SEEDS);
const firstSeed = Number(process.env['OTTLA_SEED'] ?? 1);
const form = asked === undefined ? ['--short'] : [];
/** In the long form every deliberate bug is looked for in drawn worlds too; else in those that are aimed at it. */
const isLong = asked !== undefined && seeds > 1_000;
const MUTATION_SEEDS = 5_000;

/** The first seeds are run twice. */
const TWICE = Math.min(4, seeds);
/** One seed of so many is run with changing voters instead. */
const CHANGING_SHARE = 5;
const changing = Math.ceil(seeds / CHANGING_SHARE);

/**
 * The simulator, in a process of its own: what loads TypeScript for the tests, and what other tests have left, is at work in real time, in
 * which virtual time would leap. It is one for all tests, that what it runs has been compiled once.
 */
class Simulator {
  readonly #process: ChildProcess;

  constructor(file: string) {
    this.#process = fork(file, { execArgv: ['--enable-source-maps'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  /** What the command says to these arguments. Rejects when the process ends. */
  simulate(...args: string[]): Promise<string> {
    const child = this.#process;
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`the simulator ended with ${code}`));
      child.once('exit', ended);
      child.once('message', (said) => {
        child.off('exit', ended);
        resolve(said as string);
      });
      child.send([...args, '--no-shrink']);
    });
  }

  stop(): void {
    this.#process.kill();
  }
}

describe('A simulated cluster', function () {
  this.timeout(Math.max(300_000, seeds * 2_000));
  const directory = mkdtempSync(join(tmpdir(), 'ottla-simulator-'));
  let simulator: Simulator | undefined;

  before(async () => {
    const script = new URL('../../scripts/simulate.mjs', import.meta.url).href;
    const { writeServingSimulator } = (await import(script)) as {
      writeServingSimulator: (directory: string) => Promise<string>;
    };
    simulator = new Simulator(await writeServingSimulator(directory));
  });

  after(() => {
    simulator?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function simulate(...args: string[]): Promise<string> {
    expect(simulator).not.to.equal(undefined);
    return (await simulator?.simulate(...args)) ?? '';
  }

  async function keepsPromises(from: number, count: number, ...args: string[]): Promise<void> {
    const said = await simulate('--seeds', `${from}..${from + count - 1}`, ...form, ...args);
    expect(said).to.match(new RegExp(`^${count} seeds, 0 failed`, 'm'));
  }

  it('does the same for the same seed, and keeps its promises', () => keepsPromises(firstSeed, TWICE, '--twice'));

  it('keeps its promises whatever befalls it', function () {
    const others = seeds - TWICE - changing;
    if (others <= 0) this.skip();
    return keepsPromises(firstSeed + TWICE, others);
  });

  it('keeps them while voters come and go, and levels of features are raised', () =>
    keepsPromises(firstSeed + seeds - changing, changing, '--topology', 'changing'));

  it('finds deliberate bugs', async () => {
    const said = await simulate('--mutations', ...(isLong ? ['--seeds', `1..${MUTATION_SEEDS}`] : ['--known']));
    expect(said).to.match(/^\d+ deliberate bugs, 0 not found$/m);
  });
});
