// The share coordinator's states: what is written, when it is written whole, who is fenced, and what may be deleted.
import { expect } from 'chai';
import fc from 'fast-check';
import { Errors } from '../../src/protocol/index.ts';
import { combineStateBatches, type StateBatch } from '../../src/share-coordinator/state-batches.ts';
import { propertyRuns } from '../property-runs.ts';
import { ShareStateWorld } from './share-state.ts';

const NONE = { errorCode: Errors.NONE, errorMessage: null };

function write(world: ShareStateWorld, change: Record<string, unknown> = {}, partition = 0) {
  const nothing = { stateEpoch: 0, leaderEpoch: 0, startOffset: -1, deliveryCompleteCount: 0, stateBatches: [] };
  return world.run((shard, effects) =>
    shard.write(world.key(partition), { partition, ...nothing, ...change }, effects),
  );
}

const batch = (firstOffset: number, lastOffset: number, deliveryState = 2, deliveryCount = 1): StateBatch => ({
  firstOffset,
  lastOffset,
  deliveryState,
  deliveryCount,
});

describe('The states of share partitions', () => {
  it('are set up, changed, read and deleted', () => {
    const world = new ShareStateWorld();
    expect(world.read().errorCode).to.equal(Errors.INVALID_REQUEST);
    expect(write(world).errorCode).to.equal(Errors.INVALID_REQUEST);
    expect(world.initialize(1, -1)).to.deep.equal({ partition: 0, ...NONE });
    expect(world.read()).to.include({ ...NONE, stateEpoch: 1, startOffset: -1 });
    write(world, { stateEpoch: 1, startOffset: 10, stateBatches: [batch(10, 14)], deliveryCompleteCount: 5 });
    write(world, { stateEpoch: 1, startOffset: 12, stateBatches: [batch(15, 20, 0)], deliveryCompleteCount: 3 });
    const known = { startOffset: 12, stateBatches: [batch(12, 14), batch(15, 20, 0)] };
    expect(world.read()).to.deep.include(known);
    world.reload();
    expect(world.read()).to.deep.include(known);
    const summary = world.shard.readSummary(world.key());
    expect(summary).to.include({ ...NONE, startOffset: 12, deliveryCompleteCount: 3, stateEpoch: 1, leaderEpoch: 0 });
    expect(world.run((shard, effects) => shard.delete(world.key(), effects))).to.include(NONE);
    expect(world.run((shard, effects) => shard.delete(world.key(), effects))).to.include(NONE);
    world.reload();
    expect(world.read().errorCode).to.equal(Errors.INVALID_REQUEST);
    expect(world.shard.readSummary(world.key())).to.include({ ...NONE, startOffset: -1, deliveryCompleteCount: -1 });
  });

  it('do not go back for a write that comes late, behind others (the simulator, seed 439 at b88a9c1c)', () => {
    for (const updatesPerSnapshot of [0, 100]) {
      const world = new ShareStateWorld({ updatesPerSnapshot });
      world.initialize(0, 52);
      const late = { startOffset: 52, stateBatches: [batch(75, 75, 0)], deliveryCompleteCount: 0 };
      write(world, late);
      write(world, { startOffset: 75, stateBatches: [batch(75, 77, 2, 2)], deliveryCompleteCount: 3 });
      expect(write(world, late)).to.include(NONE);
      const known = { startOffset: 75, stateBatches: [batch(75, 77, 2, 2)] };
      expect(world.read()).to.deep.include(known);
      expect(world.shard.readSummary(world.key())).to.include({ startOffset: 75, deliveryCompleteCount: 3 });
      world.reload();
      expect(world.read()).to.deep.include(known);
      // What a late one says of records that are still on their way counts by their deliveries, as ever.
      write(world, { ...late, stateBatches: [batch(74, 78, 4, 3)] });
      expect(world.read().stateBatches).to.deep.equal([batch(75, 78, 4, 3)]);
      world.initialize(1, 10);
      expect(world.read()).to.deep.include({ startOffset: 10, stateBatches: [] });
    }
  });

  it('are written whole after so many updates', () => {
    for (const updatesPerSnapshot of [0, 1, 3]) {
      const world = new ShareStateWorld({ updatesPerSnapshot });
      world.initialize();
      for (let at = 1; at <= 8; at++) write(world, { startOffset: at });
      const kinds = world.log.slice(1).map(({ kind }) => kind);
      const expected = Array.from({ length: 8 }, (_one, at) =>
        at % (updatesPerSnapshot + 1) === updatesPerSnapshot ? 'snapshot' : 'update',
      );
      expect(kinds).to.deep.equal(expected);
    }
  });

  it('fence leaders and groups of older epochs, also after a reload', () => {
    const world = new ShareStateWorld();
    world.initialize(2, 0);
    expect(world.initialize(1, 0).errorCode).to.equal(Errors.FENCED_STATE_EPOCH);
    expect(write(world, { stateEpoch: 1 }).errorCode).to.equal(Errors.FENCED_STATE_EPOCH);
    // Who reads as a new leader fences the one before.
    expect(world.read(5).errorCode).to.equal(Errors.NONE);
    for (let turn = 0; turn < 2; turn++) {
      expect(write(world, { stateEpoch: 2, leaderEpoch: 4 }).errorCode).to.equal(Errors.FENCED_LEADER_EPOCH);
      expect(world.read(4).errorCode).to.equal(Errors.FENCED_LEADER_EPOCH);
      expect(world.read(-1).errorCode).to.equal(Errors.NONE);
      expect(write(world, { stateEpoch: 2, leaderEpoch: 5 }).errorCode).to.equal(Errors.NONE);
      world.reload();
    }
  });

  it('are those of partitions that exist', () => {
    const world = new ShareStateWorld();
    expect(world.initialize(0, 0, 7).errorCode).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(world.initialize(0, 0, -1).errorCode).to.equal(Errors.INVALID_REQUEST);
    world.initialize();
    world.initialize(0, 0, 1);
    world.deleteTopic();
    expect(world.log.slice(-2).map((record) => record.value)).to.deep.equal([null, null]);
    world.reload();
    expect(world.shard.readSummary(world.key()).errorCode).to.equal(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  });

  it('leave behind what may be deleted: everything below the oldest snapshot', () => {
    const world = new ShareStateWorld({ updatesPerSnapshot: 1 });
    world.initialize();
    world.initialize(0, 0, 1);
    for (let at = 1; at <= 4; at++) write(world, { startOffset: at });
    // The other share partition stands still, and keeps all that was written since.
    expect(world.prune()).to.equal(1);
    for (let at = 1; at <= 2; at++) write(world, { startOffset: at }, 1);
    expect(world.prune()).to.be.greaterThan(0);
    world.reload();
    expect(world.read()).to.include({ ...NONE, startOffset: 4 });
    expect(world.read(0, 1)).to.include({ ...NONE, startOffset: 2 });
  });

  it('that stand still are written anew, once', () => {
    const world = new ShareStateWorld({ coldSnapshotIntervalMs: 1_000 });
    world.initialize();
    const ring = (): number => {
      const before = world.log.length;
      world.nowMs += 2_000;
      world.run((shard, effects) => shard.onTimer({ kind: 'cold-snapshot' }, effects));
      return world.log.length - before;
    };
    expect(ring()).to.equal(1);
    expect(ring()).to.equal(0);
    expect(world.read()).to.include({ ...NONE, startOffset: 0 });
  });
});

const OFFSETS = 25;
const batches = fc.array(
  fc
    .record({
      firstOffset: fc.nat(OFFSETS - 1),
      length: fc.nat(8),
      deliveryState: fc.constantFrom(0, 2, 4),
      deliveryCount: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ firstOffset, length, deliveryState, deliveryCount }) =>
      batch(firstOffset, Math.min(OFFSETS - 1, firstOffset + length), deliveryState, deliveryCount),
    ),
  { maxLength: 12 },
);

/** Of each offset what says most about it. */
function byOffset(all: readonly StateBatch[], startOffset: number): (string | undefined)[] {
  const best: (StateBatch | undefined)[] = Array.from({ length: OFFSETS });
  for (const one of all) {
    for (let offset = Math.max(one.firstOffset, startOffset); offset <= one.lastOffset; offset++) {
      const known = best[offset];
      const isMore =
        known === undefined ||
        one.deliveryCount > known.deliveryCount ||
        (one.deliveryCount === known.deliveryCount && one.deliveryState > known.deliveryState);
      if (isMore) best[offset] = one;
    }
  }
  return best.map((one) => one && `${one.deliveryState}/${one.deliveryCount}`);
}

describe('Merging what is known of records', () => {
  it('keeps of each offset what says most, in ranges that do not overlap', () => {
    fc.assert(
      fc.property(batches, batches, fc.integer({ min: -1, max: OFFSETS }), (known, added, startOffset) => {
        const merged = combineStateBatches(known, added, startOffset);
        expect(byOffset(merged, 0)).to.deep.equal(byOffset([...known, ...added], startOffset));
        for (const [at, one] of merged.entries()) {
          const next = merged[at + 1];
          if (next === undefined) continue;
          expect(next.firstOffset).to.be.greaterThan(one.lastOffset);
        }
      }),
      propertyRuns(500),
    );
  });
});
