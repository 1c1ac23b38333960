// Connections that share the turns of the event loop: time is told by hand, and each request takes some of it.
import { expect } from 'chai';
import { defineHandler } from '../../../src/api-handlers/index.ts';
import { Turn, TurnShare, type TurnTaker } from '../../../src/broker/network/turn.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { Bench, metadata, served } from './bench.ts';

/** A connection with requests that have come, each of which takes the same time of the processor. */
class Asking implements TurnTaker {
  readonly #share: TurnShare;
  readonly #time: { nowMs: number };
  readonly #costMs: number;
  left: number;

  constructor(turn: Turn, time: { nowMs: number }, requests: number, costMs: number) {
    this.#share = new TurnShare(turn, this);
    this.#time = time;
    this.#costMs = costMs;
    this.left = requests;
  }

  get waitingFrames(): number {
    return this.left;
  }

  wake(): void {
    this.#share.begins(this.#time.nowMs);
    while (this.left > 0 && this.#share.admits()) {
      this.left -= 1;
      this.#time.nowMs += this.#costMs;
    }
  }
}

/** Connections, twenty unless told otherwise, with a hundred requests each, which have all come at once. */
function crowd(costMs: number, count = 20) {
  const clock = new SimClock({ nextTurn });
  const time = { nowMs: 0 };
  clock.monotonicMs = () => time.nowMs;
  const turn = new Turn(clock);
  const greedy = Array.from({ length: count }, () => new Asking(turn, time, 100, costMs));
  for (const one of greedy) one.wake();
  const left = (): number => greedy.reduce((sum, one) => sum + one.left, 0);
  return { clock, time, turn, left };
}

describe('A turn of the event loop', () => {
  it('is for all requests while it is short, and for one of each connection when it is long', async () => {
    const clock = new SimClock({ nextTurn });
    let nowMs = 0;
    clock.monotonicMs = () => nowMs;
    const turn = new Turn(clock);
    let goesOn = 0;
    const [one, other] = [1, 10].map(
      (weight) => new TurnShare(turn, { waitingFrames: 1, wake: () => (goesOn += weight) }),
    ) as [TurnShare, TurnShare];
    one.begins(nowMs);
    for (let request = 0; request < 100; request++) expect(one.admits()).to.equal(true);
    nowMs = 6;
    expect(Array.from({ length: 20 }, () => one.admits())).to.include(false);
    other.begins(nowMs);
    expect([other.admits(), other.admits(), other.admits()]).to.deep.equal([true, false, false]);
    expect(goesOn).to.equal(0);
    await clock.advance(1);
    expect(goesOn).to.equal(11);
    one.begins(nowMs);
    expect([one.admits(), one.admits()]).to.deep.equal([true, true]);
  });

  it('keeps a connection with one request waiting for one request of another, not for hundreds', async () => {
    const order: number[] = [];
    const nothing = { brokers: [], clusterId: null, controllerId: -1, topics: [] };
    let spentMs = 0;
    const handler = defineHandler(Metadata, {
      authorize: [],
      handle: (_, { session }) => {
        order.push(session.remotePort);
        spentMs += 3;
        return nothing;
      },
      failed: () => nothing,
    });
    const bench = await Bench.open([served(handler, Metadata.key)]);
    const { clock } = bench;
    const monotonicMs = clock.monotonicMs.bind(clock);
    clock.monotonicMs = () => monotonicMs() + spentMs;
    const neighbour = bench.connect();
    await bench.run();
    order.length = 0;
    bench.client.send([Buffer.concat(Array.from({ length: 200 }, (_, id) => metadata(id)))]);
    neighbour.send([metadata(1000)]);
    await bench.run(5000);
    expect(order).to.have.length(201);
    const ports = [...new Set(order)];
    const alone = ports.find((port) => order.filter((one) => one === port).length === 1) as number;
    expect(order.indexOf(alone)).to.be.below(40);
  });

  it('has a part for those in line, after which sockets are looked at again', async () => {
    const { clock, left } = crowd(1);
    const leftAfterFirst = left();
    await clock.settle();
    expect(leftAfterFirst - left()).to.be.within(1, 3);
    for (let before = left(); before > 0; before = left()) {
      expect(await clock.step()).to.equal(true);
      expect(before - left()).to.be.within(1, 3);
    }
    expect(await clock.step()).to.equal(false);
  });

  it('is first of all for those who have not had much, and lets none of the others starve', async () => {
    const { clock, time, turn, left } = crowd(1);
    for (let turns = 0; turns < 200; turns++) await clock.step();
    const modest = new Asking(turn, time, 30, 0.05);
    modest.wake();
    expect(modest.left).to.be.above(0);
    const leftBefore = left();
    await clock.step();
    await clock.step();
    expect(modest.left).to.equal(0);
    expect(leftBefore - left()).to.be.within(2, 6);
  });

  it('lets a producer catch up beside those who have heaped up more, when the broker was kept from running for a while', async () => {
    const { clock, time, turn, left } = crowd(0.5, 200);
    const producer = new Asking(turn, time, 0, 0.5);
    let sentUntilMs = time.nowMs;
    const send = (): void => {
      const due = Math.floor((time.nowMs - sentUntilMs) / 5);
      sentUntilMs += 5 * due;
      producer.left += due;
      producer.wake();
    };
    send();
    // A request every five milliseconds, and then the process does not run for a while.
    time.nowMs += 40;
    send();
    const waiting: number[] = [];
    for (let turns = 0; turns < 500; turns++) {
      await clock.step();
      // Between two turns the loop waits for its timer.
      time.nowMs += 1;
      send();
      waiting.push(producer.left);
    }
    expect(left(), 'of the others').to.be.within(100, 19_500);
    expect(Math.max(...waiting.slice(100)), 'requests of the producer that wait').to.be.below(20);
  });

  it('lets connections that come in first, so many at a time', async () => {
    const { clock, turn, left } = crowd(0.5);
    await clock.step();
    let leftBefore = left();
    // One comes in each turn, as Node.js takes them; it has to be known in which of the turns the line had its part.
    const served: number[] = [];
    for (let turns = 0; turns < 100; turns++) {
      turn.arrives();
      await clock.step();
      if (left() < leftBefore) served.push(turns);
      leftBefore = left();
    }
    expect(served).to.have.length.within(4, 10);
    for (let turns = 0; turns < 100; turns++) await clock.step();
    expect(leftBefore - left(), 'when no more come').to.be.above(300);
  });

  it('has nothing begun of those in line before their turn, though they be woken', async () => {
    const { clock, time, turn, left } = crowd(1);
    const late = new Asking(turn, time, 100, 1);
    late.wake();
    const leftBefore = left() + late.left;
    for (let woken = 0; woken < 10; woken++) late.wake();
    expect(left() + late.left).to.equal(leftBefore);
    for (let steps = 0; (await clock.step()) && steps < 5000; steps++);
    expect(left() + late.left).to.equal(0);
  });
});
