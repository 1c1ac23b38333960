// Channels that are closed, whatever the peer does.
import { expect } from 'chai';
import fc from 'fast-check';
import { AllocateProducerIds } from '../../../src/protocol/messages/67-allocate-producer-ids.ts';
import { delay } from '../../../src/runtime/index.ts';
import { answerAtOnce, blockOf, inWorld } from './channel-bench.ts';
import type { PeerRequest } from '../scripted-peer.ts';

describe('Closing a channel', () => {
  it('awaits what is under way and refuses what waits', () =>
    inWorld(
      1,
      async (bench, { clock }) => {
        const open: PeerRequest[] = [];
        bench.peer.script = (request) => void open.push(request);
        const asked = [bench.ask(), bench.ask()];
        await delay(clock, 50);
        const closed = bench.channel.close();
        expect(await asked[1]).to.equal('closed');
        expect(await bench.ask()).to.equal('closed');
        answerAtOnce(open[0] as PeerRequest);
        expect(await asked[0]).to.equal(1001);
        await closed;
        expect(bench.channel.close(), 'a second time').to.equal(closed);
        await delay(clock, 10);
        expect(bench.peer.connections[0]?.isClosed).to.equal(true);
      },
      { maxInFlight: 1 },
    ));

  it('does not wait for a peer that never answers', () =>
    inWorld(2, async (bench, { clock }) => {
      bench.peer.script = () => undefined;
      const asked = bench.ask(500);
      await delay(clock, 50);
      await bench.channel.close();
      expect(await asked).to.equal('timed out');
    }));

  it('cuts off a peer that does not close after all', () =>
    inWorld(3, async (bench, { clock }) => {
      bench.peer.closesToo = false;
      expect(await bench.ask()).to.equal(1001);
      const before = clock.monotonicMs();
      await bench.channel.close();
      expect(clock.monotonicMs() - before).to.be.within(2990, 3010);
    }));

  for (const way of ['close', 'destroy'] as const) {
    it(`works in every state, whatever the peer does: ${way}`, async () => {
      const plan = fc.record({
        seed: fc.nat(100_000),
        closesAtMs: fc.double({ min: 0, max: 300, noNaN: true }),
        asks: fc.array(fc.double({ min: 0, max: 250, noNaN: true }), { maxLength: 8 }),
        peer: fc.constantFrom('answers', 'mute', 'ends', 'resets', 'lies', 'absent', 'cut'),
      });
      await fc.assert(
        fc.asyncProperty(plan, async ({ seed, closesAtMs, asks, peer }) => {
          await inWorld(seed, async (bench, { clock, links }) => {
            if (peer === 'absent') await bench.peer.listener?.close();
            if (peer === 'cut') clock.schedule(100, () => links.cut('own', 'peer'));
            bench.peer.script = scriptOf(peer);
            const asked = asks.map(async (atMs) => {
              await delay(clock, atMs);
              return bench.ask(1000);
            });
            await delay(clock, closesAtMs);
            if (way === 'close') await bench.channel.close();
            else bench.channel.destroy();
            await bench.channel.close();
            for (const outcome of await Promise.all(asked)) expect(outcome).to.satisfy(isEnd);
            expect(await bench.ask()).to.equal('closed');
            const dialled = bench.dials.length;
            await delay(clock, 60_000);
            expect(bench.dials.length, 'nothing is dialled any more').to.equal(dialled);
          });
        }),
        { numRuns: 60 },
      );
    });
  }
});

const isEnd = (outcome: number | string): boolean =>
  typeof outcome === 'number' || ['closed', 'timed out', 'disconnected', 'broken'].includes(outcome);

function scriptOf(peer: string): (request: PeerRequest) => void {
  switch (peer) {
    case 'mute':
      return () => undefined;
    case 'ends':
      return ({ connection }) => connection.connection.end();
    case 'resets':
      return ({ connection }) => connection.connection.destroy();
    case 'lies':
      return (request) => request.connection.answer(AllocateProducerIds, request, blockOf(0), 77);
    default:
      return answerAtOnce;
  }
}
