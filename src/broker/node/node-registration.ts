// How this node is known to the cluster: as a controller, where the level of the metadata knows those, and as a broker. When the
// level rises the node says again what it could not say before (Kafka: ControllerRegistrationManager,
// BrokerRegistrationTracker, BrokerLifecycleManager).
import type { ControllerChannel } from '../../api-handlers/index.ts';
import {
  hasControllerRegistrations,
  hasCordonedDirectories,
  hasDirectoryAssignment,
  type MetadataDelta,
  type MetadataImage,
  type MetadataPublisher,
  SUPPORTED_FEATURES,
} from '../../kraft/metadata/index.ts';
import { BrokerRegistration } from '../../protocol/messages/62-broker-registration.ts';
import { BrokerHeartbeat } from '../../protocol/messages/63-broker-heartbeat.ts';
import { ControllerRegistration } from '../../protocol/messages/70-controller-registration.ts';
import type { Logger } from '../../runtime/index.ts';
import type { Endpoint } from '../configs/endpoints.ts';

/** SecurityProtocol.PLAINTEXT */
const PLAINTEXT = 0;

export interface NodeIdentity {
  readonly nodeId: number;
  readonly clusterId: string;
  /** Made anew with every start. */
  readonly incarnationId: string;
  readonly controllerListeners: readonly Endpoint[];
}

export interface BrokerFacts {
  readonly listeners: readonly Endpoint[];
  readonly rack: string | null;
  readonly previousBrokerEpoch: number;
  /** Ids of the log directories that can be used. */
  readonly logDirs: readonly string[];
}

export interface NodeRegistrationOptions {
  readonly controller: ControllerChannel;
  readonly identity: NodeIdentity;
  readonly image: () => MetadataImage;
  /** The offset up to which this node has read the metadata log. */
  readonly appliedOffset: () => number;
  readonly logger: Logger;
}

export class NodeRegistration implements MetadataPublisher {
  readonly name = 'node registration';
  readonly #options: NodeRegistrationOptions;
  #broker: BrokerFacts | undefined;
  #offlineLogDirs: readonly string[] = [];
  #brokerEpoch = -1;

  constructor(options: NodeRegistrationOptions) {
    this.#options = options;
  }

  /** -1 until the broker is registered. */
  get brokerEpoch(): number {
    return this.#brokerEpoch;
  }

  /** Registers controller and broker of this node and unfences the broker: from then on it leads its partitions. */
  async register(broker: BrokerFacts): Promise<void> {
    this.#broker = broker;
    if (hasControllerRegistrations(this.#level)) await this.#registerController();
    await this.#registerBroker(broker);
    await this.#heartbeat();
  }

  /** The controller learns which log directories have failed (KIP-858), by their ids; all since the start. */
  async directoriesFailed(offlineLogDirs: readonly string[]): Promise<void> {
    this.#offlineLogDirs = offlineLogDirs;
    if (this.#brokerEpoch >= 0) await this.#heartbeat();
  }

  publish(delta: MetadataDelta, image: MetadataImage): void {
    const before = delta.base.features.metadataVersion;
    if (!delta.haveFeaturesChanged || before === image.features.metadataVersion || this.#brokerEpoch < 0) return;
    // Not awaited: what it writes is published in its turn, after this.
    this.#tellAgain(before).catch((error: unknown) => {
      this.#options.logger.log(
        'warn',
        'the cluster could not be told what its new metadata.version lets this node say',
        {
          metadataVersion: image.features.metadataVersion,
          reason: String(error),
        },
      );
    });
  }

  async #tellAgain(before: number): Promise<void> {
    const isNew = (has: (level: number) => boolean): boolean => has(this.#level) && !has(before);
    if (this.#broker !== undefined && isNew(hasDirectoryAssignment)) await this.#registerBroker(this.#broker);
    if (isNew(hasControllerRegistrations)) await this.#registerController();
    if (isNew(hasCordonedDirectories)) await this.#heartbeat();
  }

  get #level(): number {
    return this.#options.image().features.metadataVersion;
  }

  async #registerController(): Promise<void> {
    const { controller, identity } = this.#options;
    await controller.send(ControllerRegistration, {
      controllerId: identity.nodeId,
      incarnationId: identity.incarnationId,
      zkMigrationReady: false,
      listeners: identity.controllerListeners.map(asListener),
      features: [...SUPPORTED_FEATURES],
    });
  }

  async #registerBroker({ listeners, rack, previousBrokerEpoch, logDirs }: BrokerFacts): Promise<void> {
    const { controller, identity } = this.#options;
    const { brokerEpoch = -1 } = await controller.send(BrokerRegistration, {
      brokerId: identity.nodeId,
      clusterId: identity.clusterId,
      incarnationId: identity.incarnationId,
      listeners: listeners.map(asListener),
      features: [...SUPPORTED_FEATURES],
      rack,
      isMigratingZkBroker: false,
      logDirs: logDirs.filter((id) => !this.#offlineLogDirs.includes(id)),
      previousBrokerEpoch,
    });
    this.#brokerEpoch = brokerEpoch;
  }

  async #heartbeat(): Promise<void> {
    await this.#options.controller.send(BrokerHeartbeat, {
      brokerId: this.#options.identity.nodeId,
      brokerEpoch: this.#brokerEpoch,
      currentMetadataOffset: this.#options.appliedOffset(),
      wantFence: false,
      wantShutDown: false,
      offlineLogDirs: [...this.#offlineLogDirs],
      cordonedLogDirs: [],
    });
  }
}

function asListener({ name, host, port }: Endpoint) {
  return { name, host, port, securityProtocol: PLAINTEXT };
}
