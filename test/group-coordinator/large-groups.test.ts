// Groups of thousands: they become stable, shed who does not come back, and stay inside what a record can hold.
import { expect } from 'chai';
import { Errors } from '../../src/protocol/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../src/runtime/sim/index.ts';
import { MemoryWriter } from '../coordinator-common/memory-writer.ts';
import {
  context,
  coordinatorOver,
  decoded,
  type Joined,
  joinRequest,
  type Synced,
  syncRequest,
} from './coordinator-under-test.ts';

const MEMBERS = 3_000;
/** Until all are told: less than a rebalance may last, as nobody is missing. */
const JOIN_MS = 1_000;
const TIMEOUTS = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 5_000 };

class Large {
  readonly clock = new SimClock({ nextTurn });
  readonly writer = new MemoryWriter(this.clock);
  readonly coordinator = coordinatorOver(this.writer, this.clock, new SeededRandom(1), {
    configs: { 'group.initial.rebalance.delay.ms': '100' },
  });

  /** Resolves with what every member is told, in the order of `ids`; an empty id is that of a new member. */
  async join(ids: readonly string[]): Promise<Joined[]> {
    const joins = ids.map(async (id) => this.coordinator.joinGroup(joinRequest('large', id, TIMEOUTS), context(3)));
    await this.clock.advance(JOIN_MS);
    return (await Promise.all(joins)).map((joined) => decoded<Joined>(joined));
  }

  async sync(joined: readonly Joined[], assignment: Uint8Array): Promise<Synced[]> {
    const all = joined.map(({ memberId }) => ({ memberId, assignment }));
    const syncs = joined.map(async ({ memberId, generationId, leader }) =>
      this.coordinator.syncGroup(
        syncRequest('large', memberId, generationId, leader === memberId ? all : []),
        context(5),
      ),
    );
    await this.clock.advance(10);
    return (await Promise.all(syncs)).map((synced) => decoded<Synced>(synced));
  }

  async group(): Promise<{ groupState: string; members: readonly unknown[] }> {
    const request = { groups: ['large'], includeAuthorizedOperations: false };
    const { groups } = await this.coordinator.describeGroups(request, context(6));
    return groups[0] as { groupState: string; members: readonly unknown[] };
  }
}

const codes = (answers: readonly { readonly errorCode: number }[]): number[] => [
  ...new Set(answers.map(({ errorCode }) => errorCode)),
];

describe('Groups of thousands of members', function () {
  this.timeout(60_000);

  it('become stable, and shed the half that vanishes without leaving', async () => {
    const large = new Large();
    const first = await large.join(Array.from({ length: MEMBERS }, () => ''));
    expect(codes(first)).to.deep.equal([Errors.NONE]);
    expect(codes(await large.sync(first, Buffer.alloc(20)))).to.deep.equal([Errors.NONE]);
    expect((await large.group()).groupState).to.equal('Stable');
    const half = first.slice(0, MEMBERS / 2);
    // Sessions have begun with the answers to the joins.
    await large.clock.advance(TIMEOUTS.sessionTimeoutMs - 2 * JOIN_MS);
    const beat = async ({ memberId, generationId }: Joined) =>
      (
        await large.coordinator.heartbeat(
          { groupId: 'large', memberId, generationId, groupInstanceId: null },
          context(4),
        )
      ).errorCode;
    await Promise.all(half.map(beat));
    await large.clock.advance(2 * JOIN_MS);
    expect(await beat(half[0] as Joined)).to.equal(Errors.REBALANCE_IN_PROGRESS);
    const second = await large.join(half.map(({ memberId }) => memberId));
    expect(codes(second)).to.deep.equal([Errors.NONE]);
    await large.sync(second, Buffer.alloc(20));
    const { groupState, members } = await large.group();
    expect([groupState, members.length]).to.deep.equal(['Stable', MEMBERS / 2]);
  });

  it('are told when no record can hold what the leader assigns, and go on with a smaller one', async () => {
    const large = new Large();
    const first = await large.join(Array.from({ length: MEMBERS }, () => ''));
    const refused = await large.sync(first, Buffer.alloc(1_000));
    expect(codes(refused)).to.include(Errors.UNKNOWN_SERVER_ERROR);
    expect(codes(refused)).to.not.include(Errors.NONE);
    const second = await large.join(first.map(({ memberId }) => memberId));
    expect(codes(await large.sync(second, Buffer.alloc(20)))).to.deep.equal([Errors.NONE]);
    expect((await large.group()).groupState).to.equal('Stable');
  });
});
