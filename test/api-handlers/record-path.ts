// The record path of a broker without its network: handlers, replica manager and logs on a disk in memory, under a clock that
// the test moves. Requests and responses go through their codecs, so that a wrong shape fails here.
import { ConnectionSession } from '../../src/broker/network/session.ts';
import {
  CLOSE,
  ConnectionState,
  type Handler,
  NO_RESPONSE,
  type Outcome,
  type RequestContext,
} from '../../src/api-handlers/handler.ts';
import type { BrokerIdentity } from '../../src/api-handlers/broker-endpoints.ts';
import { deltaFromNothing, MetadataDelta, MetadataImage, type MetadataRecord } from '../../src/kraft/metadata/index.ts';
import { LogManager, logConfig, topicLogConfig } from '../../src/log/index.ts';
import {
  codecOf,
  type Fields,
  type InputOf,
  Reader,
  type ValueOf,
  Writer,
  ZERO_UUID,
} from '../../src/protocol/index.ts';
import { buildBatch, type BatchOptions, type RecordInput } from '../../src/protocol/records/index.ts';
import { ReplicaManager, replicationConfig } from '../../src/replication/index.ts';
import { Metrics, parseConfigs, silentLogger } from '../../src/runtime/index.ts';
import { MemoryDisk } from '../../src/runtime/memory/index.ts';
import { nextTurn } from '../../src/runtime/node/index.ts';
import { SeededRandom, SimClock } from '../../src/runtime/sim/index.ts';

export const NODE_ID = 1;
export const LOG_DIR = '/data';

export interface TopicOptions {
  readonly partitions?: number;
  readonly replicas?: number[];
  readonly isr?: number[];
  readonly leader?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

export class RecordPath {
  readonly clock: SimClock;
  readonly replicas: ReplicaManager;
  readonly logManager: LogManager;
  readonly disk: MemoryDisk;
  readonly connection = new ConnectionState(1);
  image: MetadataImage;
  #topicCount = 0;

  private constructor(
    clock: SimClock,
    disk: MemoryDisk,
    logManager: LogManager,
    replicas: ReplicaManager,
    image: MetadataImage,
  ) {
    this.clock = clock;
    this.disk = disk;
    this.logManager = logManager;
    this.replicas = replicas;
    this.image = image;
  }

  /**
   * `from`: the broker that ran before on the same disk and clock; the metadata is its own, but for `deleted` topics. Several
   * log directories: `log.dirs`.
   */
  static async open(
    configs: Readonly<Record<string, string>> = {},
    from?: RecordPath,
    deleted: readonly string[] = [],
  ): Promise<RecordPath> {
    const clock = from?.clock ?? new SimClock({ nextTurn, startMs: 1_700_000_000_000 });
    const random = new SeededRandom(1);
    const disk = from?.disk ?? new MemoryDisk({ nowMs: () => clock.nowMs() });
    if (from === undefined) disk.makeDirectorySync(LOG_DIR);
    const runtime = { clock, random, disk, logger: silentLogger, metrics: new Metrics() };
    const entries = new Map(Object.entries(configs));
    const config = parseConfigs(logConfig, entries);
    const overrides = (topic: string, image: MetadataImage) => topicLogConfig(config, image.configs.get(2, topic));
    const logManager = await clock.run(
      LogManager.open({
        runtime,
        logDirs: configs['log.dirs']?.split(',') ?? [LOG_DIR],
        config,
        durability: 'memory',
        topicConfig: () => topicLogConfig(config),
      }),
    );
    const replicas = new ReplicaManager({
      runtime,
      nodeId: NODE_ID,
      config: parseConfigs(replicationConfig, entries),
      logManager,
      topicLogConfig: overrides,
    });
    const image = from?.image ?? MetadataImage.empty;
    const path = new RecordPath(clock, disk, logManager, replicas, image);
    path.#replay([{ type: 'FeatureLevelRecord', version: 0, name: 'metadata.version', featureLevel: 30 }]);
    for (const topicId of deleted) path.deleteTopic(topicId);
    void replicas.start();
    return path;
  }

  get identity(): BrokerIdentity {
    return {
      brokerId: NODE_ID,
      clusterId: 'cluster',
      advertisedFor: () => ({ host: '127.0.0.1', port: 9092 }),
      image: () => this.image,
    };
  }

  #replay(records: readonly MetadataRecord[]): void {
    const isFirst = this.image.offset === -1;
    const delta = isFirst ? deltaFromNothing(this.image) : new MetadataDelta(this.image);
    for (const record of records) delta.replay(record);
    const offset = this.image.offset + records.length;
    this.image = delta.apply({ offset, epoch: 1, appendTimeMs: 0, isBatchAligned: true });
    void this.replicas.publish(delta, this.image);
  }

  /** The id of the new topic. */
  createTopic(name: string, options: TopicOptions = {}): string {
    const topicId = Buffer.from(`topic-number-${String(this.#topicCount++).padStart(3, '0')}`).toString('base64url');
    const { partitions = 1, replicas = [NODE_ID], isr = replicas, leader = isr[0] ?? -1, configs = {} } = options;
    const records: MetadataRecord[] = [{ type: 'TopicRecord', version: 0, name, topicId }];
    for (const [key, value] of Object.entries(configs)) {
      records.push({ type: 'ConfigRecord', version: 0, resourceType: 2, resourceName: name, name: key, value });
    }
    for (let partitionId = 0; partitionId < partitions; partitionId++) {
      records.push({
        type: 'PartitionRecord',
        version: 2,
        partitionId,
        topicId,
        replicas,
        isr,
        removingReplicas: [],
        addingReplicas: [],
        leader,
        leaderRecoveryState: 0,
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: replicas.map(() => ZERO_UUID),
        eligibleLeaderReplicas: null,
        lastKnownElr: null,
      });
    }
    this.#replay(records);
    return topicId;
  }

  setConfig(topic: string, name: string, value: string | null): void {
    this.#replay([{ type: 'ConfigRecord', version: 0, resourceType: 2, resourceName: topic, name, value }]);
  }

  deleteTopic(topicId: string): void {
    this.#replay([{ type: 'RemoveTopicRecord', version: 0, topicId }]);
  }

  /** A new leader epoch, of the same leader unless another is given. */
  elect(topicId: string, leader = NODE_ID): void {
    this.#replay([
      {
        type: 'PartitionChangeRecord',
        version: 2,
        partitionId: 0,
        topicId,
        isr: null,
        leader,
        replicas: null,
        removingReplicas: null,
        addingReplicas: null,
        leaderRecoveryState: -1,
        directories: null,
        eligibleLeaderReplicas: null,
        lastKnownElr: null,
      },
    ]);
  }

  addBroker(brokerId: number, rack: string | null = null): void {
    this.#replay([
      {
        type: 'RegisterBrokerRecord',
        version: 4,
        brokerId,
        isMigratingZkBroker: false,
        incarnationId: ZERO_UUID,
        brokerEpoch: 1,
        endPoints: [{ name: 'PLAINTEXT', host: `host${brokerId}`, port: 9092, securityProtocol: 0 }],
        features: [],
        rack,
        fenced: false,
        inControlledShutdown: false,
        logDirs: [],
        cordonedLogDirs: null,
      },
    ]);
  }

  /** Hands a request to a handler as the dispatcher would, and lets time pass until it has answered. */
  async ask<Q extends Fields, S extends Fields>(
    handler: Handler<Q, S>,
    version: number,
    request: InputOf<Q>,
    clientId: string | null = 'test',
  ): Promise<ValueOf<S>> {
    const outcome = await this.outcome(handler, version, request, clientId);
    if (outcome === NO_RESPONSE || outcome === CLOSE) throw new Error('there is no response');
    return decoded(handler, version, outcome as InputOf<S>);
  }

  /** The same, where there may be no response. */
  async outcome<Q extends Fields, S extends Fields>(
    handler: Handler<Q, S>,
    version: number,
    request: InputOf<Q>,
    clientId: string | null = 'test',
  ): Promise<Outcome<InputOf<S>>> {
    return this.clock.run(Promise.resolve(this.start(handler, version, request, clientId)));
  }

  /** The handler's own outcome, which may be a promise. */
  start<Q extends Fields, S extends Fields>(
    handler: Handler<Q, S>,
    version: number,
    request: InputOf<Q>,
    clientId: string | null = 'test',
  ): ReturnType<Handler<Q, S>['handle']> {
    const requestCodec = codecOf(handler.api.request, version);
    const writer = new Writer();
    requestCodec.encode(writer, request);
    const frame = Buffer.concat(writer.finish());
    return handler.handle(requestCodec.decode(new Reader(frame)), this.context(handler.api.key, version, clientId));
  }

  context(apiKey: number, apiVersion: number, clientId: string | null = 'test'): RequestContext {
    return {
      apiKey,
      apiVersion,
      correlationId: 1,
      clientId,
      session: new ConnectionSession({
        listenerName: 'PLAINTEXT',
        securityProtocol: 'PLAINTEXT',
        socket: { remoteAddress: '127.0.0.1', remotePort: 40000, localAddress: '127.0.0.1', localPort: 9092 },
      }),
      receivedAtMs: this.clock.nowMs(),
      connection: this.connection,
    };
  }
}

/** A response after a walk over the wire. */
export function decoded<Q extends Fields, S extends Fields>(
  handler: Handler<Q, S>,
  version: number,
  response: InputOf<S>,
): ValueOf<S> {
  const codec = codecOf(handler.api.response, version);
  const writer = new Writer();
  codec.encode(writer, response);
  return codec.decode(new Reader(Buffer.concat(writer.finish())));
}

/** A batch of records with these values. */
export function batchOf(
  values: readonly string[],
  options: BatchOptions & { timestamp?: number; key?: string } = {},
): Buffer {
  const records: RecordInput[] = values.map((value) => ({
    key: options.key === undefined ? null : Buffer.from(options.key),
    value: Buffer.from(value),
    timestamp: options.timestamp ?? 1_699_999_999_000,
  }));
  return buildBatch(records, options);
}
