// The client side of a connection, against a peer that answers, delays, lies and dies, in virtual time.
import { expect } from 'chai';
import { ChannelError, errorName, type Errors } from '../../src/protocol/index.ts';
import { ListGroups } from '../../src/protocol/messages/16-list-groups.ts';
import { AllocateProducerIds } from '../../src/protocol/messages/67-allocate-producer-ids.ts';
import { delay } from '../../src/runtime/index.ts';
import { answerAtOnce, blockOf, inWorld, REQUEST } from './channel/channel-bench.ts';
import { answerFrame, type PeerRequest } from './scripted-peer.ts';

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

  it('takes back a request that was not answered in time: it does not arrive behind the one that was asked in its place', () =>
    inWorld(6, async (bench, { links, clock }) => {
      await bench.ask();
      links.cut('own', 'peer');
      const asked = bench.ask(500);
      expect(await asked).to.equal('timed out');
      links.heal('own', 'peer');
      expect(await bench.ask()).to.equal(1001);
      await delay(clock, 600_000);
      const requests = bench.peer.connections.map((connection) => connection.requests.length);
      expect(requests, 'one over the first connection, one over the second').to.deep.equal([1, 1]);
    }));

  it('takes back what is under way when it is destroyed', () =>
    inWorld(6, async (bench, { links, clock }) => {
      await bench.ask();
      links.cut('own', 'peer');
      const asked = bench.ask();
      await delay(clock, 10);
      bench.channel.destroy();
      expect(await asked).to.equal('closed');
      links.heal('own', 'peer');
      await delay(clock, 600_000);
      expect(bench.peer.connections.map((connection) => connection.requests.length)).to.deep.equal([1]);
    }));

  it('keeps its connection when its peer is said to be elsewhere, and dials there next', () =>
    inWorld(6, async (bench, { clock }) => {
      await bench.ask();
      bench.channel.moveTo('nowhere', 1);
      expect(await bench.ask(), 'over the same connection').to.equal(1002);
      bench.peer.connections[0]?.connection.destroy();
      await delay(clock, 10);
      const asked = bench.ask(2_000);
      await delay(clock, 1_000);
      bench.channel.moveTo('peer', 9093);
      expect(await asked).to.equal(1001);
      expect(bench.dials.length).to.be.above(2);
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
