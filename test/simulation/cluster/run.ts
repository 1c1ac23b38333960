// The simulator's command: `npm run simulate -- --seeds 1..20000 [--topology single,combined] [--verbose] [--twice] [--jobs 2]`.
// It is run as a bundle (scripts/simulate.mjs). It prints what fails, cut to the shortest plan that still does, as a test.
import { planOf, TOPOLOGIES, type Topology } from './plan.ts';
import { shrink } from './shrink.ts';
import { asTest } from './as-test.ts';
import { findMutation } from './find-mutation.ts';
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
  };
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** How many deliberate bugs are not found; of known ones only their own seed is run. */
async function judgeMutations(asked: Asked): Promise<number> {
  let missed = 0;
  const tried = asked.isKnown ? mutations.filter(({ foundBy }) => foundBy !== undefined) : mutations;
  for (const mutation of tried) {
    const { from, to } = asked.isKnown ? { from: mutation.foundBy ?? 0, to: mutation.foundBy ?? 0 } : asked;
    const found = await findMutation(mutation, from, to);
    if (found === undefined) missed++;
    print(
      `${mutation.name}: ${found === undefined ? `NOT FOUND in ${from}..${to}` : `seed ${found.seed}, ${found.words}`}`,
    );
  }
  print(`${tried.length} deliberate bugs, ${missed} not found`);
  return missed;
}

export async function main(args: readonly string[]): Promise<number> {
  const asked = parse(args);
  if (args.includes('--mutations')) return judgeMutations(asked);
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
