// Channels to a peer that is cut off, slowed and reset at random.
import { expect } from 'chai';
import fc from 'fast-check';
import { type Channel, ChannelError, codecOf } from '../../../src/protocol/index.ts';
import { AllocateProducerIds } from '../../../src/protocol/messages/67-allocate-producer-ids.ts';
import { delay } from '../../../src/runtime/index.ts';
import { inWorld } from './channel-bench.ts';
import { answerFrame, type PeerRequest } from '../scripted-peer.ts';

describe('Whatever happens to a channel', () => {
  it('every request ends once, in order, with its own answer, in frames cut anywhere', async () => {
    const step = fc.record({
      what: fc.constantFrom('ask', 'ask', 'ask', 'wait', 'cut', 'heal', 'slow', 'reset'),
      ms: fc.double({ min: 0, max: 400, noNaN: true }),
    });
    const plan = fc.record({ seed: fc.nat(100_000), steps: fc.array(step, { maxLength: 25 }) });
    await fc.assert(
      fc.asyncProperty(plan, async ({ seed, steps }) => {
        const told = await storyOf(seed, steps);
        expect(await storyOf(seed, steps), 'the same for the same seed').to.equal(told);
      }),
      { numRuns: 40 },
    );
  });
});

/** Runs the steps, holds what must always be, and tells what happened when. */
async function storyOf(seed: number, steps: readonly { what: string; ms: number }[]): Promise<string> {
  const story: string[] = [];
  await inWorld(
    seed,
    async (bench, { clock, links }) => {
      const { peer, channel } = bench;
      const open = new Map<object, PeerRequest[]>();
      peer.script = (request) => {
        const queue = open.get(request.connection) ?? [];
        open.set(request.connection, queue);
        expect(queue.push(request), 'under way').to.be.at.most(3);
        clock.schedule(10, () => answerInPieces(queue.shift() as PeerRequest));
      };
      const asked: Promise<void>[] = [];
      const doStep = async ({ what, ms }: { what: string; ms: number }): Promise<void> => {
        if (what === 'ask')
          asked.push(askOnce(channel, asked.length, (line) => story.push(`${clock.nowMs()} ${line}`)));
        else if (what === 'wait') await delay(clock, ms);
        else if (what === 'cut') links.cut('own', 'peer');
        else if (what === 'heal') links.heal('own', 'peer');
        else if (what === 'slow') links.slow('own', 'peer', ms / 4);
        else peer.connections.at(-1)?.connection.destroy();
      };
      for (const step of steps) await doStep(step);
      links.heal('own', 'peer');
      await Promise.all(asked);
      expect(story).to.have.length(asked.length);
      // Whatever was: a request that is asked now is answered.
      expect(await bench.ask()).to.be.a('number');
    },
    { maxInFlight: 3, requestTimeoutMs: 5000, connectTimeoutMs: 2000 },
  );
  return story.join('\n');
}

async function askOnce(channel: Channel, index: number, tell: (line: string) => void): Promise<void> {
  try {
    const answer = await channel.ask(AllocateProducerIds, { brokerId: index, brokerEpoch: 0 });
    expect(answer.producerIdStart, 'the answer to this very request').to.equal(index);
    tell(`${index} is answered`);
  } catch (error) {
    expect(error).to.be.instanceOf(ChannelError);
    tell(`${index} ends: ${(error as ChannelError).fault}`);
  }
}

/** With the broker id that was asked with; in pieces of 1 to 5 bytes, which the network cuts once more. */
function answerInPieces(request: PeerRequest): void {
  const { brokerId } = codecOf(AllocateProducerIds.request, request.version).decode(request.reader);
  const response = { errorCode: 0, producerIdStart: brokerId, producerIdLen: 1 };
  const frame = answerFrame(AllocateProducerIds, 0, response, request.correlationId);
  for (let at = 0; at < frame.length; at += 1 + (at % 5)) {
    request.connection.connection.send([frame.subarray(at, at + 1 + (at % 5))]);
  }
}
