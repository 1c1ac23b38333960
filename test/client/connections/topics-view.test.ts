// What a client believes of who leads: never a broker that lags behind an epoch of which a record or a committed offset tells.
import { expect } from 'chai';
import { type NamedLeader, TopicsView } from '../../../src/client/connections/topics-view.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { quickTurn } from '../../quick-turn.ts';

const OLD: NamedLeader = { leaderId: 2, leaderEpoch: 0 };
const NEW: NamedLeader = { leaderId: 1, leaderEpoch: 1 };

describe('The leaders that a client knows', () => {
  /** A view whose brokers answer with what stands in `told`. */
  function open(told: NamedLeader & { topicId?: string }) {
    const clock = new SimClock({ nextTurn: quickTurn });
    const answer = { ...told };
    const view = new TopicsView({
      clock,
      maxAgeMs: 300_000,
      ask: async () =>
        ({
          topics: [
            {
              name: 'orders',
              errorCode: 0,
              topicId: answer.topicId ?? 'AAAAAAAAAAAAAAAAAAAAZQ',
              partitions: [{ partitionIndex: 0, leaderId: answer.leaderId, leaderEpoch: answer.leaderEpoch }],
            },
          ],
        }) as never,
    });
    return { clock, view, answer, leader: () => view.leaderOf('orders', 0)?.nodeId };
  }

  it('are not those of an epoch before one that was seen: a broker that is cut off takes itself for the leader still', async () => {
    const { view, answer, leader } = open(OLD);
    await view.refresh(['orders']);
    expect(leader()).to.equal(2);
    view.sawEpoch('orders', 0, 1);
    expect(leader(), 'what is known is outdated').to.equal(undefined);
    await view.refresh(['orders']);
    expect(leader(), 'and is told again').to.equal(undefined);
    Object.assign(answer, NEW);
    await view.refresh(['orders']);
    expect(leader()).to.equal(1);
    view.sawEpoch('orders', 0, 0);
    view.sawEpoch('orders', 0, -1);
    expect(leader(), 'older epochs are no news').to.equal(1);
  });

  it('are believed where an epoch was seen before anything was known of the topic', async () => {
    const { view, leader } = open(OLD);
    view.sawEpoch('orders', 0, 1);
    await view.refresh(['orders']);
    expect(leader()).to.equal(undefined);
  });

  it('are those of a topic that was made anew, whatever was seen of the one before', async () => {
    const { view, answer, leader } = open(NEW);
    await view.refresh(['orders']);
    view.sawEpoch('orders', 0, 7);
    Object.assign(answer, OLD, { topicId: 'AAAAAAAAAAAAAAAAAAAAZg' });
    await view.refresh(['orders']);
    expect(leader()).to.equal(2);
  });

  it('are believed when every broker tells of them for long: the offsets are those of a topic that was deleted', async () => {
    const { clock, view, leader } = open(OLD);
    view.sawEpoch('orders', 0, 7);
    await clock.advance(29_000);
    await view.refresh(['orders']);
    expect(leader()).to.equal(undefined);
    await clock.advance(2_000);
    expect(leader()).to.equal(2);
  });

  it('are believed of brokers that tell no epochs', async () => {
    const { view, leader } = open({ leaderId: 3, leaderEpoch: -1 });
    view.sawEpoch('orders', 0, 4);
    await view.refresh(['orders']);
    expect(leader()).to.equal(3);
  });
});
