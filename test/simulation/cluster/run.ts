// The simulator's command: `npm run simulate -- --seeds 1..20000 [--topology single,combined] [--verbose] [--twice] [--jobs 2]`.
// It is run as a bundle (scripts/simulate.mjs). It prints what fails, cut to the shortest plan that still does, as a test.
// `--short` runs the short form of each seed. `--mutations [--known | --drawn] [--bug WORDS]` looks for the deliberate bugs: in the
// worlds aimed at them, in drawn ones, or in both; `--aims` runs the aimed worlds without the bugs.
import { planOf, TOPOLOGIES, type Topology } from './plan.ts';
import { shortPlanOf } from './short-plan.ts';
import { shrink } from './shrink.ts';
import { asTest } from './as-test.ts';
import { findMutation, type Worlds } from './find-mutation.ts';
import { mutations } from './mutations.ts';
import { type Outcome, run } from './world.ts';

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly topologies: readonly Topology[];
  readonly isShort: boolean;
  readonly isVerbose: boolean;
  readonly hasProgress: boolean;
  readonly isShrunk: boolean;
  readonly isTwice: boolean;
  readonly hashesOnly: boolean;
  readonly isKnown: boolean;
  readonly hasSeeds: boolean;
  /** Of mutations: where they are looked for, and what their names contain. */
  readonly worlds: readonly Worlds[];
  readonly bug: string;
}

function parse(args: readonly string[]): Asked {
  const value = (name: string): string | undefined => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? undefined : args[at + 1];
  };
  const [from, to] = (value('seeds') ?? '1..100').split('..').map(Number) as [number, number?];
  return {
    from,
    to: to ?? from,
    topologies: (value('topology')?.split(',') as Topology[] | undefined) ?? TOPOLOGIES,
    isShort: args.includes('--short'),
    isVerbose: args.includes('--verbose'),
    hasProgress: args.includes('--progress'),
    isShrunk: !args.includes('--no-shrink'),
    isTwice: args.includes('--twice'),
    hashesOnly: args.includes('--hashes'),
    isKnown: args.includes('--known'),
    hasSeeds: args.includes('--seeds'),
    worlds: args.includes('--known') ? ['aimed'] : args.includes('--drawn') ? ['drawn'] : ['drawn', 'aimed'],
    bug: value('bug') ?? '',
  };
}

export type Print = (line: string) => void;

const toOutput: Print = (line) => void process.stdout.write(`${line}\n`);

/** In npm test: nearly every seed of the world that is aimed at a bug finds it, one of so many does for certain. */
const KNOWN_TO = 40;

/** How many deliberate bugs are not found. */
async function judgeMutations(asked: Asked, print: Print): Promise<number> {
  let missed = 0;
  const { from, to } = asked.isKnown && !asked.hasSeeds ? { from: 1, to: KNOWN_TO } : asked;
  for (const mutation of mutations.filter(({ name }) => name.includes(asked.bug))) {
    const began = process.cpuUsage();
    const found = await findMutation(mutation, from, to, asked.worlds);
    if (found === undefined) missed++;
    const { user, system } = process.cpuUsage(began);
    const words =
      found === undefined ? `NOT FOUND in ${from}..${to}` : `${found.worlds} seed ${found.seed}, ${found.words}`;
    print(`${mutation.name}: ${words} (${((user + system) / 1e6).toFixed(1)} s of CPU)`);
  }
  print(`${mutations.length} deliberate bugs, ${missed} not found`);
  return missed;
}

/** The worlds that are aimed at deliberate bugs, without the bugs: how many seeds fail there. */
async function judgeAims({ from, to }: Asked, print: Print): Promise<number> {
  let failures = 0;
  for (const aim of new Set(mutations.map((mutation) => mutation.aim))) {
    for (let seed = from; seed <= to; seed++) {
      const plan = aim(seed);
      const { violation } = await run(plan);
      await new Promise((resolve) => setImmediate(resolve));
      if (violation === undefined) continue;
      failures++;
      print(`${JSON.stringify(plan)}: ${violation.message}`);
    }
  }
  print(`aimed worlds without bugs: ${failures} failed`);
  return failures;
}

/** What the seeds of one call have come to, added up. */
class Tally {
  readonly #began = process.cpuUsage();
  seeds = 0;
  failures = 0;
  #events = 0;
  #virtualMs = 0;
  #acked = 0;
  #elections = 0;
  #leaderEpochs = 0;

  add(outcome: Outcome): void {
    this.seeds++;
    this.#events += outcome.events;
    this.#virtualMs += outcome.virtualMs;
    this.#acked += outcome.acked;
    this.#elections += outcome.elections;
    this.#leaderEpochs += outcome.leaderEpochs;
  }

  get words(): string {
    const { seeds } = this;
    const { user, system } = process.cpuUsage(this.#began);
    return (
      `${seeds} seeds, ${this.failures} failed, ${(this.#virtualMs / 1000 / seeds).toFixed(1)} virtual s and ` +
      `${Math.round(this.#events / seeds)} events each, ${this.#acked} records acknowledged, ` +
      `${this.#elections} leaders of the quorum, ${this.#leaderEpochs} of partitions, ` +
      `${((user + system) / 1000 / seeds).toFixed(0)} ms of CPU a seed`
    );
  }
}

/** How many of the seeds fail. */
async function judgeSeeds(asked: Asked, print: Print): Promise<number> {
  const tally = new Tally();
  for (let seed = asked.from; seed <= asked.to; seed++) {
    const plan = (asked.isShort ? shortPlanOf : planOf)(seed, asked.topologies);
    const outcome = await run(plan, asked.isVerbose ? print : undefined);
    tally.add(outcome);
    if (asked.hashesOnly) print(`${seed} ${outcome.hash}`);
    if (asked.isTwice) {
      const again = await run(plan);
      if (again.hash !== outcome.hash) {
        tally.failures++;
        print(`seed ${seed} is not the same twice: ${outcome.hash}, ${again.hash}`);
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
    if (asked.hasProgress && seed % 25 === 0) print(`up to ${seed}: ${tally.failures} failed`);
    if (outcome.violation === undefined) continue;
    tally.failures++;
    print(`seed ${seed} ${outcome.hash}: ${outcome.violation.message}`);
    if (asked.isShrunk) print(asTest(await shrink(plan, outcome.violation.promise), outcome.violation));
  }
  if (!asked.hashesOnly) print(tally.words);
  return tally.failures;
}

/** How much has failed. */
export function main(args: readonly string[], print: Print = toOutput): Promise<number> {
  const asked = parse(args);
  if (args.includes('--mutations')) return judgeMutations(asked, print);
  if (args.includes('--aims')) return judgeAims(asked, print);
  return judgeSeeds(asked, print);
}
