// The simulator's command: `npm run simulate -- --seeds 1..20000 [--topology single,combined] [--verbose] [--twice] [--jobs 2]`.
// It is run as a bundle (scripts/simulate.mjs). It prints what fails, cut to the shortest plan that still does, as a test.
// `--mutations [--known | --drawn] [--bug WORDS]` looks for the deliberate bugs: in the worlds aimed at them, in drawn ones, or in both;
// `--aims` runs the aimed worlds without the bugs.
import { planOf, TOPOLOGIES, type Topology } from './plan.ts';
import { shrink } from './shrink.ts';
import { asTest } from './as-test.ts';
import { findMutation, type Worlds } from './find-mutation.ts';
import { mutations } from './mutations.ts';
import { run } from './world.ts';

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly topologies: readonly Topology[];
  readonly isVerbose: boolean;
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
    isVerbose: args.includes('--verbose'),
    isTwice: args.includes('--twice'),
    hashesOnly: args.includes('--hashes'),
    isKnown: args.includes('--known'),
    hasSeeds: args.includes('--seeds'),
    worlds: args.includes('--known') ? ['aimed'] : args.includes('--drawn') ? ['drawn'] : ['drawn', 'aimed'],
    bug: value('bug') ?? '',
  };
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** In npm test: nearly every seed of the world that is aimed at a bug finds it, one of so many does for certain. */
const KNOWN_TO = 40;

/** How many deliberate bugs are not found. */
async function judgeMutations(asked: Asked): Promise<number> {
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
async function judgeAims({ from, to }: Asked): Promise<number> {
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

export async function main(args: readonly string[]): Promise<number> {
  const asked = parse(args);
  if (args.includes('--mutations')) return judgeMutations(asked);
  if (args.includes('--aims')) return judgeAims(asked);
  let failures = 0;
  const began = process.cpuUsage();
  let events = 0;
  let virtualMs = 0;
  let acked = 0;
  let elections = 0;
  let leaderEpochs = 0;
  for (let seed = asked.from; seed <= asked.to; seed++) {
    const plan = planOf(seed, asked.topologies);
    const outcome = await run(plan, asked.isVerbose ? print : undefined);
    events += outcome.events;
    virtualMs += outcome.virtualMs;
    acked += outcome.acked;
    elections += outcome.elections;
    leaderEpochs += outcome.leaderEpochs;
    if (asked.hashesOnly) print(`${seed} ${outcome.hash}`);
    if (asked.isTwice) {
      const again = await run(plan);
      if (again.hash !== outcome.hash) {
        failures++;
        print(`seed ${seed} is not the same twice: ${outcome.hash}, ${again.hash}`);
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
    if (args.includes('--progress') && seed % 25 === 0) print(`up to ${seed}: ${failures} failed`);
    if (outcome.violation === undefined) continue;
    failures++;
    print(`seed ${seed} ${outcome.hash}: ${outcome.violation.message}`);
    if (!args.includes('--no-shrink')) print(asTest(await shrink(plan, outcome.violation.promise), outcome.violation));
  }
  const seeds = asked.to - asked.from + 1;
  const { user, system } = process.cpuUsage(began);
  if (!asked.hashesOnly) {
    print(
      `${seeds} seeds, ${failures} failed, ${(virtualMs / 1000 / seeds).toFixed(1)} virtual s and ${Math.round(events / seeds)} events each, ` +
        `${acked} records acknowledged, ${elections} leaders of the quorum, ${leaderEpochs} of partitions, ${((user + system) / 1000 / seeds).toFixed(0)} ms of CPU a seed`,
    );
  }
  return failures;
}
