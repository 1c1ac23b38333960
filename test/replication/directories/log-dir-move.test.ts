import { expect } from 'chai';
import {
  commonEndOffset,
  type EpochHistory,
  type MoveState,
  nextStep,
} from '../../../src/replication/directories/log-dir-move.ts';

/** A log with these epochs, each with the offset at which it begins. */
function log(
  endOffset: number,
  epochs: readonly (readonly [epoch: number, startOffset: number])[],
  start = 0,
): EpochHistory {
  return {
    latestEpoch: epochs.at(-1)?.[0] ?? -1,
    logStartOffset: start,
    logEndOffset: endOffset,
    endOffsetForEpoch(epoch) {
      const at = epochs.findLastIndex(([one]) => one <= epoch);
      if (at < 0 || epoch > (epochs.at(-1)?.[0] ?? -1)) return { leaderEpoch: -1, endOffset: -1 };
      return { leaderEpoch: epochs[at]?.[0] ?? -1, endOffset: epochs[at + 1]?.[1] ?? endOffset };
    },
  };
}

describe('a move between log directories', () => {
  const state: MoveState = {
    comparedEpoch: 3,
    leaderEpoch: 3,
    isCutSince: false,
    currentStartOffset: 10,
    futureEndOffset: 20,
    isNearEnd: true,
    isFlushed: true,
    isAssigned: true,
  };

  it('takes its steps in order, and goes back when the ground has moved', () => {
    expect(nextStep(state)).to.equal('replace');
    expect(nextStep({ ...state, isCutSince: true })).to.equal('compare');
    expect(nextStep({ ...state, isAssigned: false })).to.equal('assign');
    expect(nextStep({ ...state, isAssigned: false, isFlushed: false })).to.equal('flush');
    expect(nextStep({ ...state, isNearEnd: false })).to.equal('copy');
    expect(nextStep({ ...state, futureEndOffset: 9 })).to.equal('start over');
    expect(nextStep({ ...state, comparedEpoch: 2, futureEndOffset: 9 })).to.equal('compare');
  });

  it('finds the end of what both logs have', () => {
    const current = log(100, [
      [0, 0],
      [2, 40],
      [5, 90],
    ]);
    expect(commonEndOffset(current, log(0, [])), 'nothing copied').to.equal(0);
    expect(commonEndOffset(current, log(30, [[0, 0]])), 'behind').to.equal(30);
    expect(
      commonEndOffset(
        current,
        log(95, [
          [0, 0],
          [2, 40],
          [5, 90],
        ]),
      ),
      'in the latest epoch',
    ).to.equal(95);
    // The current log lost 90 to 99 of epoch 2 in a crash, and goes on with other records in epoch 5.
    expect(
      commonEndOffset(
        current,
        log(99, [
          [0, 0],
          [2, 40],
        ]),
      ),
      'ahead in an older epoch',
    ).to.equal(90);
    expect(
      commonEndOffset(
        current,
        log(60, [
          [0, 0],
          [1, 50],
        ]),
      ),
      'an epoch that the current log has not',
    ).to.equal(40);
    expect(commonEndOffset(current, log(200, [[7, 100]], 100)), 'nothing in common').to.equal(undefined);
    expect(commonEndOffset(log(5, []), log(7, [[0, 0]])), 'a current log without epochs').to.equal(undefined);
  });
});
