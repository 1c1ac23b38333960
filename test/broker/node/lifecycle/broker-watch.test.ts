// Whether a broker whose connection has broken is dead, as its port has it: refused, taken up by somebody, or by a listener that is
// about to go.
import { expect } from 'chai';
import { BrokerWatch } from '../../../../src/broker/node/lifecycle/broker-watch.ts';
import { type BrokerRegistration, MetadataLoader } from '../../../../src/kraft/metadata/index.ts';
import { type Connection, type ConnectionEvents, type Network, silentLogger } from '../../../../src/runtime/index.ts';
import { nextTurn } from '../../../../src/runtime/node/index.ts';
import { SimClock } from '../../../../src/runtime/sim/index.ts';

/** What a new active controller looks for: nobody. */
const nobody = new MetadataLoader(silentLogger).image;
const BROKER = {
  id: 2,
  epoch: 7,
  isFenced: false,
  listeners: [{ name: 'PLAINTEXT', host: 'node2', port: 9092, securityProtocol: 0 }],
} as unknown as BrokerRegistration;

/** What a dial comes to: the code of an error, never an answer, a connection that stands, or one that breaks after so long. */
type Dial = 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ECONNRESET' | 'silence' | 'stands' | number;

class World {
  readonly clock = new SimClock({ nextTurn });
  readonly gone: [number, number][] = [];
  readonly watch: BrokerWatch;
  dials = 0;
  open = 0;

  constructor(answers: readonly Dial[]) {
    const connect = (target: { signal?: AbortSignal }, accept: (connection: Connection) => ConnectionEvents) =>
      this.#answer(answers[Math.min(this.dials++, answers.length - 1)] as Dial, target.signal, accept);
    this.watch = new BrokerWatch({
      nodeId: 1,
      network: { connect } as unknown as Network,
      clock: this.clock,
      logger: silentLogger,
      image: () => nobody,
      gone: async (id, epoch) => void this.gone.push([id, epoch]),
    });
    this.watch.activeChanged(true);
  }

  #answer(
    dial: Dial,
    signal: AbortSignal | undefined,
    accept: (connection: Connection) => ConnectionEvents,
  ): Promise<Connection> {
    if (dial === 'silence') {
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    }
    if (typeof dial === 'string' && dial !== 'stands')
      return Promise.reject(Object.assign(new Error(dial), { code: dial }));
    this.open++;
    const connection = { destroy: () => this.open-- } as unknown as Connection;
    const events = accept(connection);
    if (dial !== 'stands') this.clock.schedule(dial, () => events.onClosed(new Error('reset')));
    return Promise.resolve(connection);
  }
}

/** Who is found dead, after how many dials. */
async function found(...answers: Dial[]): Promise<[gone: number, dials: number]> {
  const world = new World(answers);
  world.watch.suspect(BROKER);
  await world.clock.advance(30_000);
  world.watch.close();
  expect(world.open, 'connections that are left').to.equal(0);
  return [world.gone.length, world.dials];
}

describe('a broker whose connection has broken', () => {
  it('is dead when its port refuses, twice', async () => {
    expect(await found('ECONNREFUSED')).to.deep.equal([1, 2]);
    expect(await found('ECONNREFUSED', 'stands')).to.deep.equal([0, 2]);
  });

  it('is dead, too, when its listener takes a dial up and goes behind its connections', async () => {
    expect(await found(0, 'ECONNREFUSED')).to.deep.equal([1, 3]);
    expect(await found(40, 0, 'ECONNREFUSED')).to.deep.equal([1, 4]);
    expect(await found('ECONNRESET', 'ECONNREFUSED')).to.deep.equal([1, 3]);
    expect(await found('ECONNREFUSED', 5, 'ECONNREFUSED')).to.deep.equal([1, 4]);
  });

  it('is alive where somebody takes a dial up, be it that nothing is said', async () => {
    expect(await found('stands')).to.deep.equal([0, 1]);
  });

  it('may be alive where nobody answers, or every dial is closed again', async () => {
    expect(await found('silence')).to.deep.equal([0, 1]);
    expect(await found('EHOSTUNREACH')).to.deep.equal([0, 1]);
    expect(await found(1)).to.deep.equal([0, 10]);
  });

  it('is told of with its epoch, and asked after once at a time, by the active controller alone', async () => {
    const world = new World([100, 'ECONNREFUSED']);
    world.watch.suspect(BROKER);
    world.watch.suspect(BROKER);
    world.watch.suspect({ ...BROKER, id: 1 });
    world.watch.suspect({ ...BROKER, id: 3, isFenced: true });
    await world.clock.advance(1_000);
    expect(world.gone).to.deep.equal([[2, 7]]);
    expect(world.dials).to.equal(3);
    world.watch.activeChanged(false);
    world.watch.suspect(BROKER);
    await world.clock.advance(1_000);
    expect(world.dials).to.equal(3);
  });
});
