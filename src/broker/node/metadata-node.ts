// This node's part in the metadata quorum: the log, Raft, the loader that turns committed records into images, the controller
// where the node has that role, and the way to the active one, wherever it is. A single node is a cluster of one; there is no
// other way to change what the cluster is.
import type { Address, ControllerChannel } from '../../api-handlers/index.ts';
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
import { type Leadership, QuorumError, type QuorumOptions, RaftDriver } from '../../kraft/raft/index.ts';
import type { LogConfig } from '../../log/index.ts';
import {
  Channel,
  type ChannelLimits,
  type ChannelSecurity,
  METADATA_DIRECTORY_NAME,
  ZERO_UUID,
} from '../../protocol/index.ts';
import type { ConfigOf, Runtime } from '../../runtime/index.ts';
import type { Roles } from '../configs/roles.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import { SOFTWARE } from '../network/software.ts';
import { ActiveControllerChannel, type RemoteController } from './active-controller-channel.ts';
import { LocalControllerChannel } from './controller-channel.ts';
import { BrokerWatch } from './lifecycle/broker-watch.ts';
import { openMetadataLog } from './metadata-log.ts';
import { replicaOperations } from './replica-operations.ts';
import { ShowingController } from './showing-controller.ts';

export interface MetadataNodeOptions {
  readonly runtime: Runtime;
  readonly nodeId: number;
  readonly roles: Roles;
  readonly node: FormattedNode;
  readonly config: ConfigOf<typeof kraftConfig>;
  /** undefined: no other node is to have a part in the quorum. */
  readonly quorum: QuorumOptions | undefined;
  readonly logConfig: LogConfig;
  readonly isInMemory: boolean;
  /** The last broker on the directory of the metadata log stopped in an orderly way. */
  readonly wasClosed: boolean;
  readonly controllerListeners: readonly Endpoint[];
  readonly tokens: TokenRules;
  /** Of connections to controllers. */
  readonly controllerSecurity: ChannelSecurity | undefined;
  /** Made when the committed metadata is known. */
  readonly policy: (image: () => MetadataImage) => ConfigPolicy;
  /** Of connections to the active controller. */
  readonly channelLimits: Partial<ChannelLimits>;
  /** Called once when the metadata log can no longer be written or read. */
  readonly failed: (error: Error) => void;
}

/** ForwardingManager gives up after so long; brokers look for the controller as long. */
const REQUEST_DEADLINE_MS = 60_000;

export class MetadataNode {
  readonly loader: MetadataLoader;
  readonly raft: RaftDriver<MetadataRecord>;
  /** The active controller, wherever it is: requests of this node and of its clients. */
  readonly controller: ShowingController;
  /** The active controller for what must not wait behind other requests: registrations and heartbeats. */
  readonly lifecycleChannel: ControllerChannel;
  /** The controller in this process, which refuses when it is not the active one; undefined without that role. */
  readonly ownController: ControllerChannel | undefined;
  /** Made anew with every start. */
  readonly incarnationId: string;
  readonly #options: MetadataNodeOptions;
  readonly #ownController: Controller | undefined;
  readonly #snapshots: SnapshotGenerator;
  readonly #watch: BrokerWatch;
  readonly #channels: readonly ActiveControllerChannel[];
  readonly #leaderListeners: ((leaderId: number | undefined) => void)[] = [];

  private constructor(options: MetadataNodeOptions, raft: RaftDriver<MetadataRecord>) {
    const { runtime, config, roles } = options;
    const { clock, logger, random } = runtime;
    this.#options = options;
    this.raft = raft;
    this.incarnationId = randomUuid(random);
    this.loader = new MetadataLoader(logger.child('metadata'));
    this.#watch = this.#makeWatch();
    this.#ownController = roles.isController ? this.#makeController() : undefined;
    this.ownController =
      this.#ownController && new LocalControllerChannel(this.#ownController, replicaOperations(raft));
    const requests = this.#channelTo('', REQUEST_DEADLINE_MS);
    const forwarding = this.#channelTo('-forwarding', REQUEST_DEADLINE_MS);
    const lifecycle = this.#channelTo('-heartbeat', config.brokerSessionTimeoutMs);
    this.#channels = [requests, forwarding, lifecycle];
    this.lifecycleChannel = lifecycle;
    this.controller = new ShowingController({ requests, forwarding, clock });
    this.#snapshots = new SnapshotGenerator({
      clock,
      logger: logger.child('metadata'),
      maxBytesBetweenSnapshots: config.maxBytesBetweenSnapshots,
      maxIntervalMs: config.maxSnapshotIntervalMs,
      emit: (image) => raft.writeSnapshot(image.provenance, snapshotRecords(image)),
    });
  }

  /**
   * Opens the metadata log. Rejects with UnsupportedLevelError when it is of a level that we do not know, with DiskError,
   * QuorumError …
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
      ...(options.quorum !== undefined && { quorum: options.quorum }),
      retentionBytes: config.metadataMaxRetentionBytes,
      retentionMs: config.metadataMaxRetentionMs,
      onFault: options.failed,
    });
    const opened = new MetadataNode(options, raft);
    opened.#checkLevels(new Map([[KRAFT_VERSION, raft.kraftVersion]]));
    if (raft.logEndOffset === 0) opened.#checkLevels(levelsOf(node.bootstrapRecords));
    return opened;
  }

  /** Takes part in the quorum, which others may wait for. Rejects as `open` does. */
  async start(): Promise<void> {
    const { node } = this.#options;
    const controllers = this.#ownController === undefined ? [] : [this.#ownController];
    const handleLeaderChange = ({ leaderId }: Leadership): void => {
      for (const channel of this.#channels) channel.leaderChanged();
      this.#watch.activeChanged(leaderId === this.#options.nodeId && !this.isAlone);
      for (const listener of this.#leaderListeners) listener(leaderId);
    };
    try {
      await this.raft.start([this.loader, ...controllers, { handleLeaderChange }]);
    } catch (error) {
      throw error instanceof Error && error.cause instanceof UnknownRecordError
        ? newerRecordsFault(node.metadataLogDir.path, error.cause.message)
        : error;
    }
  }

  /** The metadata of the cluster is known, up to where it was committed when this was asked. Rejects as `open` does. */
  async caughtUp(): Promise<void> {
    await this.raft.caughtUp();
    this.#checkLevels(this.image.features.levels);
  }

  /** Has `listener` told of who leads, from the next change on. */
  onLeaderChange(listener: (leaderId: number | undefined) => void): void {
    this.#leaderListeners.push(listener);
  }

  /** Brokers that go are not looked for any more: all of them go. */
  stopWatching(): void {
    this.#watch.close();
  }

  /** Before `close`, while connections are drained. */
  endWaits(): void {
    this.controller.endWaits();
    this.raft.endWaits();
  }

  /** Nobody else votes. */
  get isOnlyVoter(): boolean {
    const { nodeId, node } = this.#options;
    return this.raft.voters.isOnlyVoter(nodeId, node.metadataLogDir.directoryId);
  }
  /** The cluster is this node, as far as is known. */
  get isAlone(): boolean {
    return this.#ownController !== undefined && this.isOnlyVoter && this.image.cluster.brokers.size <= 1;
  }
  get clusterId(): string {
    return this.#options.node.clusterId;
  }
  get image(): MetadataImage {
    return this.loader.image;
  }
  /** broker.session.timeout.ms */
  get sessionTimeoutMs(): number {
    return this.#options.config.brokerSessionTimeoutMs;
  }
  get snapshots(): SnapshotGenerator {
    return this.#snapshots;
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) channel.close();
    this.#watch.close();
    this.#ownController?.close();
    await this.#snapshots.close();
    await this.raft.close();
    await this.loader.close();
  }

  #checkLevels(levels: ReadonlyMap<string, number>): void {
    checkLevels(this.#options.node.metadataLogDir.path, levels);
  }

  #makeController(): Controller {
    const { runtime, nodeId, node, config, policy } = this.#options;
    const { clock, logger, random } = runtime;
    return new Controller({
      nodeId,
      clusterId: node.clusterId,
      log: this.raft,
      committed: this.loader,
      bootstrapRecords: node.bootstrapRecords,
      policy: policy(() => this.loader.image),
      defaults: { partitions: config.numPartitions, replicationFactor: config.defaultReplicationFactor },
      isTopicDeletionEnabled: config.deleteTopicEnable,
      tokens: this.#options.tokens,
      intervals: {
        brokerSessionTimeoutMs: config.brokerSessionTimeoutMs,
        maxIdleIntervalMs: config.metadataMaxIdleIntervalMs,
        leaderBalanceIntervalMs: config.autoLeaderRebalanceEnable
          ? config.leaderImbalanceCheckIntervalSeconds * 1000
          : undefined,
        uncleanElectionIntervalMs: config.uncleanLeaderElectionIntervalMs,
      },
      onBrokerCutOff: (broker) => this.#watch.suspect(broker),
      clock,
      random,
      logger: logger.child('controller'),
    });
  }

  #makeWatch(): BrokerWatch {
    const { runtime, nodeId } = this.#options;
    return new BrokerWatch({
      nodeId,
      network: runtime.network,
      clock: runtime.clock,
      logger: runtime.logger.child('lifecycle'),
      image: () => this.image,
      gone: async (brokerId, brokerEpoch) => this.#ownController?.brokerGone(brokerId, brokerEpoch),
    });
  }

  #channelTo(purpose: string, deadlineMs: number): ActiveControllerChannel {
    const { runtime, nodeId } = this.#options;
    return new ActiveControllerChannel({
      nodeId,
      local: this.ownController,
      location: () => ({ leaderId: this.raft.leadership.leaderId, endpoint: this.raft.leaderEndpoint }),
      isAlone: () => this.isOnlyVoter,
      connect: (endpoint) => this.#connect(endpoint, `broker-${nodeId}-to-controller${purpose}`, deadlineMs),
      clock: runtime.clock,
      random: runtime.random,
      deadlineMs,
    });
  }

  /** `longestMs`: for one answer; a node that stops and has nobody left to ask must not wait longer than for all of them. */
  async #connect({ host, port }: Address, clientId: string, longestMs: number): Promise<RemoteController> {
    const { runtime, controllerSecurity: security, channelLimits } = this.#options;
    const requestTimeoutMs = Math.min(longestMs, channelLimits.requestTimeoutMs ?? longestMs);
    const limits = { ...channelLimits, requestTimeoutMs };
    const { network, clock, random, logger } = runtime;
    const { RemoteControllerChannel } = await import('./remote-controller-channel.ts');
    const child = logger.child('controller');
    const own = { clientId, software: SOFTWARE, security, limits };
    const channel = new Channel({ network, clock, random, logger: child, host, port, ...own });
    return { channel, controller: new RemoteControllerChannel(channel) };
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
