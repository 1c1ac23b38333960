// Who is asked for which metrics, who may push when, and what a push must be like (KIP-714).
import { expect } from 'chai';
import { ConnectionState, type TelemetryClient } from '../../../src/api-handlers/index.ts';
import { ClientMetrics } from '../../../src/broker/telemetry/client-metrics.ts';
import { type PushedMetrics, RetainedMetrics } from '../../../src/broker/telemetry/pushed-metrics.ts';
import { ConfigsImage, RESOURCE_CLIENT_METRICS, RESOURCE_TOPIC } from '../../../src/kraft/metadata/index.ts';
import { Codecs, compress, loadCodec } from '../../../src/protocol/compression/index.ts';
import { Errors, KafkaError, ZERO_UUID } from '../../../src/protocol/index.ts';
import { type Clock, loadRegexEngine, type RegexEngine } from '../../../src/runtime/index.ts';
import { SeededRandom } from '../../../src/runtime/sim/index.ts';

const MAX_BYTES = 2000;
const INTERVAL_MS = 300_000;
/** MetricsData with one ResourceMetrics of `size` bytes, fewer than 2^21. */
const metricsOf = (size: number): Buffer =>
  Buffer.concat([Buffer.from([10, (size & 127) | 128, ((size >> 7) & 127) | 128, size >> 14]), Buffer.alloc(size, 7)]);

/** Nothing here waits for it. */
class HandClock implements Clock {
  #ms = 1_000_000;
  nowMs(): number {
    return this.#ms;
  }
  monotonicMs(): number {
    return this.#ms;
  }
  advance(ms: number): void {
    this.#ms += ms;
  }
  schedule(): never {
    throw new Error('client metrics have no timers');
  }
  endOfTurn(): never {
    throw new Error('client metrics have no timers');
  }
}

describe('Client metrics', () => {
  let engine: RegexEngine;
  before(async () => {
    engine = await loadRegexEngine();
    await loadCodec(Codecs.ZSTD);
  });

  class World {
    readonly clock = new HandClock();
    readonly pushed: PushedMetrics[] = [];
    configs = ConfigsImage.empty;
    readonly metrics: ClientMetrics;
    #connections = 0;

    constructor(isReceived = true) {
      this.metrics = new ClientMetrics({
        clock: this.clock,
        random: new SeededRandom(3),
        engine,
        configs: () => this.configs,
        maxBytes: MAX_BYTES,
        receive: isReceived ? (one) => void this.pushed.push(one) : undefined,
      });
    }
    set(name: string, entries: Record<string, string>): void {
      this.configs = this.configs.with(RESOURCE_CLIENT_METRICS, name, new Map(Object.entries(entries)));
    }
    client(more: Partial<TelemetryClient> = {}): TelemetryClient {
      this.#connections += 1;
      const own = { clientId: 'a-1', softwareName: 'java', softwareVersion: '4.3.1', address: '10.0.0.7', port: 4711 };
      return { ...own, connection: new ConnectionState(this.#connections), ...more };
    }
    async push(client: TelemetryClient, clientInstanceId: string, more: object = {}): Promise<number> {
      const { subscriptionId } = this.wantedOf(clientInstanceId, client);
      const own = { clientInstanceId, subscriptionId, terminating: false, compressionType: 0, metrics: metricsOf(5) };
      return codeOf(() => this.metrics.push({ ...own, ...more }, client));
    }
    /** What another broker would tell the client: ids of subscriptions depend on nothing else. */
    wantedOf(id: string, client: TelemetryClient): { subscriptionId: number; requestedMetrics: readonly string[] } {
      const other = new World();
      other.configs = this.configs;
      return other.metrics.subscribe(id, { ...client, connection: new ConnectionState(0) });
    }
  }

  async function codeOf(act: () => unknown): Promise<number> {
    try {
      await act();
      return Errors.NONE;
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return error.code;
    }
  }

  it('asks each client for the metrics of all subscriptions that it matches, at the shortest interval', () => {
    const world = new World();
    world.set('all', { metrics: 'org.apache.kafka.consumer.', 'interval.ms': '60000' });
    world.set('a', { metrics: 'org.apache.kafka.producer.,x', 'interval.ms': '5000', match: 'client_id=a.*' });
    world.set('java', { metrics: '*', match: 'client_software_name=java|go,client_software_version=5\\..*' });
    world.set('near', { metrics: 'near', match: 'client_source_address=10\\.0\\..*,client_source_port=47.1' });
    const asked = (client: Partial<TelemetryClient>) => {
      const { requestedMetrics, pushIntervalMs } = world.metrics.subscribe(ZERO_UUID, world.client(client));
      return [pushIntervalMs, ...requestedMetrics];
    };
    const [all, producer] = ['org.apache.kafka.consumer.', 'org.apache.kafka.producer.'];
    expect(asked({})).to.deep.equal([5000, 'near', all, producer, 'x']);
    expect(asked({ clientId: 'b', port: 4712 })).to.deep.equal([60_000, all]);
    expect(asked({ clientId: null, softwareVersion: '5.0', port: 1 })).to.deep.equal([60_000, '*']);
    expect(asked({ clientId: 'xa', softwareName: undefined, address: '1.1.1.1' })).to.deep.equal([60_000, all]);
  });

  it('gives ids to clients and to subscriptions, and lets a client ask once in an interval', async () => {
    const world = new World();
    const client = world.client();
    const { clientInstanceId: id, subscriptionId } = world.metrics.subscribe(ZERO_UUID, client);
    expect(id).to.have.length(22);
    expect(await codeOf(() => world.metrics.subscribe(id, client))).to.equal(Errors.THROTTLING_QUOTA_EXCEEDED);
    world.clock.advance(INTERVAL_MS);
    expect(world.metrics.subscribe(id, client).subscriptionId).to.equal(subscriptionId);
    // Other configs change nothing; a subscription that has changed is told at once.
    world.configs = world.configs.with(RESOURCE_TOPIC, 'orders', new Map([['retention.ms', '1']]));
    expect(await codeOf(() => world.metrics.subscribe(id, client))).to.equal(Errors.THROTTLING_QUOTA_EXCEEDED);
    world.set('more', { metrics: 'more' });
    const changed = world.metrics.subscribe(id, client);
    expect(changed.subscriptionId).to.not.equal(subscriptionId);
    expect(changed.requestedMetrics).to.deep.equal(['more']);
  });

  it('takes a push behind an answer, then one in an interval, and the last one at any time', async () => {
    const world = new World();
    const client = world.client();
    const { clientInstanceId: id } = world.metrics.subscribe(ZERO_UUID, client);
    world.clock.advance(1);
    expect(await world.push(client, id)).to.equal(Errors.NONE);
    expect(await world.push(client, id)).to.equal(Errors.THROTTLING_QUOTA_EXCEEDED);
    world.clock.advance(INTERVAL_MS);
    expect(await world.push(client, id)).to.equal(Errors.NONE);
    expect(await world.push(client, id, { terminating: true })).to.equal(Errors.NONE);
    expect(await world.push(client, id)).to.equal(Errors.INVALID_REQUEST);
    expect(world.pushed.map(({ isLast }) => isLast)).to.deep.equal([false, false, true]);
    expect(world.pushed[0]).to.include({ clientInstanceId: id, clientId: 'a-1', softwareName: 'java' });
    expect(Buffer.from(world.pushed[0]?.metrics ?? [])).to.deep.equal(metricsOf(5));
  });

  it('refuses with Kafka’s errors, and lets a client that has the wrong subscription ask again', async () => {
    const world = new World();
    const id = 'AAAAAAAAAAAAAAAAAAAAAg';
    const refused = async (more: object): Promise<number> =>
      world.push(world.client(), id, { terminating: true, ...more });
    expect(await refused({ clientInstanceId: ZERO_UUID })).to.equal(Errors.INVALID_REQUEST);
    expect(await refused({ clientInstanceId: 'AAAAAAAAAAAAAAAAAAAAAQ' })).to.equal(Errors.INVALID_REQUEST);
    const more = [
      [{ subscriptionId: 5 }, Errors.UNKNOWN_SUBSCRIPTION_ID],
      [{ compressionType: 5 }, Errors.UNSUPPORTED_COMPRESSION_TYPE],
      [{ metrics: Buffer.alloc(MAX_BYTES + 1) }, Errors.TELEMETRY_TOO_LARGE],
      [{ metrics: Buffer.from('no metrics') }, Errors.INVALID_RECORD],
      [{ metrics: metricsOf(9).subarray(0, 8) }, Errors.INVALID_RECORD],
      [{ compressionType: Codecs.GZIP, metrics: metricsOf(5) }, Errors.INVALID_RECORD],
    ] as const;
    for (const [push, code] of more) {
      const fresh = new World();
      expect(await fresh.push(fresh.client(), id, push), JSON.stringify(push)).to.equal(code);
      expect(fresh.pushed).to.deep.equal([]);
    }
    const client = world.client();
    const other = 'AAAAAAAAAAAAAAAAAAAAAw';
    expect(await world.push(client, other, { subscriptionId: 5 })).to.equal(Errors.UNKNOWN_SUBSCRIPTION_ID);
    expect(await codeOf(() => world.metrics.subscribe(other, client))).to.equal(Errors.NONE);
  });

  it('unpacks every codec, and no bomb', async () => {
    for (const codec of [Codecs.GZIP, Codecs.SNAPPY, Codecs.LZ4, Codecs.ZSTD]) {
      const world = new World();
      const client = world.client();
      const { clientInstanceId: id } = world.metrics.subscribe(ZERO_UUID, client);
      const push = (size: number, terminating = false) =>
        world.push(client, id, { compressionType: codec, metrics: compress(codec, metricsOf(size)), terminating });
      expect(await push(1000), `codec ${codec}`).to.equal(Errors.NONE);
      expect(world.pushed[0]?.metrics).to.have.length(1004);
      // Small as it comes, and far too large unpacked.
      const bomb = compress(codec, metricsOf(2_000_000));
      if (bomb.length > MAX_BYTES) continue;
      expect(await push(2_000_000, true), `codec ${codec}`).to.equal(Errors.TELEMETRY_TOO_LARGE);
    }
  });

  it('asks nobody to push and keeps nothing where nobody takes it', async () => {
    const world = new World(false);
    expect(await world.push(world.client(), 'AAAAAAAAAAAAAAAAAAAAAg')).to.equal(Errors.NONE);
    expect(world.pushed).to.deep.equal([]);
  });

  it('forgets clients whose connection has closed, that speak no more, or that others on their connection replace', () => {
    const world = new World();
    const [first, second] = [world.client(), world.client()];
    world.metrics.subscribe(ZERO_UUID, first);
    world.metrics.subscribe(ZERO_UUID, second);
    expect(world.metrics.clientCount).to.equal(2);
    first.connection.close();
    expect(world.metrics.clientCount).to.equal(1);
    for (let i = 0; i < 10; i++) world.metrics.subscribe(ZERO_UUID, second);
    expect(world.metrics.clientCount).to.equal(1);
    world.clock.advance(3 * INTERVAL_MS);
    world.metrics.subscribe(ZERO_UUID, world.client());
    expect(world.metrics.clientCount).to.equal(1);
  });

  it('are kept for the last push of each client, as many bytes as are granted', () => {
    const retained = new RetainedMetrics(100);
    const one = (clientInstanceId: string, size: number): PushedMetrics => ({
      clientInstanceId,
      clientId: '',
      softwareName: '',
      softwareVersion: '',
      address: '',
      receivedAtMs: 0,
      isLast: false,
      metrics: new Uint8Array(size),
    });
    const kept = () => retained.all().map(({ clientInstanceId, metrics }) => [clientInstanceId, metrics.length]);
    for (const [id, size] of [
      ['a', 40],
      ['b', 40],
      ['a', 50],
    ] as const)
      retained.add(one(id, size));
    expect(kept()).to.deep.equal([
      ['b', 40],
      ['a', 50],
    ]);
    retained.add(one('c', 30));
    expect(kept()).to.deep.equal([
      ['a', 50],
      ['c', 30],
    ]);
    retained.add(one('d', 101));
    expect(kept()).to.deep.equal([]);
  });
});
