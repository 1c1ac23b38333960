// The metrics of clients (KIP-714; Kafka: ClientMetricsManager): who is asked for which, who may push when, and what a push must
// be like. Clients are remembered in the order in which they were heard of, as many as CLIENTS_AT_MOST, and forgotten when
// their connection closes or they have been silent for long. Nothing here runs on a timer: who has expired is found when
// somebody else comes.
import type {
  ClientTelemetry,
  ConnectionState,
  TelemetryClient,
  TelemetrySubscription,
} from '../../api-handlers/index.ts';
import type { ConfigsImage } from '../../kraft/metadata/index.ts';
import { Codecs } from '../../protocol/compression/index.ts';
import {
  type ErrorCode,
  Errors,
  KafkaError,
  METADATA_TOPIC_ID,
  uuidFromBytes,
  ZERO_UUID,
} from '../../protocol/index.ts';
import type { PushTelemetryRequest } from '../../protocol/messages/72-push-telemetry.ts';
import type { Clock, Random, RegexEngine } from '../../runtime/index.ts';
import { ClientInstance } from './client-instance.ts';
import { ClientSubscriptions } from './client-subscriptions.ts';
import type { PushedMetrics } from './pushed-metrics.ts';
import { unpackMetrics } from './unpack-metrics.ts';

/** As in Kafka, which remembers so many, too. */
const CLIENTS_AT_MOST = 16_384;
/** The preferred first. */
const ACCEPTED_CODECS = [Codecs.ZSTD, Codecs.LZ4, Codecs.GZIP, Codecs.SNAPPY];
const INSTANCE_ID_BYTES = 16;

export interface ClientMetricsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly engine: RegexEngine;
  readonly configs: () => ConfigsImage;
  /** telemetry.max.bytes */
  readonly maxBytes: number;
  /** Takes what is pushed; undefined: nobody does. */
  readonly receive: ((pushed: PushedMetrics) => void) | undefined;
}

export class ClientMetrics implements ClientTelemetry {
  readonly #parts: ClientMetricsParts;
  /** By id, least lately heard of first. */
  readonly #clients = new Map<string, ClientInstance>();
  /** The client that each connection has spoken for. */
  readonly #idOf = new Map<ConnectionState, string>();
  #configs: ConfigsImage;
  #subscriptions: ClientSubscriptions;

  constructor(parts: ClientMetricsParts) {
    this.#parts = parts;
    this.#configs = parts.configs();
    this.#subscriptions = new ClientSubscriptions(this.#configs, parts.engine);
  }

  /** Clients that are remembered. */
  get clientCount(): number {
    return this.#clients.size;
  }

  subscribe(clientInstanceId: string, client: TelemetryClient): TelemetrySubscription {
    const id = clientInstanceId === ZERO_UUID ? this.#newId() : clientInstanceId;
    const nowMs = this.#parts.clock.monotonicMs();
    const instance = this.#instance(id, client, nowMs);
    if (!instance.mayAsk(nowMs)) throw tooEarly(id);
    instance.lastError = Errors.NONE;
    return {
      clientInstanceId: id,
      subscriptionId: instance.subscriptionId,
      pushIntervalMs: instance.wanted.pushIntervalMs,
      telemetryMaxBytes: this.#parts.maxBytes,
      acceptedCompressionTypes: ACCEPTED_CODECS,
      requestedMetrics: instance.wanted.metrics,
    };
  }

  async push(push: PushTelemetryRequest, client: TelemetryClient): Promise<void> {
    const id = push.clientInstanceId;
    if (id === ZERO_UUID || id === METADATA_TOPIC_ID) {
      const what = `Invalid request from the client [${id}], invalid client instance id`;
      throw new KafkaError(Errors.INVALID_REQUEST, what);
    }
    const nowMs = this.#parts.clock.monotonicMs();
    const instance = this.#instance(id, client, nowMs);
    try {
      checkPush(push, instance, this.#parts.maxBytes, nowMs);
      instance.isTerminating = push.terminating;
      await this.#receive(push, instance);
      instance.lastError = Errors.NONE;
    } catch (error) {
      instance.isTerminating = push.terminating;
      if (error instanceof KafkaError) instance.lastError = error.code;
      throw error;
    }
  }

  async #receive(
    { metrics, compressionType, terminating }: PushTelemetryRequest,
    instance: ClientInstance,
  ): Promise<void> {
    const { receive, maxBytes, clock } = this.#parts;
    if (receive === undefined || metrics.length === 0) return;
    const unpacked = await unpackMetrics(compressionType, metrics, maxBytes);
    const { clientId, softwareName, softwareVersion, address } = instance.client;
    receive({
      clientInstanceId: instance.id,
      clientId: clientId ?? '',
      softwareName: softwareName ?? '',
      softwareVersion: softwareVersion ?? '',
      address,
      receivedAtMs: clock.nowMs(),
      isLast: terminating,
      metrics: unpacked,
    });
  }

  #newId(): string {
    for (;;) {
      const bytes = Buffer.from(this.#parts.random.bytes(INSTANCE_ID_BYTES));
      // The version and the variant of a random uuid.
      bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
      const id = uuidFromBytes(bytes);
      if (!this.#clients.has(id)) return id;
    }
  }

  #instance(id: string, client: TelemetryClient, nowMs: number): ClientInstance {
    this.#forgetExpired(nowMs);
    const subscriptions = this.#currentSubscriptions();
    let instance = this.#clients.get(id);
    if (instance === undefined || instance.subscriptions !== subscriptions) {
      // One whose subscriptions have changed begins anew: it is told of them at once.
      instance = new ClientInstance(id, instance?.client ?? client, subscriptions);
      this.#speaksFor(client.connection, id);
    }
    instance.touch(nowMs);
    this.#clients.delete(id);
    this.#clients.set(id, instance);
    return instance;
  }

  #currentSubscriptions(): ClientSubscriptions {
    const configs = this.#parts.configs();
    if (configs !== this.#configs) {
      this.#configs = configs;
      if (!this.#subscriptions.areOf(configs))
        this.#subscriptions = new ClientSubscriptions(configs, this.#parts.engine);
    }
    return this.#subscriptions;
  }

  /** A connection speaks for one client; the one before is forgotten, so that nobody makes clients by the thousand. */
  #speaksFor(connection: ConnectionState, id: string): void {
    const before = this.#idOf.get(connection);
    this.#idOf.set(connection, id);
    if (before === undefined) connection.whenClosed({ connectionClosed: () => this.#closed(connection) });
    else if (before !== id) this.#clients.delete(before);
  }
  #closed(connection: ConnectionState): void {
    const id = this.#idOf.get(connection);
    this.#idOf.delete(connection);
    if (id !== undefined) this.#clients.delete(id);
  }

  #forgetExpired(nowMs: number): void {
    for (const [id, instance] of this.#clients) {
      if (this.#clients.size < CLIENTS_AT_MOST && !instance.isExpired(nowMs)) return;
      this.#clients.delete(id);
    }
  }
}

const tooEarly = (id: string): KafkaError =>
  new KafkaError(
    Errors.THROTTLING_QUOTA_EXCEEDED,
    `Request from the client [${id}] arrived before the next push interval time`,
  );

/** In Kafka's order. Throws KafkaError. */
function checkPush(push: PushTelemetryRequest, instance: ClientInstance, maxBytes: number, nowMs: number): void {
  const { clientInstanceId: id, metrics, compressionType } = push;
  const refuse = (code: ErrorCode, what: string): never => {
    throw new KafkaError(code, what);
  };
  if (instance.isTerminating) {
    const what = `Client [${id}] sent the previous request with state terminating to TRUE, can not accept any requests after that`;
    refuse(Errors.INVALID_REQUEST, what);
  }
  if (!instance.mayPush(nowMs) && !push.terminating) throw tooEarly(id);
  if (push.subscriptionId !== instance.subscriptionId)
    refuse(Errors.UNKNOWN_SUBSCRIPTION_ID, `Unknown client subscription id for the client [${id}]`);
  if (compressionType < Codecs.NONE || compressionType > Codecs.ZSTD) {
    const what = `Unknown compression type [${compressionType}] is received in telemetry request from [${id}]`;
    refuse(Errors.UNSUPPORTED_COMPRESSION_TYPE, what);
  }
  if (metrics.length > maxBytes) {
    const what = `Telemetry request from [${id}] is larger than the maximum allowed size [${maxBytes}]`;
    refuse(Errors.TELEMETRY_TOO_LARGE, what);
  }
}
