// How many connections there may be, and how fast they may come, as a state machine and on real sockets.
import { expect } from 'chai';
import {
  type Admission,
  type ConnectionLimits,
  ConnectionQuotas,
} from '../../../src/broker/network/connection-quotas.ts';
import { AlterClientQuotas } from '../../../src/protocol/messages/49-alter-client-quotas.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { SimClock } from '../../../src/runtime/sim/index.ts';
import { LiveBroker } from '../live-broker.ts';
import { CLOSED, RawClient, requestOf } from '../raw-client.ts';

const FREE: ConnectionLimits = {
  maxConnections: 1000,
  maxConnectionsPerIp: 1000,
  ofAddress: new Map(),
  maxIdleMs: 1000,
  maxRequestBytes: 1000,
};

function quotasOf(limits: Partial<ConnectionLimits>, onOverflow?: () => void): ConnectionQuotas {
  const clock = new SimClock({ nextTurn: () => Promise.resolve() });
  return new ConnectionQuotas(clock, () => ({ ...FREE, ...limits }), onOverflow);
}

const admit = (
  quotas: ConnectionQuotas,
  listener = 'A',
  address = '10.0.0.1',
  taken = () => undefined as void,
): Admission => quotas.admit(listener, address, taken);

function leave(admission: Admission): void {
  if (admission.kind === 'taken' || admission.kind === 'waits') admission.slot.leave();
}

describe('Quotas of connections', () => {
  it('have those beyond the number of the broker wait, in their order, and let them in as others go', () => {
    const quotas = quotasOf({ maxConnections: 2 });
    const taken: number[] = [];
    const first = admit(quotas);
    const second = admit(quotas, 'B');
    const third = admit(quotas, 'A', '10.0.0.2', () => void taken.push(3));
    const fourth = admit(quotas, 'A', '10.0.0.2', () => void taken.push(4));
    expect([first, second, third, fourth].map(({ kind }) => kind)).to.deep.equal(['taken', 'taken', 'waits', 'waits']);
    expect(third).to.have.deep.property('limit', { key: 'max.connections', allowed: 2, present: 2 });
    leave(first);
    expect(taken).to.deep.equal([3]);
    leave(fourth);
    leave(second);
    expect(taken, 'who has gone gets no room').to.deep.equal([3]);
    expect(admit(quotas).kind).to.equal('taken');
  });

  it('know limits of single listeners, and name the setting', () => {
    const ofListener = (name: string) => ({
      maxConnections: name === 'A' ? 1 : Number.POSITIVE_INFINITY,
      creationRate: Number.POSITIVE_INFINITY,
    });
    const quotas = quotasOf({ ofListener });
    expect([admit(quotas), admit(quotas, 'B'), admit(quotas)].map(({ kind }) => kind)).to.deep.equal([
      'taken',
      'taken',
      'waits',
    ]);
    expect(admit(quotas)).to.have.nested.property('limit.key', 'listener.name.a.max.connections');
  });

  it('let the brokers in before all others, one of whom goes', () => {
    let overflows = 0;
    const quotas = quotasOf({ maxConnections: 1, protectedListener: 'B' }, () => void (overflows += 1));
    expect([admit(quotas, 'A'), admit(quotas, 'B')].map(({ kind }) => kind)).to.deep.equal(['taken', 'taken']);
    expect(overflows).to.equal(1);
    expect(admit(quotas, 'A').kind).to.equal('waits');
  });

  it('refuse those beyond the number of an address at once', () => {
    const quotas = quotasOf({ maxConnectionsPerIp: 1, ofAddress: new Map([['10.0.0.2', 2]]) });
    const kinds = ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.2', '10.0.0.2'].map(
      (address) => admit(quotas, 'A', address).kind,
    );
    expect(kinds).to.deep.equal(['taken', 'refused', 'taken', 'taken', 'refused']);
  });

  it('bound how many wait', () => {
    const quotas = quotasOf({ maxConnections: 0 });
    const kinds = Array.from({ length: 60 }, () => admit(quotas).kind);
    expect(kinds.filter((kind) => kind === 'waits')).to.have.length(50);
    expect(kinds.at(-1)).to.equal('refused');
  });

  it('slow down those who come too fast, an address by holding it a while', () => {
    const quotas = quotasOf({ creationRate: 1, windows: { samples: 3, windowMs: 1000 } });
    const delays = Array.from({ length: 4 }, () => admit(quotas)).map((one) =>
      one.kind === 'taken' ? one.delayMs : -1,
    );
    expect(delays).to.deep.equal([0, 0, 1000, 1000]);
    const byAddress = quotasOf({ rateOfAddress: (address) => (address === '10.0.0.1' ? 1 : undefined) });
    const kinds = Array.from({ length: 12 }, () => admit(byAddress).kind);
    expect(kinds.slice(0, 10)).to.deep.equal(Array.from({ length: 10 }, () => 'taken'));
    expect(kinds.slice(10)).to.deep.equal(['held', 'held']);
    expect(admit(byAddress, 'A', '10.0.0.2').kind).to.equal('taken');
  });
});

describe('Connections beyond a limit, from outside', () => {
  let broker: LiveBroker;
  const clients: RawClient[] = [];
  const ask = requestOf(Metadata, 1, { topics: [] });

  async function connected(): Promise<RawClient> {
    const client = await broker.connect();
    clients.push(client);
    return client;
  }
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await broker.close();
  });

  it('wait for room in the broker, and are served then', async () => {
    broker = await LiveBroker.start({ 'max.connections': 1 });
    const first = await connected();
    first.send(ask);
    expect(await first.next()).to.not.equal(CLOSED);
    const second = await connected();
    second.send(ask);
    const answer = second.next();
    first.send(ask);
    expect(await first.next(), 'the first goes on').to.not.equal(CLOSED);
    first.destroy();
    expect(await answer).to.not.equal(CLOSED);
    expect(broker.lines[0]?.fields).to.include({ key: 'max.connections', allowed: 1, present: 1 });
  });

  it('wait for room in their listener', async () => {
    broker = await LiveBroker.start({ 'listener.name.plaintext.max.connections': 1 });
    const first = await connected();
    const second = await connected();
    second.send(ask);
    const answer = second.next();
    first.send(ask);
    expect(await first.next()).to.not.equal(CLOSED);
    first.destroy();
    expect(await answer).to.not.equal(CLOSED);
  });

  it('are closed without a byte when their address opens too many too fast', async () => {
    broker = await LiveBroker.start({ 'quota.window.num': 2 });
    const admin = await connected();
    const entity = [{ entityType: 'ip', entityName: '127.0.0.1' }];
    const ops = [{ key: 'connection_creation_rate', value: 1, remove: false }];
    await admin.ask(AlterClientQuotas, 1, { entries: [{ entity, ops }], validateOnly: false });
    const answers: unknown[] = [];
    for (let at = 0; at < 3; at++) {
      const client = await connected();
      client.send(ask);
      answers.push(await client.next());
    }
    expect(answers.map((answer) => answer === CLOSED)).to.deep.equal([false, true, true]);
    expect(await admin.ask(Metadata, 1, { topics: [] }), 'others go on').to.be.an('object');
  });
});
