import { expect } from 'chai';
import fc from 'fast-check';
import { cutFor, type EpochHistory } from '../../../src/replication/following/divergence.ts';

type Entry = readonly [epoch: number, startOffset: number];

/** A log of which these epochs are known, by the rules of Kafka's LeaderEpochFileCache. */
class History implements EpochHistory {
  readonly logEndOffset: number;
  readonly #epochs: readonly Entry[];

  constructor(logEndOffset: number, epochs: readonly Entry[]) {
    this.logEndOffset = logEndOffset;
    this.#epochs = epochs;
  }
  get latestEpoch(): number {
    return this.#epochs.at(-1)?.[0] ?? -1;
  }
  endOffsetForEpoch(epoch: number): { leaderEpoch: number; endOffset: number } {
    if (epoch < 0 || epoch > this.latestEpoch) return { leaderEpoch: -1, endOffset: -1 };
    const at = this.#epochs.findLastIndex(([one]) => one <= epoch);
    const endOffset = this.#epochs[at + 1]?.[1] ?? this.logEndOffset;
    return { leaderEpoch: this.#epochs[at]?.[0] ?? epoch, endOffset };
  }
  cut(offset: number): History {
    return new History(
      Math.min(offset, this.logEndOffset),
      this.#epochs.filter(([, start]) => start < offset),
    );
  }
  epochAt(offset: number): number {
    return this.#epochs.findLast(([, start]) => start <= offset)?.[0] ?? -1;
  }
}

/** What a leader answers to a fetch from the end of `follower`; undefined: they have not parted. */
function divergence(leader: History, follower: History): { epoch: number; endOffset: number } | undefined {
  const { latestEpoch, logEndOffset } = follower;
  if (latestEpoch < 0) return undefined;
  const { leaderEpoch: epoch, endOffset } = leader.endOffsetForEpoch(latestEpoch);
  return epoch < latestEpoch || endOffset < logEndOffset ? { epoch, endOffset } : undefined;
}

describe('the cut of a follower', () => {
  it('is where the epoch ends that both know, on whichever side it ends first', () => {
    const follower = new History(20, [
      [0, 0],
      [2, 10],
    ]);
    expect(cutFor(follower, { epoch: 0, endOffset: 8 })).to.equal(8);
    expect(cutFor(follower, { epoch: 0, endOffset: 15 })).to.equal(10);
  });

  it('is where the last epoch before begins that the leader may know, when it names one that is not known here', () => {
    const follower = new History(20, [
      [0, 0],
      [2, 10],
      [5, 16],
    ]);
    expect(cutFor(follower, { epoch: 4, endOffset: 18 })).to.equal(16);
  });

  it('is the word of the leader when no epoch is known here', () => {
    expect(cutFor(new History(20, []), { epoch: 3, endOffset: 12 })).to.equal(12);
  });

  it('comes in a few rounds to exactly what both have, for any two histories', () => {
    const run = fc.record({ epochs: fc.integer({ min: 1, max: 3 }), records: fc.integer({ min: 1, max: 5 }) });
    const branch = fc.array(run, { maxLength: 5 });
    fc.assert(
      fc.property(branch, branch, branch, (common, ofLeader, ofFollower) => {
        const grow = (base: { end: number; epoch: number; entries: Entry[] }, runs: typeof common, parity: number) => {
          let { end, epoch } = base;
          const entries = [...base.entries];
          for (const { epochs, records } of runs) {
            // An epoch has one leader: the two branches share none.
            epoch += epochs;
            if (parity >= 0 && epoch % 2 !== parity) epoch += 1;
            entries.push([epoch, end]);
            end += records;
          }
          return { end, epoch, entries };
        };
        const base = grow({ end: 0, epoch: 0, entries: [] }, common, -1);
        const led = grow(base, ofLeader, 0);
        const leader = new History(led.end, [...led.entries, [Math.max(led.epoch, 100), led.end]]);
        const followed = grow(base, ofFollower, 1);
        let follower = new History(followed.end, followed.entries);
        let rounds = 0;
        for (let parted = divergence(leader, follower); parted !== undefined; parted = divergence(leader, follower)) {
          follower = follower.cut(cutFor(follower, parted));
          expect(++rounds).to.be.below(20);
        }
        expect(follower.logEndOffset).to.equal(base.end);
        for (let at = 0; at < base.end; at++) expect(follower.epochAt(at)).to.equal(leader.epochAt(at));
      }),
    );
  });
});
