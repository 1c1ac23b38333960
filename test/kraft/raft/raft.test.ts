import { expect } from 'chai';
import fc from 'fast-check';
import { NO_NODE } from '../../../src/kraft/raft/election-state.ts';
import { NotLeaderError, type Voter, VoterSet } from '../../../src/kraft/raft/index.ts';
import { LeaderState } from '../../../src/kraft/raft/leader-state.ts';
import { DEFAULT_QUORUM_TIMEOUTS } from '../../../src/kraft/raft/quorum-peers.ts';
import type { Effects } from '../../../src/kraft/raft/raft-effects.ts';
import { Raft, type RaftOptions } from '../../../src/kraft/raft/raft.ts';
import { VoterHistory } from '../../../src/kraft/raft/voter-history.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';
import { MemoryLog } from './memory-log.ts';

const directoryId = 'oaKjpKWmp6ixsrO0tba3uA';
const zero = 'AAAAAAAAAAAAAAAAAAAAAA';
const endpoint = { name: 'CONTROLLER', host: 'localhost', port: 9093 };
const voter = (id: number, directory = directoryId): Voter => ({
  id,
  directoryId: directory,
  endpoints: [endpoint],
  minKraftVersion: 0,
  maxKraftVersion: 1,
});

interface Facts extends Partial<RaftOptions> {
  readonly voters?: VoterSet;
  readonly votersOffset?: number;
  readonly kraftVersion?: number;
  readonly logEndOffset?: number;
  readonly lastEpoch?: number;
}

function raft(facts: Facts = {}): Raft {
  return coreAndLog(facts).core;
}

/** A log of one batch that ends where it is asked to. */
function coreAndLog(facts: Facts): { core: Raft; log: MemoryLog } {
  const {
    voters = new VoterSet([voter(1)]),
    votersOffset = 2,
    kraftVersion = 1,
    logEndOffset = 0,
    lastEpoch = 0,
  } = facts;
  const log = new MemoryLog();
  if (logEndOffset > 0 || lastEpoch > 0) {
    log.batches.push({ baseOffset: 0, lastOffset: logEndOffset - 1, epoch: lastEpoch, bytes: Buffer.alloc(0) });
  }
  const core = new Raft({
    nodeId: 1,
    directoryId,
    history: new VoterHistory({ voters, votersOffset, kraftVersion }),
    endpoints: [],
    persisted: undefined,
    log,
    random: new SeededRandom(1),
    timeouts: DEFAULT_QUORUM_TIMEOUTS,
    bootstrapServers: [],
    isController: true,
    autoJoin: false,
    ...facts,
  });
  return { core, log };
}

/** The pause after a failure is over, and the log is cut back to `endOffset`. */
function recovered(core: Raft, log: MemoryLog, endOffset: number, now: number): Effects {
  expect(core.step({ kind: 'timeout' }, now).recover).to.equal(true);
  log.batches = endOffset === 0 ? [] : [{ baseOffset: 0, lastOffset: endOffset - 1, epoch: 1, bytes: Buffer.alloc(0) }];
  return core.step({ kind: 'recovered' }, now);
}

const recordTypes = ({ append }: Effects): string[] => append.flatMap(({ records }) => records.map(({ type }) => type));

describe('the raft core of a quorum of one', () => {
  it('elects itself at once in a new epoch, and persists that before the epoch has a record', () => {
    const core = raft();
    const effects = core.step({ kind: 'start' }, 0);
    expect(core.state.name).to.equal('leader');
    expect(effects.persist).to.deep.equal({ epoch: 1, leaderId: 1, votedId: NO_NODE, votedDirectoryId: zero });
    expect(effects.leadership).to.deep.equal({ epoch: 1, leaderId: 1 });
    expect(effects.append[0]?.baseOffset).to.equal(0);
    expect(recordTypes(effects)).to.deep.equal(['LeaderChange']);
    expect(core.highWatermark).to.equal(undefined);
  });

  it('writes the voters into the log when only formatting has said who they are', () => {
    const effects = raft({ votersOffset: -1 }).step({ kind: 'start' }, 0);
    expect(recordTypes(effects)).to.deep.equal(['LeaderChange', 'KRaftVersion', 'KRaftVoters']);
  });

  it('writes the voters anew when its endpoints have changed, and not when they are the same', () => {
    const moved = raft({ endpoints: [{ ...endpoint, port: 19093 }] });
    expect(recordTypes(moved.step({ kind: 'start' }, 0)).at(-1)).to.equal('KRaftVoters');
    expect(moved.voters.get(1)?.endpoints[0]?.port).to.equal(19093);
    expect(recordTypes(raft({ endpoints: [endpoint] }).step({ kind: 'start' }, 0))).to.have.length(1);
  });

  it('writes no voters with kraft.version 0', () => {
    const core = raft({ kraftVersion: 0, votersOffset: -1, voters: new VoterSet([voter(1, zero)]) });
    expect(recordTypes(core.step({ kind: 'start' }, 0))).to.have.length(1);
  });

  it('comes back as resigned when it led, and leads the next epoch only', () => {
    const persisted = { epoch: 7, leaderId: 1, votedId: NO_NODE, votedDirectoryId: zero };
    const core = raft({ persisted, lastEpoch: 7, logEndOffset: 100 });
    expect(core.state.name).to.equal('resigned');
    expect(core.leadership).to.deep.equal({ epoch: 7, leaderId: undefined });
    expect(() => core.prepareAppend(7, 1)).to.throw(NotLeaderError);
    core.step({ kind: 'start' }, 0);
    expect(core.state.epoch).to.equal(8);
  });

  it('wins the epoch for which it had already voted for itself', () => {
    const persisted = { epoch: 5, leaderId: NO_NODE, votedId: 1, votedDirectoryId: directoryId };
    const core = raft({ persisted, lastEpoch: 4 });
    expect(core.state.name).to.equal('candidate');
    expect(core.step({ kind: 'start' }, 0).persist?.epoch).to.equal(5);
  });

  it('never goes below the epoch of its log', () => {
    const persisted = { epoch: 3, leaderId: 1, votedId: NO_NODE, votedDirectoryId: zero };
    const core = raft({ persisted, lastEpoch: 9 });
    expect(core.state.name).to.equal('unattached');
    expect(core.step({ kind: 'start' }, 0).persist?.epoch).to.equal(10);
  });

  it('remembers a leader and a vote of others, and outlives them', () => {
    const persisted = { epoch: 3, leaderId: 2, votedId: 2, votedDirectoryId: zero };
    const core = raft({ persisted });
    expect(core.leadership).to.deep.equal({ epoch: 3, leaderId: 2 });
    expect(core.step({ kind: 'start' }, 0).persist?.epoch).to.equal(4);
  });

  it('does nothing in a quorum that has other voters, or not this directory', () => {
    for (const voters of [[voter(1), voter(2)], [voter(2)], [voter(1, 'BBBBBBBBBBBBBBBBBBBBBQ')], []]) {
      const core = raft({ voters: new VoterSet(voters) });
      expect(core.step({ kind: 'start' }, 0).persist).to.equal(undefined);
      expect(core.state.name).to.equal('unattached');
    }
  });

  it('knows its high watermark only when a record of its own epoch is flushed', () => {
    const persisted = { epoch: 1, leaderId: 1, votedId: NO_NODE, votedDirectoryId: zero };
    const core = raft({ persisted, lastEpoch: 1, logEndOffset: 50 });
    core.step({ kind: 'start' }, 0);
    expect(core.step({ kind: 'flushed', endOffset: 50 }, 0).highWatermark).to.equal(undefined);
    expect(core.step({ kind: 'flushed', endOffset: 51 }, 0).highWatermark).to.equal(51);
    expect(core.prepareAppend(2, 3)).to.equal(51);
    expect(core.highWatermark).to.equal(51);
    expect(core.step({ kind: 'flushed', endOffset: 54 }, 0).highWatermark).to.equal(54);
  });

  it('appends for the leader of the named epoch only', () => {
    const core = raft();
    expect(() => core.prepareAppend(0, 1)).to.throw(NotLeaderError);
    core.step({ kind: 'start' }, 0);
    expect(() => core.prepareAppend(2, 1)).to.throw(NotLeaderError);
    expect(core.prepareAppend(1, 2)).to.equal(1);
    expect(core.logEndOffset).to.equal(3);
  });

  it('resigns when the disk fails, and stands again after a pause in a new epoch where the log ends', () => {
    const { core, log } = coreAndLog({});
    core.step({ kind: 'start' }, 0);
    core.step({ kind: 'flushed', endOffset: 1 }, 0);
    core.prepareAppend(1, 5);
    const effects = core.step({ kind: 'write failed' }, 10);
    expect(effects.leadership).to.deep.equal({ epoch: 1, leaderId: undefined });
    expect(effects.deadlineMs).to.equal(1010);
    expect(() => core.prepareAppend(1, 1)).to.throw(NotLeaderError);
    const again = recovered(core, log, 1, 1010);
    expect(again.append[0]).to.include({ baseOffset: 1, epoch: 2 });
    expect(core.highWatermark).to.equal(1);
  });

  it('raises kraft.version with its own directory and endpoints going into the log, in one batch', () => {
    const voters = new VoterSet([voter(1, zero)]);
    const core = raft({ kraftVersion: 0, votersOffset: -1, voters, endpoints: [{ ...endpoint, port: 19093 }] });
    core.step({ kind: 'start' }, 0);
    core.step({ kind: 'flushed', endOffset: 1 }, 0);
    expect(() => core.raiseKraftVersion(7, 1)).to.throw(NotLeaderError);
    const { baseOffset, epoch, records } = core.raiseKraftVersion(1, 1);
    expect({ baseOffset, epoch, end: core.logEndOffset }).to.deep.equal({ baseOffset: 1, epoch: 1, end: 3 });
    expect(records[0]).to.deep.equal({ type: 'KRaftVersion', value: { version: 0, kRaftVersion: 1 } });
    const named = new VoterSet([{ ...voter(1), endpoints: [{ ...endpoint, port: 19093 }] }]);
    expect(records[1]).to.deep.equal({ type: 'KRaftVoters', value: named.toRecord() });
    expect(core.kraftVersion).to.equal(1);
    expect(core.voters.get(1)?.directoryId).to.equal(directoryId);
  });

  it('goes back to the voters that are committed when the disk refuses those that were to come', () => {
    const { core, log } = coreAndLog({ kraftVersion: 0, votersOffset: -1, voters: new VoterSet([voter(1, zero)]) });
    core.step({ kind: 'start' }, 0);
    core.step({ kind: 'flushed', endOffset: 1 }, 0);
    core.raiseKraftVersion(1, 1);
    core.step({ kind: 'write failed' }, 10);
    const again = recovered(core, log, 1, 1010);
    expect(core.kraftVersion).to.equal(0);
    expect(core.voters.get(1)?.directoryId).to.equal(zero);
    expect(recordTypes(again)).to.deep.equal(['LeaderChange']);
    core.step({ kind: 'flushed', endOffset: 2 }, 1010);
    core.raiseKraftVersion(2, 1);
    core.step({ kind: 'flushed', endOffset: 4 }, 1010);
    core.step({ kind: 'write failed' }, 1010);
    recovered(core, log, 4, 2010);
    expect(core.kraftVersion).to.equal(1);
  });

  it('writes the voters again when the disk refused them with the start of an epoch', () => {
    const { core, log } = coreAndLog({ votersOffset: -1 });
    core.step({ kind: 'start' }, 0);
    core.step({ kind: 'write failed' }, 10);
    const again = recovered(core, log, 0, 1010);
    expect(recordTypes(again)).to.deep.equal(['LeaderChange', 'KRaftVersion', 'KRaftVoters']);
  });

  it('resigns for good when it shuts down', () => {
    const core = raft();
    core.step({ kind: 'start' }, 0);
    expect(core.step({ kind: 'shutdown' }, 0).deadlineMs).to.equal(Number.POSITIVE_INFINITY);
    expect(core.state.name).to.equal('resigned');
  });

  it('counts a majority of voters for the high watermark, and never lets it fall', () => {
    const flush = fc.record({ voter: fc.integer({ min: 1, max: 3 }), by: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(fc.array(flush, { maxLength: 60 }), (flushes) => {
        const voters = new VoterSet([voter(1), voter(2), voter(3)]);
        const self = { id: 1, directoryId };
        const leader = new LeaderState({ epoch: 1, self, epochStartOffset: 10, voters });
        const ends = new Map([1, 2, 3].map((id) => [id, 8]));
        let before: number | undefined;
        for (const { voter: id, by } of flushes) {
          ends.set(id, (ends.get(id) as number) + by);
          const end = ends.get(id) as number;
          const now = id === 1 ? leader.flushed(end) : leader.fetched({ id, directoryId }, end, 0);
          const held = [...ends.values()].sort((one, other) => one - other)[1] as number;
          if (now !== undefined) expect(now).to.be.at.most(held).and.above(10);
          if (before !== undefined) expect(now).to.be.at.least(before);
          before = now;
        }
      }),
    );
  });
});
