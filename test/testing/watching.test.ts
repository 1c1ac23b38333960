// Hooks, delays and the history of an embedded broker, over real sockets.
import { expect } from 'chai';
import { type Broker, type Logger, type RequestHook, startBroker, type StartOptions } from '../../src/index.ts';
import { buildBatch, Errors } from '../../src/protocol/index.ts';
import { Produce } from '../../src/protocol/messages/00-produce.ts';
import { Fetch } from '../../src/protocol/messages/01-fetch.ts';
import { Metadata } from '../../src/protocol/messages/03-metadata.ts';
import { FindCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { InitProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { AddPartitionsToTxn } from '../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SimClock } from '../../src/runtime/sim/index.ts';
import { CLOSED, RawClient, requestOf } from '../broker/raw-client.ts';

const NO_SESSION = { maxWaitMs: 0, minBytes: 0, sessionId: 0, sessionEpoch: -1 };
const batch = (): Buffer => buildBatch([{ value: Buffer.from('x'), timestamp: Date.now() }]);
const produced = (acks = -1) => ({
  acks,
  timeoutMs: 1000,
  topicData: [{ name: 'orders', partitionData: [{ index: 0, records: batch() }] }],
});

describe('A broker that is watched', () => {
  const running: Broker[] = [];
  const clients: RawClient[] = [];
  const errors: string[] = [];
  const logger: Logger = {
    log: (level, message, fields) => void (level === 'error' && errors.push(`${message} ${String(fields?.error)}`)),
    child: () => logger,
  };

  async function start(options: StartOptions): Promise<[Broker, RawClient]> {
    const broker = await startBroker({ profile: 'test', topics: { orders: 1 }, logger, ...options });
    running.push(broker);
    const client = await RawClient.connect(broker.port);
    clients.push(client);
    return [broker, client];
  }
  beforeEach(() => void (errors.length = 0));
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    for (const broker of running.splice(0)) await broker.close();
  });

  const codeOf = async (client: RawClient): Promise<number | undefined> =>
    (await client.ask(Produce, 9, produced())).responses[0]?.partitionResponses[0]?.errorCode;

  it('shows each request, narrowed by its API, and goes on when the hook says nothing', async () => {
    const seen: string[] = [];
    const [, client] = await start({
      onRequest(request) {
        if (request.api === 'Produce') {
          const records = request.body.topicData[0]?.partitionData[0]?.records;
          seen.push(
            `acks ${request.body.acks}, ${request.topics.join()}, ${records?.length} bytes by ${request.clientId}`,
          );
        }
      },
    });
    expect(await codeOf(client)).to.equal(Errors.NONE);
    expect(seen).to.deep.equal([`acks -1, orders, ${batch().length} bytes by raw`]);
  });

  it('answers what the hook says, at once or by and by', async () => {
    const answers: ReturnType<RequestHook>[] = [
      { error: 'NOT_ENOUGH_REPLICAS' },
      Promise.resolve({ error: 'KAFKA_STORAGE_ERROR' }),
      undefined,
      Promise.resolve(),
    ];
    const [, client] = await start({ onRequest: () => answers.shift() });
    expect(await codeOf(client)).to.equal(Errors.NOT_ENOUGH_REPLICAS);
    expect(await codeOf(client)).to.equal(Errors.KAFKA_STORAGE_ERROR);
    expect(await codeOf(client)).to.equal(Errors.NONE);
    expect(await codeOf(client)).to.equal(Errors.NONE);
    expect(errors).to.deep.equal([]);
  });

  const faulty: readonly [string, RequestHook][] = [
    ['throws', () => assertionFailed()],
    ['rejects', () => Promise.reject(new Error('seen too often'))],
    ['answers nonsense', () => ({ error: 'NO_SUCH_ERROR' }) as never],
  ];
  for (const [what, onRequest] of faulty) {
    it(`answers UNKNOWN_SERVER_ERROR and says so once when the hook ${what}`, async () => {
      const [, client] = await start({ onRequest });
      expect(await codeOf(client)).to.equal(Errors.UNKNOWN_SERVER_ERROR);
      expect(errors).to.have.length(1);
      expect(errors[0]).to.match(/^onRequest failed .*(seen too often|NO_SUCH_ERROR)/s);
    });
  }

  it('closes the connection instead of an answer, after those before it', async () => {
    const [broker, client] = await start({});
    broker.failNext({ api: 'Fetch' }, { close: true });
    client.send(
      Buffer.concat([requestOf(Produce, 9, produced(), 1), requestOf(Fetch, 11, { ...NO_SESSION, topics: [] }, 2)]),
    );
    expect((await client.next()) === CLOSED).to.equal(false);
    await client.ended();
  });

  it('fails as often as it is told, then no more', async () => {
    const [broker, client] = await start({});
    const plan = broker.failNext({ api: 'Produce', times: 2 }, 'NOT_LEADER_OR_FOLLOWER');
    const codes = [await codeOf(client), await codeOf(client)];
    expect(plan.remaining).to.equal(0);
    expect([...codes, await codeOf(client)]).to.deep.equal([6, 6, 0]);
    const endless = broker.failNext({ api: 'Produce', times: Infinity }, 'NOT_LEADER_OR_FOLLOWER');
    expect(await codeOf(client)).to.equal(6);
    endless.cancel();
    expect(await codeOf(client)).to.equal(0);
  });

  it('refuses plans that can never be', async () => {
    const [broker] = await start({});
    expect(() => broker.failNext({ api: 'Prodce' as never }, 'NOT_COORDINATOR')).to.throw(TypeError, 'Prodce');
    expect(() => broker.failNext({ api: 'Produce' }, 'NO_LEADER' as never)).to.throw(TypeError, 'NO_LEADER');
    expect(() => broker.failNext({ api: 'Produce' }, 'NONE' as never)).to.throw(TypeError, 'NONE');
    expect(() => broker.failNext({ api: 'Produce' }, {} as never)).to.throw(TypeError, 'delayMs');
    expect(() => broker.failNext({ api: 'Produce' }, { delayMs: -1 })).to.throw(TypeError, 'delayMs');
    expect(() => broker.failNext({ api: 'Produce', times: 0 }, 'NOT_COORDINATOR')).to.throw(TypeError, 'times');
    expect(() => broker.requests()).to.throw('history: true');
  });

  it('delays by its own clock, and nothing of the connection passes what is delayed', async () => {
    const clock = new SimClock({ nextTurn, startMs: Date.UTC(2030, 0, 1) });
    let isOver = false;
    const passing = (async () => {
      while (!isOver) await clock.settle();
    })();
    const [broker, client] = await start({ clock, history: true });
    isOver = true;
    await passing;
    broker.failNext({ api: 'Produce' }, { delayMs: 60_000 });
    client.send(Buffer.concat([requestOf(Produce, 9, produced(), 1), requestOf(Produce, 9, produced(), 2)]));
    while (broker.requests().length === 0) await clock.settle();
    await clock.settle();
    expect(broker.requests(), 'the second is not begun').to.have.length(1);
    expect(client.receivedBytes, 'before the minute is over').to.equal(0);
    const answers = (async () => [await client.next(), await client.next()])();
    let isAnswered = false;
    void answers.finally(() => (isAnswered = true));
    await clock.advance(60_000);
    while (!isAnswered) await clock.settle();
    expect((await answers).map((frame) => (frame as Buffer).readInt32BE(0))).to.deep.equal([1, 2]);
    await clock.run(broker.close());
    running.length = 0;
  });

  it('drops what is delayed when its client hangs up, and can be closed meanwhile', async () => {
    const [broker, client] = await start({ history: true });
    broker.failNext({ api: 'Produce' }, { delayMs: 3_600_000 });
    client.send(requestOf(Produce, 9, produced()));
    const other = await RawClient.connect(broker.port);
    clients.push(other);
    while (broker.requests().length === 0) await nextTurn();
    client.destroy();
    while (broker.requests({ api: 'Produce' })[0]?.outcome === 'pending') await nextTurn();
    broker.failNext({ api: 'Produce' }, { delayMs: 3_600_000 });
    other.send(requestOf(Produce, 9, produced()));
    while (broker.requests({ api: 'Produce' }).length < 2) await nextTurn();
    await broker.close();
    await other.ended();
  });

  it('remembers the requests, with what became of them, and no record', async () => {
    const [broker, client] = await start({ history: true });
    await codeOf(client);
    broker.failNext({ api: 'Produce' }, 'NOT_LEADER_OR_FOLLOWER');
    await codeOf(client);
    client.send(requestOf(Produce, 9, produced(0)));
    await client.ask(Fetch, 11, {
      ...NO_SESSION,
      topics: [{ topic: 'nowhere', partitions: [{ partition: 3, fetchOffset: 0, partitionMaxBytes: 1 }] }],
    });
    expect(broker.requests().map(({ api, version }) => `${api} ${version}`)).to.deep.equal([
      'Produce 9',
      'Produce 9',
      'Produce 9',
      'Fetch 11',
    ]);
    const produces = broker.requests({ api: 'Produce', clientId: 'raw' });
    expect(produces.map(({ outcome, errors: found }) => [outcome, ...found])).to.deep.equal([
      ['answered'],
      ['answered', 'NOT_LEADER_OR_FOLLOWER'],
      ['none'],
    ]);
    expect(produces[0]?.topics).to.deep.equal(['orders']);
    expect(produces[0]?.body.topicData[0]?.partitionData[0]?.records).to.deep.equal({ sizeBytes: batch().length });
    expect(broker.requests({ api: 'Fetch' })[0]?.errors).to.deep.equal(['UNKNOWN_TOPIC_OR_PARTITION']);
    const since = broker.requests({ api: 'Fetch' })[0]?.receivedAtMs ?? 0;
    expect(broker.requests({ since })).to.include(broker.requests({ api: 'Fetch' })[0]);
    expect(broker.requests({ since: since + 1 })).to.deep.equal([]);
    expect(broker.requests({ clientId: 'else' })).to.deep.equal([]);
  });

  it('remembers errors wherever an API puts them', async () => {
    const [broker, client] = await start({ history: true });
    for (;;) {
      await client.ask(FindCoordinator, 4, { keyType: 1, coordinatorKeys: ['tx'] });
      const producer = { transactionalId: 'tx', transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 };
      const { errorCode, producerId, producerEpoch } = await client.ask(InitProducerId, 4, producer);
      if (errorCode !== Errors.NONE) continue;
      await client.ask(AddPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: 'tx',
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name: 'nowhere', partitions: [0] }],
      });
      break;
    }
    expect(broker.requests({ api: 'AddPartitionsToTxn' })[0]?.errors).to.deep.equal(['UNKNOWN_TOPIC_OR_PARTITION']);
  });

  it('remembers as many as it is told', async () => {
    const [broker, client] = await start({ history: { limit: 3 } });
    for (let version = 4; version <= 9; version++) await client.ask(Metadata, version, { topics: [] });
    expect(broker.requests().map(({ version }) => version)).to.deep.equal([7, 8, 9]);
    let refused: unknown;
    await startBroker({ memory: true, history: { limit: 0 } }).catch((error: unknown) => (refused = error));
    expect(refused).to.be.instanceOf(TypeError);
  });

  it('knows what a fetch session asks for, and fails its partitions', async () => {
    const [broker, client] = await start({ history: true });
    const metadata = await client.ask(Metadata, 12, { topics: [{ name: 'orders' }] });
    const topicId = metadata.topics[0]?.topicId ?? '';
    const whole = { maxWaitMs: 0, minBytes: 0, sessionId: 0, sessionEpoch: 0 };
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }];
    const { sessionId } = await client.ask(Fetch, 17, { ...whole, topics: [{ topicId, partitions }] });
    broker.failNext({ api: 'Fetch', topic: 'orders', partition: 0 }, 'NOT_LEADER_OR_FOLLOWER');
    const next = { ...whole, sessionId, topics: [] };
    const answer = await client.ask(Fetch, 17, { ...next, sessionEpoch: 1 });
    expect(answer.errorCode).to.equal(Errors.NONE);
    expect(answer.responses[0]?.partitions[0]).to.include({ errorCode: 6, partitionIndex: 0 });
    expect((await client.ask(Fetch, 17, { ...next, sessionEpoch: 2 })).errorCode).to.equal(Errors.NONE);
    expect(broker.requests({ api: 'Fetch' }).map(({ topics }) => topics)).to.deep.equal([
      ['orders'],
      ['orders'],
      ['orders'],
    ]);
  });
});

function assertionFailed(): never {
  throw new Error('seen too often');
}
