// This node's part in the metadata quorum: the log, Raft with one voter, the loader that turns committed records into
// images, and the controller. A single node is a cluster of one; there is no other way to change what the cluster is.
import type { ControllerChannel } from '../../api-handlers/index.ts';
import { Controller, type ConfigPolicy, type kraftConfig } from '../../kraft/controller/index.ts';
import { type FormattedNode, METADATA_DIRECTORY_NAME } from '../../kraft/format/index.ts';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataImage,
  MetadataLoader,
  type MetadataRecord,
  randomUuid,
  SnapshotGenerator,
  snapshotRecords,
  SUPPORTED_FEATURES,
} from '../../kraft/metadata/index.ts';
import { BrokerRegistration } from '../../protocol/messages/62-broker-registration.ts';
import { BrokerHeartbeat } from '../../protocol/messages/63-broker-heartbeat.ts';
import { ControllerRegistration } from '../../protocol/messages/70-controller-registration.ts';
import { RaftDriver } from '../../kraft/raft/index.ts';
import type { LogConfig } from '../../log/index.ts';
import type { ConfigOf, Runtime } from '../../runtime/index.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import { LocalControllerChannel } from './controller-channel.ts';
import { openMetadataLog } from './metadata-log.ts';

/** SecurityProtocol.PLAINTEXT */
const PLAINTEXT = 0;

export interface MetadataNodeOptions {
  readonly runtime: Runtime;
  readonly nodeId: number;
  readonly node: FormattedNode;
  readonly config: ConfigOf<typeof kraftConfig>;
  readonly logConfig: LogConfig;
  readonly isInMemory: boolean;
  readonly controllerListeners: readonly Endpoint[];
  /** Made when the committed metadata is known. */
  readonly policy: (image: () => MetadataImage) => ConfigPolicy;
  /** Called once when the metadata log can no longer be written or read. */
  readonly failed: (error: Error) => void;
}

export class MetadataNode {
  readonly loader: MetadataLoader;
  readonly raft: RaftDriver<MetadataRecord>;
  /** The controller is asked by this alone. */
  readonly controller: ControllerChannel;
  readonly #options: MetadataNodeOptions;
  readonly #ownController: Controller;
  readonly #snapshots: SnapshotGenerator;
  #brokerEpoch = -1;

  private constructor(options: MetadataNodeOptions, raft: RaftDriver<MetadataRecord>) {
    const { runtime, nodeId, node, config } = options;
    const { clock, logger, random } = runtime;
    this.#options = options;
    this.raft = raft;
    this.loader = new MetadataLoader(logger.child('metadata'));
    this.#ownController = new Controller({
      nodeId,
      clusterId: node.clusterId,
      log: raft,
      committed: this.loader,
      bootstrapRecords: node.bootstrapRecords,
      policy: options.policy(() => this.loader.image),
      defaults: { partitions: config.numPartitions, replicationFactor: config.defaultReplicationFactor },
      isTopicDeletionEnabled: config.deleteTopicEnable,
      brokerSessionTimeoutMs: config.brokerSessionTimeoutMs,
      clock,
      random,
      logger: logger.child('controller'),
    });
    this.controller = new LocalControllerChannel(this.#ownController);
    this.#snapshots = new SnapshotGenerator({
      clock,
      logger: logger.child('metadata'),
      maxBytesBetweenSnapshots: config.maxBytesBetweenSnapshots,
      maxIntervalMs: config.maxSnapshotIntervalMs,
      emit: (image) => raft.writeSnapshot(image.provenance, snapshotRecords(image)),
    });
  }

  /** Opens the metadata log, becomes its leader and loads what is in it. Rejects with DiskError, QuorumError … */
  static async open(options: MetadataNodeOptions): Promise<MetadataNode> {
    const { runtime, node, nodeId, config } = options;
    const { clock, disk, logger } = runtime;
    const directory = `${node.metadataLogDir.path}/${METADATA_DIRECTORY_NAME}`;
    const log = await openMetadataLog({
      runtime,
      directory,
      config: options.logConfig,
      segmentBytes: config.metadataLogSegmentBytes,
      segmentMs: config.metadataLogSegmentMs,
      isInMemory: options.isInMemory,
    });
    const raft = await RaftDriver.open<MetadataRecord>({
      nodeId,
      directory,
      directoryId: node.metadataLogDir.directoryId,
      endpoints: options.controllerListeners,
      staticVoters: staticVotersOf(options),
      log,
      disk,
      clock,
      logger: logger.child('raft'),
      serde: { encode: encodeMetadataRecord, decode: decodeMetadataRecord },
      retentionBytes: config.metadataMaxRetentionBytes,
      retentionMs: config.metadataMaxRetentionMs,
      onFault: options.failed,
    });
    const opened = new MetadataNode(options, raft);
    await raft.start([opened.loader, opened.#ownController]);
    return opened;
  }

  get clusterId(): string {
    return this.#options.node.clusterId;
  }
  get image(): MetadataImage {
    return this.loader.image;
  }
  get brokerEpoch(): number {
    return this.#brokerEpoch;
  }
  get snapshots(): SnapshotGenerator {
    return this.#snapshots;
  }

  /** Registers controller and broker of this node and unfences the broker: from then on it leads its partitions. */
  async register(broker: {
    listeners: readonly Endpoint[];
    rack: string | null;
    previousBrokerEpoch: number;
    /** Ids of the log directories that can be used. */
    logDirs: readonly string[];
  }): Promise<void> {
    const { runtime, nodeId, node, controllerListeners } = this.#options;
    const incarnationId = randomUuid(runtime.random);
    const features = [...SUPPORTED_FEATURES];
    await this.controller.send(ControllerRegistration, {
      controllerId: nodeId,
      incarnationId,
      zkMigrationReady: false,
      listeners: controllerListeners.map(asListener),
      features,
    });
    const { brokerEpoch = -1 } = await this.controller.send(BrokerRegistration, {
      brokerId: nodeId,
      clusterId: node.clusterId,
      incarnationId,
      listeners: broker.listeners.map(asListener),
      features,
      rack: broker.rack,
      isMigratingZkBroker: false,
      logDirs: [...broker.logDirs],
      previousBrokerEpoch: broker.previousBrokerEpoch,
    });
    this.#brokerEpoch = brokerEpoch;
    await this.#heartbeat([]);
  }

  /** The controller learns which log directories have failed (KIP-858), by their ids; all since the start. */
  async directoriesFailed(offlineLogDirs: readonly string[]): Promise<void> {
    if (this.#brokerEpoch >= 0) await this.#heartbeat(offlineLogDirs);
  }

  async #heartbeat(offlineLogDirs: readonly string[]): Promise<void> {
    await this.controller.send(BrokerHeartbeat, {
      brokerId: this.#options.nodeId,
      brokerEpoch: this.#brokerEpoch,
      currentMetadataOffset: this.loader.lastAppliedOffset,
      wantFence: false,
      wantShutDown: false,
      offlineLogDirs: [...offlineLogDirs],
      cordonedLogDirs: [],
    });
  }

  async close(): Promise<void> {
    this.#ownController.close();
    await this.#snapshots.close();
    await this.raft.close();
    await this.loader.close();
  }
}

function asListener({ name, host, port }: Endpoint): {
  name: string;
  host: string;
  port: number;
  securityProtocol: number;
} {
  return { name, host, port, securityProtocol: PLAINTEXT };
}

/** `id@host:port` of controller.quorum.voters, for directories that were formatted with static voters (kraft.version 0). */
function staticVotersOf({ config, controllerListeners }: MetadataNodeOptions) {
  const name = controllerListeners[0]?.name ?? 'CONTROLLER';
  return config.quorumVoters.flatMap((text) => {
    const match = /^(\d+)@(.+):(\d+)$/.exec(text.trim());
    if (match === null) return [];
    const endpoint = { name, host: match[2] as string, port: Number(match[3]) };
    return [
      {
        id: Number(match[1]),
        directoryId: 'AAAAAAAAAAAAAAAAAAAAAA',
        endpoints: [endpoint],
        minKraftVersion: 0,
        maxKraftVersion: 1,
      },
    ];
  });
}
