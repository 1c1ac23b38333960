// This node's part in the metadata quorum: the log, Raft with one voter, the loader that turns committed records into
// images, and the controller. A single node is a cluster of one; there is no other way to change what the cluster is.
import type { ControllerChannel } from '../../api-handlers/index.ts';
import { Controller, type ConfigPolicy, type kraftConfig, type TokenRules } from '../../kraft/controller/index.ts';
import type { FormattedNode } from '../../kraft/format/index.ts';
import {
  checkLevels,
  decodeMetadataRecord,
  encodeMetadataRecord,
  KRAFT_VERSION,
  type MetadataImage,
  MetadataLoader,
  type MetadataRecord,
  newerRecordsFault,
  randomUuid,
  SnapshotGenerator,
  snapshotRecords,
  UnknownRecordError,
} from '../../kraft/metadata/index.ts';
import { QuorumError, RaftDriver } from '../../kraft/raft/index.ts';
import type { LogConfig } from '../../log/index.ts';
import { METADATA_DIRECTORY_NAME, ZERO_UUID } from '../../protocol/index.ts';
import type { ConfigOf, Runtime } from '../../runtime/index.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import { LocalControllerChannel } from './controller-channel.ts';
import { openMetadataLog } from './metadata-log.ts';
import { NodeRegistration } from './node-registration.ts';

export interface MetadataNodeOptions {
  readonly runtime: Runtime;
  readonly nodeId: number;
  readonly node: FormattedNode;
  readonly config: ConfigOf<typeof kraftConfig>;
  readonly logConfig: LogConfig;
  readonly isInMemory: boolean;
  /** The last broker on the directory of the metadata log stopped in an orderly way. */
  readonly wasClosed: boolean;
  readonly controllerListeners: readonly Endpoint[];
  readonly tokens: TokenRules;
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
  readonly registration: NodeRegistration;
  readonly #options: MetadataNodeOptions;
  readonly #ownController: Controller;
  readonly #snapshots: SnapshotGenerator;

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
      tokens: options.tokens,
      intervals: {
        brokerSessionTimeoutMs: config.brokerSessionTimeoutMs,
        maxIdleIntervalMs: config.metadataMaxIdleIntervalMs,
        leaderBalanceIntervalMs: config.autoLeaderRebalanceEnable
          ? config.leaderImbalanceCheckIntervalSeconds * 1000
          : undefined,
        uncleanElectionIntervalMs: config.uncleanLeaderElectionIntervalMs,
      },
      clock,
      random,
      logger: logger.child('controller'),
    });
    this.controller = new LocalControllerChannel(this.#ownController);
    this.registration = new NodeRegistration({
      controller: this.controller,
      identity: {
        nodeId,
        clusterId: node.clusterId,
        incarnationId: randomUuid(random),
        controllerListeners: options.controllerListeners,
      },
      image: () => this.loader.image,
      appliedOffset: () => this.loader.lastAppliedOffset,
      logger: logger.child('metadata'),
    });
    this.#snapshots = new SnapshotGenerator({
      clock,
      logger: logger.child('metadata'),
      maxBytesBetweenSnapshots: config.maxBytesBetweenSnapshots,
      maxIntervalMs: config.maxSnapshotIntervalMs,
      emit: (image) => raft.writeSnapshot(image.provenance, snapshotRecords(image)),
    });
  }

  /**
   * Opens the metadata log, becomes its leader and loads what is in it. Rejects with UnsupportedLevelError when that is
   * of a level that we do not know, with DiskError, QuorumError …
   */
  static async open(options: MetadataNodeOptions): Promise<MetadataNode> {
    const { runtime, node, nodeId, config } = options;
    const { clock, disk, logger } = runtime;
    const directory = `${node.metadataLogDir.path}/${METADATA_DIRECTORY_NAME}`;
    const staticVoters = staticVotersOf(options);
    const log = await openMetadataLog({
      runtime,
      directory,
      config: options.logConfig,
      segmentBytes: config.metadataLogSegmentBytes,
      segmentMs: config.metadataLogSegmentMs,
      wasClosed: options.wasClosed,
      isInMemory: options.isInMemory,
    });
    const raft = await RaftDriver.open<MetadataRecord>({
      nodeId,
      directory,
      directoryId: node.metadataLogDir.directoryId,
      endpoints: options.controllerListeners,
      staticVoters,
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
    try {
      await opened.#load();
    } catch (error) {
      await opened.close();
      throw error instanceof Error && error.cause instanceof UnknownRecordError
        ? newerRecordsFault(node.metadataLogDir.path, error.cause.message)
        : error;
    }
    return opened;
  }

  /** Loads the log, on levels that this node knows. Those that formatting asked for count only while the log is empty. */
  async #load(): Promise<void> {
    const { node } = this.#options;
    const check = (levels: ReadonlyMap<string, number>): void => checkLevels(node.metadataLogDir.path, levels);
    check(new Map([[KRAFT_VERSION, this.raft.kraftVersion]]));
    if (this.raft.logEndOffset === 0) check(levelsOf(node.bootstrapRecords));
    await this.raft.start([this.loader, this.#ownController]);
    await this.raft.caughtUp();
    check(this.image.features.levels);
  }

  get clusterId(): string {
    return this.#options.node.clusterId;
  }
  get image(): MetadataImage {
    return this.loader.image;
  }
  get brokerEpoch(): number {
    return this.registration.brokerEpoch;
  }
  get snapshots(): SnapshotGenerator {
    return this.#snapshots;
  }

  async close(): Promise<void> {
    this.#ownController.close();
    await this.#snapshots.close();
    await this.raft.close();
    await this.loader.close();
  }
}

function levelsOf(records: readonly MetadataRecord[]): ReadonlyMap<string, number> {
  const levels = records.flatMap((record): [string, number][] =>
    record.type === 'FeatureLevelRecord' ? [[record.name, record.featureLevel]] : [],
  );
  return new Map(levels);
}

/**
 * `id@host:port` of controller.quorum.voters, for directories that were formatted with static voters (kraft.version 0). Throws
 * QuorumError for an entry of another form.
 */
function staticVotersOf({ config, controllerListeners }: MetadataNodeOptions) {
  const name = controllerListeners[0]?.name ?? 'CONTROLLER';
  return config.quorumVoters.map((text) => {
    const match = /^(\d+)@(.+):(\d+)$/.exec(text.trim());
    if (match === null) {
      throw new QuorumError(
        `Invalid value ${text} for configuration controller.quorum.voters: write id@host:port, comma-separated`,
      );
    }
    const endpoint = { name, host: match[2] as string, port: Number(match[3]) };
    return {
      id: Number(match[1]),
      directoryId: ZERO_UUID,
      endpoints: [endpoint],
      minKraftVersion: 0,
      maxKraftVersion: 1,
    };
  });
}
