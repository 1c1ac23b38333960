// Connections that share the turns of the event loop: time is told by hand, and each request takes some of it.
import { expect } from 'chai';
import { defineHandler } from '../../../src/api-handlers/index.ts';
import { Turn, TurnShare } from '../../../src/broker/network/turn.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { Bench, metadata, served } from './bench.ts';

describe('A turn of the event loop', () => {
  it('is for all requests while it is short, and for one of each connection when it is long', async () => {
    const clock = new SimClock({ nextTurn });
    let nowMs = 0;
    clock.monotonicMs = () => nowMs;
    const turn = new Turn(clock);
    let goesOn = 0;
    const [one, other] = [new TurnShare(turn, () => (goesOn += 1)), new TurnShare(turn, () => (goesOn += 10))];
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
});
