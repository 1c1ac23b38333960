// The wires between simulated machines: cut, slowed, one-way, healed; and machines that die.
import { expect } from 'chai';
import type { Connection, ConnectionEvents } from '../../src/runtime/index.ts';
import { delay } from '../../src/runtime/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { simulate, type Simulation, type SimMachine } from '../../src/runtime/sim/index.ts';

const PORT = 9092;

/** One end of a connection, which notes what it hears and when. */
class End implements ConnectionEvents {
  connection: Connection | undefined;
  readonly heard: string[] = [];
  readonly #buffer = Buffer.alloc(64);
  readonly #nowMs: () => number;

  constructor(simulation: Simulation) {
    this.#nowMs = () => simulation.clock.monotonicMs();
  }
  get text(): string {
    return this.heard.filter((one) => !one.startsWith('(')).join('');
  }
  /** When the first thing was heard. */
  firstMs = -1;
  receiveBuffer(): Uint8Array {
    return this.#buffer;
  }
  onReceived(sizeBytes: number): void {
    if (this.firstMs < 0) this.firstMs = this.#nowMs();
    this.heard.push(this.#buffer.toString('latin1', 0, sizeBytes));
  }
  onDrained(): void {
    this.heard.push('(drained)');
  }
  onEnded(): void {
    this.heard.push('(ended)');
  }
  onClosed(error?: NodeJS.ErrnoException): void {
    this.heard.push(`(closed ${error?.code ?? 'in order'})`);
  }
  send(text: string): void {
    this.connection?.send([Buffer.from(text)]);
  }
  probe(): void {
    this.connection?.probe();
  }
}

class Pair {
  readonly simulation: Simulation;
  readonly server: SimMachine;
  readonly client: SimMachine;
  readonly accepted: End[] = [];

  private constructor(simulation: Simulation) {
    this.simulation = simulation;
    this.server = simulation.machine('server');
    this.client = simulation.machine('client');
  }

  static async open(simulation: Simulation): Promise<Pair> {
    const pair = new Pair(simulation);
    await pair.listen();
    return pair;
  }

  async listen(): Promise<void> {
    await this.server.network.listen({ host: 'server', port: PORT }, (connection) => {
      const end = new End(this.simulation);
      end.connection = connection;
      this.accepted.push(end);
      return end;
    });
  }

  async dial(signal?: AbortSignal): Promise<End> {
    const end = new End(this.simulation);
    const target = { host: 'server', port: PORT, ...(signal !== undefined && { signal }) };
    end.connection = await this.client.network.connect(target, () => end);
    return end;
  }

  /** The error code of a dial that fails, and how long it took. */
  async failedDial(signal?: AbortSignal): Promise<[code: string, tookMs: number]> {
    const startMs = this.simulation.clock.monotonicMs();
    const code = await this.dial(signal).then(
      () => 'connected',
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    return [code, this.simulation.clock.monotonicMs() - startMs];
  }
}

const inWorld = (seed: number, body: (pair: Pair, simulation: Simulation) => Promise<void>): Promise<void> =>
  simulate({ seed, nextTurn }, async (simulation) => body(await Pair.open(simulation), simulation));

describe('Links between simulated machines', () => {
  it('carry what machines say to each other, who know each other by address', () =>
    inWorld(1, async (pair, { clock }) => {
      const end = await pair.dial();
      end.send('hello');
      await delay(clock, 20);
      const [accepted] = pair.accepted;
      expect(accepted?.text).to.equal('hello');
      expect(accepted?.connection?.remoteAddress).to.equal(pair.client.network.address);
      expect(end.connection?.remoteAddress).to.equal(pair.server.network.address);
      expect(end.heard).to.deep.equal(['(drained)']);
      const [refused] = await pair.server.network
        .connect({ host: 'client', port: PORT }, () => end)
        .then(() => ['connected'])
        .catch((error: NodeJS.ErrnoException) => [error.code]);
      expect(refused).to.equal('ECONNREFUSED');
      const unknown = await pair.client.network
        .connect({ host: 'nobody', port: PORT }, () => end)
        .then(() => 'connected')
        .catch((error: NodeJS.ErrnoException) => error.code);
      expect(unknown).to.equal('ENOTFOUND');
    }));

  it('hold what is said while they are cut, and deliver it when they are healed', () =>
    inWorld(2, async (pair, { clock, links }) => {
      const end = await pair.dial();
      links.cut('client', 'server');
      end.send('lost ');
      end.send('and found');
      await delay(clock, 10_000);
      expect(pair.accepted[0]?.heard).to.deep.equal([]);
      expect(end.connection?.unsentBytes).to.equal(14);
      links.heal('client', 'server');
      await delay(clock, 10_000);
      expect(pair.accepted[0]?.text).to.equal('lost and found');
      expect(end.connection?.unsentBytes).to.equal(0);
    }));

  it('have the sender give up after a quarter of an hour, whose peer hears of it when it next speaks', () =>
    inWorld(3, async (pair, { clock, links }) => {
      const end = await pair.dial();
      links.cut('client', 'server');
      end.send('anybody?');
      await delay(clock, 1_200_000);
      expect(end.heard).to.deep.equal(['(closed ETIMEDOUT)']);
      expect(pair.accepted[0]?.heard).to.deep.equal([]);
    }));

  it('pass one way when only the other is cut', () =>
    inWorld(4, async (pair, { clock, links }) => {
      const end = await pair.dial();
      links.cutOneWay('server', 'client');
      end.send('question');
      await delay(clock, 1000);
      const [accepted] = pair.accepted;
      expect(accepted?.text).to.equal('question');
      accepted?.send('answer');
      await delay(clock, 10_000);
      expect(end.heard).to.deep.equal([]);
      const attempt = new AbortController();
      clock.schedule(5000, () => attempt.abort(new Error('given up')));
      expect((await pair.failedDial(attempt.signal))[0]).to.equal('given up');
      links.heal('server', 'client');
      await delay(clock, 20_000);
      expect(end.text).to.equal('answer');
      expect(end.heard).to.include('(drained)');
    }));

  it('take longer when they are slow', () =>
    inWorld(5, async (pair, { clock, links }) => {
      links.slow('client', 'server', 300);
      const end = await pair.dial();
      expect(clock.monotonicMs()).to.be.within(600, 610);
      end.send('x');
      await delay(clock, 1000);
      expect(pair.accepted[0]?.firstMs).to.be.within(900, 920);
    }));

  it('let a dial wait until they are healed, and give it up after two minutes', () =>
    inWorld(6, async (pair, { clock, links }) => {
      links.cut('client', 'server');
      const waiting = pair.dial();
      await delay(clock, 4000);
      links.heal('client', 'server');
      await waiting;
      expect(clock.monotonicMs()).to.be.within(7000, 7010);
      links.cut('client', 'server');
      const [code, tookMs] = await pair.failedDial();
      expect(code).to.equal('ETIMEDOUT');
      expect(tookMs).to.be.closeTo(127_000, 1);
      const attempt = new AbortController();
      clock.schedule(250, () => attempt.abort(new Error('given up')));
      expect((await pair.failedDial(attempt.signal))[0]).to.equal('given up');
    }));

  it('bring a reset at once when a process dies, and only for what is said when its machine lost power and is back', () =>
    inWorld(7, async (pair, { clock }) => {
      const first = await pair.dial();
      pair.server.crash('kill');
      await delay(clock, 20);
      expect(first.heard).to.deep.equal(['(closed ECONNRESET)']);
      expect((await pair.failedDial())[0]).to.equal('ECONNREFUSED');
      await pair.listen();
      const second = await pair.dial();
      pair.server.crash('power');
      await delay(clock, 60_000);
      expect(second.heard).to.deep.equal([]);
      second.send('still there?');
      await delay(clock, 1000);
      expect(second.heard, 'no machine is there that could answer').to.deep.equal([]);
      await pair.listen();
      await delay(clock, 2000);
      expect(second.heard.at(-1)).to.equal('(closed ECONNRESET)');
      expect(pair.accepted.at(-1)?.heard, 'a dead process hears nothing').to.deep.equal([]);
    }));

  it('lose what was lost already when the sender hears that the connection is reset', () =>
    inWorld(7, async (pair, { clock, links }) => {
      const end = await pair.dial();
      links.cutOneWay('client', 'server');
      end.send('for nobody');
      await delay(clock, 100);
      pair.server.network.reset();
      await delay(clock, 100);
      expect(end.heard).to.deep.equal(['(closed ECONNRESET)']);
      links.heal('client', 'server');
      await delay(clock, 10_000);
      expect(pair.accepted[0]?.heard).to.deep.equal(['(closed ECONNRESET)']);
    }));

  it('tell by a probe whether a machine has forgotten a connection, and nothing else', () =>
    inWorld(8, async (pair, { clock, links }) => {
      const end = await pair.dial();
      end.probe();
      pair.server.clock.hold(5000);
      end.probe();
      await delay(clock, 6000);
      links.cut('client', 'server');
      end.probe();
      await delay(clock, 6000);
      links.heal('client', 'server');
      await delay(clock, 10_000);
      expect([end.heard, pair.accepted.at(-1)?.heard]).to.deep.equal([[], []]);
      pair.server.crash('power');
      await delay(clock, 3000);
      await pair.listen();
      await delay(clock, 3000);
      expect(end.heard).to.deep.equal([]);
      end.probe();
      await delay(clock, 20);
      expect(end.heard).to.deep.equal(['(closed ECONNRESET)']);
      end.probe();
    }));

  it('do the same for the same seed', async () => {
    const storyOf = async (seed: number): Promise<string> => {
      let story = '';
      await inWorld(seed, async (pair, { clock, links, random }) => {
        const ends = [await pair.dial(), await pair.dial()];
        for (let step = 0; step < 30; step++) {
          const what = Math.floor(random.next() * 5);
          if (what === 0) links.cut('client', 'server');
          else if (what === 1) links.heal('client', 'server');
          else if (what === 2) links.slow('client', 'server', random.next() * 50);
          else for (const end of ends) end.send(`word ${step} `);
          await delay(clock, random.next() * 500);
        }
        links.heal('client', 'server');
        await delay(clock, 120_000);
        story = JSON.stringify([...pair.accepted, ...ends].map(({ heard, firstMs }) => [firstMs, heard]));
      });
      return story;
    };
    const stories = new Set<string>();
    for (let seed = 1; seed <= 10; seed++) {
      const story = await storyOf(seed);
      expect(await storyOf(seed)).to.equal(story);
      stories.add(story);
    }
    expect(stories.size).to.equal(10);
  });
});
