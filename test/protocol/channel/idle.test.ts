// Connections that nobody uses are closed, in virtual time: connections.max.idle.ms after the last request or answer, not before.
import { expect } from 'chai';
import { Channel } from '../../../src/protocol/index.ts';
import { AllocateProducerIds } from '../../../src/protocol/messages/67-allocate-producer-ids.ts';
import { delay, silentLogger } from '../../../src/runtime/index.ts';
import { nextTurn } from '../../../src/runtime/node/index.ts';
import { simulate, type Simulation } from '../../../src/runtime/sim/index.ts';
import { type PeerRequest, ScriptedPeer } from '../scripted-peer.ts';

const PORT = 9093;
const REQUEST = { brokerId: 2, brokerEpoch: 7 };
const IDLE_MS = 10_000;

type World = { readonly peer: ScriptedPeer; readonly channel: Channel; readonly failed: unknown[] };

function inWorld(maxIdleMs: number, body: (world: World, clock: Simulation['clock']) => Promise<void>): Promise<void> {
  return simulate({ seed: 1, nextTurn }, async (simulation) => {
    const peer = new ScriptedPeer(simulation.machine('peer').network, PORT);
    peer.versions = [{ apiKey: AllocateProducerIds.key, minVersion: 0, maxVersion: 0 }];
    peer.script = answer;
    await peer.listen();
    const { network, clock, random } = simulation.machine('own').runtime;
    const failed: unknown[] = [];
    const named = { host: 'peer', port: PORT, clientId: 'tester', software: { name: 'ottla', version: '1' } };
    const limits = { maxIdleMs, requestTimeoutMs: 60_000 };
    const attemptFailed = (code: string | undefined): void => void failed.push(code);
    const channel = new Channel({ network, clock, random, logger: silentLogger, ...named, limits, attemptFailed });
    await body({ peer, channel, failed }, simulation.clock);
    channel.destroy();
  });
}

function answer(request: PeerRequest): void {
  const block = { errorCode: 0, producerIdStart: 1, producerIdLen: 1 };
  request.connection.answer(AllocateProducerIds, request, block);
}

describe('A channel that is not used', () => {
  const openOnes = (peer: ScriptedPeer): number => peer.connections.filter(({ isClosed }) => !isClosed).length;

  it('closes its connection in time, without a fault, and dials again when it is asked', () =>
    inWorld(IDLE_MS, async ({ peer, channel, failed }, clock) => {
      await channel.ask(AllocateProducerIds, REQUEST);
      await delay(clock, IDLE_MS - 1_000);
      await channel.ask(AllocateProducerIds, REQUEST);
      await delay(clock, IDLE_MS - 1_000);
      expect(openOnes(peer)).to.equal(1);
      await delay(clock, 2_000);
      expect(openOnes(peer)).to.equal(0);
      expect((await channel.ask(AllocateProducerIds, REQUEST)).producerIdStart).to.equal(1);
      expect([peer.connections.length, openOnes(peer), failed]).to.deep.equal([2, 1, []]);
      await delay(clock, IDLE_MS + 1_000);
      expect(openOnes(peer)).to.equal(0);
    }));

  it('awaits an answer that takes longer', () =>
    inWorld(IDLE_MS, async ({ peer, channel }, clock) => {
      peer.script = (request) => void delay(clock, 3 * IDLE_MS).then(() => answer(request));
      expect((await channel.ask(AllocateProducerIds, REQUEST)).producerIdStart).to.equal(1);
      expect(peer.connections).to.have.length(1);
      await delay(clock, IDLE_MS - 1_000);
      expect(openOnes(peer)).to.equal(1);
      await delay(clock, 2_000);
      expect(openOnes(peer)).to.equal(0);
    }));

  it('keeps it for ever below 0', () =>
    inWorld(-1, async ({ peer, channel }, clock) => {
      await channel.ask(AllocateProducerIds, REQUEST);
      await delay(clock, 100 * IDLE_MS);
      expect(openOnes(peer)).to.equal(1);
    }));
});
