// A node without a broker: formatting, metadata log, loader and controller put together as the broker does it.
import { defaultLogConfig } from '../../src/log/index.ts';
import { openMetadataLog } from '../../src/broker/node/metadata-log.ts';
import { type ConfigPolicy, Controller } from '../../src/kraft/controller/index.ts';
import { ensureFormatted, type FormattedNode } from '../../src/kraft/format/index.ts';
import { METADATA_DIRECTORY_NAME } from '../../src/protocol/index.ts';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  hasControllerRegistrations,
  MetadataLoader,
  type MetadataPublisher,
  type MetadataRecord,
  SnapshotGenerator,
  SUPPORTED_FEATURES,
  snapshotRecords,
} from '../../src/kraft/metadata/index.ts';
import { RaftDriver } from '../../src/kraft/raft/index.ts';
import {
  type Clock,
  type Disk,
  type Endpoint,
  type Logger,
  Metrics,
  type Random,
  silentLogger,
} from '../../src/runtime/index.ts';

export interface NodeOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly logDirs: readonly string[];
  readonly nodeId?: number;
  readonly policy?: ConfigPolicy;
  readonly publishers?: readonly MetadataPublisher[];
  readonly endpoints?: readonly Endpoint[];
  readonly maxBytesBetweenSnapshots?: number;
  readonly retentionBytes?: number;
  readonly segmentBytes?: number;
  readonly logger?: Logger;
  /** Levels of a fresh cluster; left out: those of the latest release. */
  readonly featureLevels?: ReadonlyMap<string, number>;
}

/** Knows no config, allows all. */
export const openPolicy: ConfigPolicy = {
  checkConfigs: () => undefined,
  isList: (_type, name) => name === 'cleanup.policy',
  defaultText: () => 'delete',
  effectiveTopicConfigs: () => [],
  brokerDefault: (name) => (name === 'min.insync.replicas' ? '1' : 'false'),
};

/** As the broker in the process of the controller asks. */
export const OWN = { apiVersion: 4, sharesFate: true };
/** As one that is elsewhere does. */
export const ELSEWHERE = { apiVersion: 4, sharesFate: false };

export class NodeUnderTest {
  readonly formatted: FormattedNode;
  readonly raft: RaftDriver<MetadataRecord>;
  readonly loader: MetadataLoader;
  readonly controller: Controller;
  readonly snapshots: SnapshotGenerator;
  readonly faults: Error[];
  brokerEpoch = -1;

  private constructor(parts: {
    formatted: FormattedNode;
    raft: RaftDriver<MetadataRecord>;
    loader: MetadataLoader;
    controller: Controller;
    snapshots: SnapshotGenerator;
    faults: Error[];
  }) {
    this.formatted = parts.formatted;
    this.raft = parts.raft;
    this.loader = parts.loader;
    this.controller = parts.controller;
    this.snapshots = parts.snapshots;
    this.faults = parts.faults;
  }

  static async open(options: NodeOptions): Promise<NodeUnderTest> {
    const { disk, clock, random, logDirs, nodeId = 1, logger = silentLogger } = options;
    const endpoints = options.endpoints ?? [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9093 }];
    const formatted = ensureFormatted({
      disk,
      random,
      nowMs: clock.nowMs(),
      nodeId,
      logDirs,
      controllerEndpoints: endpoints,
      featureLevels: options.featureLevels,
    });
    const directory = `${formatted.metadataLogDir.path}/${METADATA_DIRECTORY_NAME}`;
    const log = await openMetadataLog({
      runtime: { disk, clock, random, logger, metrics: new Metrics() },
      directory,
      config: defaultLogConfig,
      segmentBytes: options.segmentBytes ?? 1024 * 1024 * 1024,
      segmentMs: 7 * 24 * 3600 * 1000,
      isInMemory: false,
      wasClosed: false,
    });
    const faults: Error[] = [];
    const raft = await RaftDriver.open<MetadataRecord>({
      nodeId,
      directory,
      directoryId: formatted.metadataLogDir.directoryId,
      endpoints: options.endpoints ?? [],
      staticVoters: [],
      log,
      disk,
      clock,
      logger,
      serde: { encode: encodeMetadataRecord, decode: decodeMetadataRecord },
      retentionBytes: options.retentionBytes ?? 100 * 1024 * 1024,
      retentionMs: 7 * 24 * 3600 * 1000,
      onFault: (error) => faults.push(error),
    });
    const loader = new MetadataLoader(logger);
    const controller = new Controller({
      nodeId,
      clusterId: formatted.clusterId,
      log: raft,
      committed: loader,
      bootstrapRecords: formatted.bootstrapRecords,
      policy: options.policy ?? openPolicy,
      defaults: { partitions: 1, replicationFactor: 1 },
      isTopicDeletionEnabled: true,
      intervals: {
        brokerSessionTimeoutMs: 9000,
        maxIdleIntervalMs: 500,
        leaderBalanceIntervalMs: 300_000,
        uncleanElectionIntervalMs: 300_000,
      },
      clock,
      random,
      logger,
    });
    const snapshots = new SnapshotGenerator({
      clock,
      logger,
      maxBytesBetweenSnapshots: options.maxBytesBetweenSnapshots ?? 20 * 1024 * 1024,
      maxIntervalMs: 3600 * 1000,
      emit: (image) => raft.writeSnapshot(image.provenance, snapshotRecords(image)),
    });
    await raft.start([loader, controller]);
    await loader.install([snapshots, ...(options.publishers ?? [])]);
    return new NodeUnderTest({ formatted, raft, loader, controller, snapshots, faults });
  }

  /** As the broker does it: register, catch up, be unfenced. */
  async join(previousBrokerEpoch = -1): Promise<void> {
    const { controller, formatted } = this;
    if (hasControllerRegistrations(this.loader.image.features.metadataVersion)) await this.#registerController();
    const registered = await controller.registerBroker(
      {
        brokerId: formatted.nodeId,
        clusterId: formatted.clusterId,
        incarnationId: `${String(this.raft.logEndOffset).padStart(11, 'A')}QQuBBBBBBBA`,
        listeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port: 9092, securityProtocol: 0 }],
        features: [...SUPPORTED_FEATURES],
        rack: null,
        isMigratingZkBroker: false,
        logDirs: formatted.directories.map((directory) => directory.directoryId),
        previousBrokerEpoch,
      },
      OWN,
    );
    this.brokerEpoch = registered.brokerEpoch ?? -1;
    await this.heartbeat({ wantFence: false });
  }

  async #registerController(): Promise<void> {
    await this.controller.registerController({
      controllerId: this.formatted.nodeId,
      incarnationId: 'CCCCCCCCQw2CCCCCCCCCCA',
      zkMigrationReady: false,
      listeners: [{ name: 'CONTROLLER', host: '127.0.0.1', port: 9093, securityProtocol: 0 }],
      features: [...SUPPORTED_FEATURES],
    });
  }

  heartbeat({ wantFence = false, wantShutDown = false }) {
    return this.controller.brokerHeartbeat(
      {
        brokerId: this.formatted.nodeId,
        brokerEpoch: this.brokerEpoch,
        currentMetadataOffset: this.loader.lastAppliedOffset,
        wantFence,
        wantShutDown,
        offlineLogDirs: [],
        cordonedLogDirs: [],
      },
      OWN,
    );
  }

  createTopic(name: string, numPartitions = 1, configs: { name: string; value: string }[] = []) {
    return this.controller.createTopics({
      topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs }],
      timeoutMs: 1000,
      validateOnly: false,
    });
  }

  /** A controlled shutdown, as after SIGTERM. */
  async leave(): Promise<void> {
    for (let answer = await this.heartbeat({ wantShutDown: true }); !answer.shouldShutDown; ) {
      answer = await this.heartbeat({ wantShutDown: true });
    }
    await this.close();
  }

  async close(): Promise<void> {
    this.controller.close();
    await this.snapshots.close();
    await this.raft.close();
    await this.loader.close();
  }
}
