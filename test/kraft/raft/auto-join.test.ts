// controller.quorum.auto.join.enable (KIP-1186): a controller that does not vote asks the leader to let it.
import { expect } from 'chai';
import type { PeerAsk } from '../../../src/kraft/raft/peer-messages.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { CoreNode, directoryOf, type Letter, voterOf } from './core-node.ts';

/** The answer of a leader that has nothing. */
const NOTHING = {
  kind: 'fetch',
  errorCode: 0,
  epoch: 1,
  leaderId: 1,
  leaderAddress: undefined,
  highWatermark: 0,
  logStartOffset: 0,
  diverging: undefined,
  snapshotId: undefined,
  records: Buffer.alloc(0),
} as const;

/** What node `id` asks of leader 1 beside its log, in ten seconds. */
function askedBy(id: number, options: { readonly autoJoin: boolean; readonly directoryId?: string }): PeerAsk[] {
  let now = 0;
  const asked: PeerAsk[] = [];
  const fetches: number[] = [];
  const rim = {
    now: () => now,
    random: new SeededRandom(1),
    send: ({ outgoing: { ask, number } }: Letter) =>
      void (ask.kind === 'fetch' ? fetches.push(number) : asked.push(ask)),
    flushing: () => undefined,
  };
  const node = new CoreNode(id, rim, { voterIds: [1, 2, 3], isController: true, ...options });
  node.start();
  const voter = { id, directoryId: options.directoryId ?? directoryOf(id) };
  const { endpoints } = voterOf(1);
  node.step({ kind: 'asked', ask: { kind: 'begin epoch', epoch: 1, leaderId: 1, voter, endpoints } });
  while (now < 10_000) {
    now += 100;
    const number = fetches.shift();
    node.step(number === undefined ? { kind: 'timeout' } : { kind: 'answered', number, answer: NOTHING });
  }
  return asked;
}

describe('A controller that is no voter', () => {
  it('asks to become one, when it is told to', () => {
    const [ask] = askedBy(4, { autoJoin: true });
    expect(ask).to.deep.include({ kind: 'add voter', voter: { id: 4, directoryId: directoryOf(4) } });
    expect(ask).to.have.property('endpoints').that.deep.equals(voterOf(4).endpoints);
  });

  it('first has the directory removed that it had before', () => {
    const [ask] = askedBy(3, { autoJoin: true, directoryId: directoryOf(9) });
    expect(ask).to.deep.include({ kind: 'remove voter', voter: { id: 3, directoryId: directoryOf(3) } });
  });

  it('goes on observing otherwise', () => {
    expect(askedBy(4, { autoJoin: false })).to.deep.equal([]);
  });
});
