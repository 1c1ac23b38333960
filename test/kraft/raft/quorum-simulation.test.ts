import { expect } from 'chai';
import { type QuorumSimulationOptions, SimulatedQuorum } from './simulated-quorum.ts';

/** OTTLA_RAFT_SEEDS=1..20000 for the long form. */
const [firstSeed, lastSeed] = (process.env['OTTLA_RAFT_SEEDS'] ?? '1..40').split('..').map(Number) as [number, number];

function run(options: QuorumSimulationOptions): SimulatedQuorum {
  const quorum = new SimulatedQuorum(options);
  try {
    quorum.run();
  } catch (error) {
    throw new Error(`seed ${options.seed}, at ${quorum.now} ms: ${(error as Error).message}`, { cause: error });
  }
  return quorum;
}

describe('a quorum on a seed, in which all that can fail fails', function () {
  this.timeout(600_000);

  const forms: readonly Omit<QuorumSimulationOptions, 'seed'>[] = [
    { nodes: 3, voters: 3 },
    { nodes: 5, voters: 5 },
    { nodes: 4, voters: 2, changesVoters: true },
    { nodes: 5, voters: 3, changesVoters: true },
  ];
  for (const form of forms) {
    const { nodes, voters, changesVoters } = form;
    const name = `${voters} voters of ${nodes} nodes${changesVoters === true ? ', which change' : ''}`;
    it(`keeps R1 to R10 and comes to rest: ${name}`, () => {
      let committed = 0;
      for (let seed = firstSeed; seed <= lastSeed; seed++) committed += run({ ...form, seed }).invariants.committedEnd;
      expect(committed).to.be.above(lastSeed - firstSeed);
    });
  }
});
