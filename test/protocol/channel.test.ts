// The client side of a connection, against a peer that answers, delays, lies and dies, in virtual time.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  Channel,
  ChannelError,
  type ChannelLimits,
  codecOf,
  type Errors,
  errorName,
  type Int64,
} from '../../src/protocol/index.ts';
import { ListGroups } from '../../src/protocol/messages/16-list-groups.ts';
import { AllocateProducerIds } from '../../src/protocol/messages/67-allocate-producer-ids.ts';
import { delay, type Network, silentLogger } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { simulate, type Simulation } from '../../src/runtime/sim/index.ts';
import { answerFrame, type PeerRequest, ScriptedPeer } from './scripted-peer.ts';

const PORT = 9093;
const REQUEST = { brokerId: 2, brokerEpoch: 7 };
const PEER_VERSIONS = [
  { apiKey: AllocateProducerIds.key, minVersion: 0, maxVersion: 0 },
  { apiKey: ListGroups.key, minVersion: 0, maxVersion: 3 },
];

class Bench {
  readonly simulation: Simulation;
  readonly peer: ScriptedPeer;
  readonly channel: Channel;
  /** When each attempt to connect began. */
  readonly dials: number[] = [];

  private constructor(simulation: Simulation, limits: Partial<ChannelLimits>) {
    this.simulation = simulation;
    this.peer = new ScriptedPeer(simulation.machine('peer').network, PORT);
    this.peer.versions = PEER_VERSIONS;
    this.peer.script = answerAtOnce;
    const { runtime } = simulation.machine('own');
    const { network } = runtime;
    const dialling: Network = {
      listen: (...args) => network.listen(...args),
      connect: (...args) => {
        this.dials.push(simulation.clock.monotonicMs());
        return network.connect(...args);
      },
    };
    this.channel = new Channel({
      network: dialling,
      clock: runtime.clock,
      random: runtime.random,
      logger: silentLogger,
      host: 'peer',
      port: PORT,
      clientId: 'tester',
      software: { name: 'ottla', version: '1' },
      limits,
    });
  }

  static async open(simulation: Simulation, limits: Partial<ChannelLimits> = {}): Promise<Bench> {
    const bench = new Bench(simulation, limits);
    await bench.peer.listen();
    return bench;
  }

  /** What becomes of one request: the start of its block, or the fault. */
  async ask(timeoutMs?: number): Promise<Int64 | string> {
    try {
      const options = timeoutMs === undefined ? {} : { timeoutMs };
      return (await this.channel.ask(AllocateProducerIds, REQUEST, options)).producerIdStart;
    } catch (error) {
      return error instanceof ChannelError ? error.fault : String(error);
    }
  }
}

const blockOf = (correlationId: number) => ({ errorCode: 0, producerIdStart: 1000 + correlationId, producerIdLen: 1 });

function answerAtOnce(request: PeerRequest): void {
  request.connection.answer(AllocateProducerIds, request, blockOf(request.correlationId));
}

function inWorld(
  seed: number,
  body: (bench: Bench, simulation: Simulation) => Promise<void>,
  limits?: Partial<ChannelLimits>,
): Promise<void> {
  return simulate({ seed, nextTurn }, async (simulation) => body(await Bench.open(simulation, limits), simulation));
}

describe('A channel', () => {
  it('dials when it is asked, agrees on versions once, and gives each request its answer', () =>
    inWorld(1, async ({ channel, peer, dials }, { clock }) => {
      await delay(clock, 100);
      expect(dials).to.deep.equal([]);
      const answers = await Promise.all([1, 2, 3].map(() => channel.ask(AllocateProducerIds, REQUEST)));
      expect(answers.map(({ producerIdStart }) => producerIdStart)).to.deep.equal([1001, 1002, 1003]);
      expect(answers[0]).to.deep.equal({ throttleTimeMs: 0, errorCode: 0, producerIdStart: 1001, producerIdLen: 1 });
      expect(peer.requests.map(({ correlationId, clientId }) => [correlationId, clientId])).to.deep.equal([
        [1, 'tester'],
        [2, 'tester'],
        [3, 'tester'],
      ]);
      expect(peer.versionsAsked).to.deep.equal([4]);
      expect(dials).to.have.length(1);
    }));

  it('speaks the newest version that both know, or the one that it is told', () =>
    inWorld(2, async ({ channel, peer }, { clock }) => {
      peer.script = (request) => request.connection.answer(ListGroups, request, { errorCode: 0, groups: [] });
      await channel.ask(ListGroups, { statesFilter: [] });
      await channel.ask(ListGroups, {}, { version: 1 });
      expect(peer.requests.map(({ version }) => version)).to.deep.equal([3, 1]);
      const refused = await channel.ask(ListGroups, {}, { version: 5 }).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(ChannelError);
      expect((refused as Error).message).to.equal('unsupported version: ListGroups 5: the peer serves 0 to 3');
      peer.connections[0]?.connection.destroy();
      await delay(clock, 10);
      peer.versions = [];
      const gone = await channel.ask(AllocateProducerIds, REQUEST).catch((error: unknown) => error);
      expect((gone as Error).message).to.match(/AllocateProducerIds 0 to 0: the peer does not serve it/);
    }));

  it('takes the lower version of ApiVersions that an old peer names (KIP-511)', () =>
    inWorld(3, async (bench) => {
      for (const newest of [3, 2, 0]) {
        bench.peer.newestApiVersions = newest;
        bench.peer.versionsAsked.length = 0;
        expect(await bench.ask()).to.be.a('number');
        expect(bench.peer.versionsAsked).to.deep.equal([4, newest]);
        for (const { connection } of bench.peer.connections) connection.destroy();
        await delay(bench.simulation.clock, 50);
      }
    }));

  it('falls back to version 0 of ApiVersions where the refusal of a newer one cannot be read', () =>
    inWorld(3, async (bench) => {
      bench.peer.newestApiVersions = 2;
      // As librdkafka's mock cluster answers: the ranges in the compact form of version 3.
      bench.peer.refusal = Buffer.from('00230100120000000200000000', 'hex');
      expect(await bench.ask()).to.be.a('number');
      expect(bench.peer.versionsAsked).to.deep.equal([4, 0]);
    }));

  it('refuses what its version cannot carry, and goes on', () =>
    inWorld(4, async (bench) => {
      expect(await bench.channel.ask(ListGroups, { statesFilter: ['x'] }, { version: 1 }).catch(String)).to.match(
        /EncodeError/,
      );
      expect(await bench.ask()).to.equal(1001);
    }));

  it('keeps no more under way than it may, and no more waiting', () =>
    inWorld(
      5,
      async (bench, { clock }) => {
        const { peer } = bench;
        const open: PeerRequest[] = [];
        let most = 0;
        peer.script = (request) => {
          most = Math.max(most, open.push(request));
        };
        const asked = Array.from({ length: 12 }, () => bench.ask());
        await delay(clock, 100);
        expect(open).to.have.length(3);
        while (open.length > 0) {
          answerAtOnce(open.shift() as PeerRequest);
          await delay(clock, 20);
        }
        expect(most).to.equal(3);
        const outcomes = await Promise.all(asked);
        expect(outcomes.filter((outcome) => outcome === 'too many waiting')).to.have.length(4);
        expect(outcomes.slice(0, 8)).to.deep.equal([1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008]);
      },
      { maxInFlight: 3, maxWaiting: 8 },
    ));

  it('gives up a request that is not answered in time, with its connection, and all that is under way behind it', () =>
    inWorld(6, async (bench, { clock }) => {
      bench.peer.script = () => undefined;
      const outcomes = Promise.all([bench.ask(500), bench.ask(), bench.ask()]);
      expect(await outcomes).to.deep.equal(['timed out', 'disconnected', 'disconnected']);
      expect(clock.monotonicMs()).to.be.within(500, 510);
      await delay(clock, 10);
      expect(bench.peer.connections[0]?.isClosed).to.equal(true);
      bench.peer.script = answerAtOnce;
      expect(await bench.ask()).to.equal(1001);
      expect(bench.dials).to.have.length(2);
    }));

  it('dials again ever more seldom, and at once when there is a peer again', () =>
    inWorld(7, async (bench, { clock }) => {
      await bench.peer.listener?.close();
      const asked = bench.ask(20_000);
      await delay(clock, 15_000);
      const pauses = bench.dials.slice(1).map((at, index) => at - (bench.dials[index] as number));
      for (const [index, expectedMs] of [50, 100, 200, 400, 800, 1000, 1000].entries()) {
        expect(pauses[index]).to.be.within(expectedMs * 0.8, expectedMs * 1.2 + 10);
      }
      expect(new Set(pauses.map((pause) => pause.toFixed(3))).size, 'no two pauses alike').to.equal(pauses.length);
      await bench.peer.listen();
      expect(await asked).to.equal(1001);
      for (const { connection } of bench.peer.connections) connection.destroy();
      await delay(clock, 100);
      const before = clock.monotonicMs();
      expect(await bench.ask()).to.equal(1001);
      expect(clock.monotonicMs() - before, 'patience begins anew').to.be.below(20);
    }));

  it('does not wait for ever for a connection that cannot be used', () =>
    inWorld(8, async (bench, { links, clock }) => {
      links.cut('own', 'peer');
      const asked = bench.ask(35_000);
      await delay(clock, 24_000);
      expect(bench.dials).to.have.length(3);
      links.heal('own', 'peer');
      expect(await asked).to.be.a('number');
      bench.peer.connections.at(-1)?.connection.destroy();
      await delay(clock, 10);
      bench.peer.newestApiVersions = -1;
      expect(await bench.ask(3000), 'a peer that refuses ApiVersions in every version').to.equal('timed out');
      expect(bench.peer.versionsAsked.slice(1, 3)).to.deep.equal([4, 0]);
    }));

  it('has more patience with each attempt to connect that fails, up to a bound', () =>
    inWorld(
      8,
      async (bench, { links, clock }) => {
        links.cut('own', 'peer');
        const asked = bench.ask(100_000);
        const dialsBy = async (ms: number): Promise<number> => {
          await delay(clock, ms - clock.monotonicMs());
          return bench.dials.length;
        };
        expect(await dialsBy(900)).to.equal(1);
        expect(await dialsBy(2_900), 'one of 1 s, one of 2 s').to.equal(2);
        expect(await dialsBy(6_900), 'and one of 4 s').to.equal(3);
        expect(await dialsBy(11_000)).to.equal(4);
        expect(await dialsBy(12_500), 'and no more than that').to.equal(5);
        links.heal('own', 'peer');
        expect(await asked).to.be.a('number');
      },
      { connectTimeoutMs: 1_000, longestConnectTimeoutMs: 4_000 },
    ));

  it('ends a request once and only once when its connection goes', () =>
    inWorld(9, async (bench) => {
      const ways: ((request: PeerRequest) => void)[] = [
        ({ connection }) => connection.connection.end(),
        ({ connection }) => connection.connection.destroy(),
        (request) => {
          const frame = answerFrame(AllocateProducerIds, 0, blockOf(1), request.correlationId);
          request.connection.connection.send([frame.subarray(0, -1)]);
          request.connection.connection.end();
        },
      ];
      for (const way of ways) {
        bench.peer.script = way;
        expect(await bench.ask()).to.equal('disconnected');
      }
    }));
});

describe('A channel whose peer does not keep to the protocol', () => {
  const lies: Readonly<Record<string, (request: PeerRequest) => Uint8Array>> = {
    'answers another request': ({ correlationId }) =>
      answerFrame(AllocateProducerIds, 0, blockOf(1), correlationId + 1),
    'answers an earlier request again': ({ correlationId }) =>
      answerFrame(AllocateProducerIds, 0, blockOf(1), correlationId - 1),
    'sends a frame that is too large': () => Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0]),
    'sends a frame of a negative size': () => Buffer.from([0xff, 0xff, 0xff, 0xff]),
    'sends a frame without a correlation id': () => Buffer.from([0, 0, 0, 3, 0, 0, 0]),
    'sends an answer that is cut short': ({ correlationId }) => {
      const frame = answerFrame(AllocateProducerIds, 0, blockOf(1), correlationId).subarray(0, -4);
      frame.writeInt32BE(frame.length - 4);
      return frame;
    },
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`hears no more from one that ${what}`, () =>
      inWorld(1, async (bench, { clock }) => {
        bench.peer.script = (request) => request.connection.connection.send([lie(request)]);
        const asked = [bench.ask(), bench.ask()];
        expect(await Promise.all(asked)).to.deep.equal(['broken', 'broken']);
        await delay(clock, 10);
        expect(bench.peer.connections[0]?.isClosed).to.equal(true);
        bench.peer.script = answerAtOnce;
        expect(await bench.ask()).to.equal(1001);
      }));
  }

  it('hears no more from one that answers without being asked', () =>
    inWorld(2, async (bench, { clock }) => {
      expect(await bench.ask()).to.equal(1001);
      bench.peer.connections[0]?.connection.send([answerFrame(AllocateProducerIds, 0, blockOf(1), 2)]);
      await delay(clock, 10);
      expect(bench.peer.connections[0]?.isClosed).to.equal(true);
    }));

  it('tells a caller an error of Kafka', () =>
    inWorld(4, async ({ channel, peer }) => {
      peer.script = () => undefined;
      const error = await channel
        .ask(AllocateProducerIds, REQUEST, { timeoutMs: 10 })
        .catch((reason: unknown) => reason);
      expect(errorName((error as { code: typeof Errors.NONE }).code)).to.equal('REQUEST_TIMED_OUT');
    }));
});

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
