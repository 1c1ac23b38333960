// Who belongs to the cluster: registered brokers and controllers (Kafka: ClusterImage, BrokerRegistration).
import type { Endpoint } from '../../../runtime/index.ts';
import type {
  BrokerRegistrationChangeRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
} from '../records/index.ts';

export interface RegisteredEndpoint extends Endpoint {
  /** SecurityProtocol: 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

export interface FeatureRange {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface BrokerRegistration {
  readonly id: number;
  readonly epoch: number;
  readonly incarnationId: string;
  readonly listeners: readonly RegisteredEndpoint[];
  readonly features: readonly FeatureRange[];
  readonly rack: string | null;
  readonly isFenced: boolean;
  readonly isInControlledShutdown: boolean;
  readonly isMigratingZkBroker: boolean;
  /** Ids of its log directories that are online. */
  readonly directories: readonly string[];
  /** Directories that take no new partitions; null until the broker has said. */
  readonly cordonedDirectories: readonly string[] | null;
}

export interface ControllerRegistration {
  readonly id: number;
  readonly incarnationId: string;
  readonly isZkMigrationReady: boolean;
  readonly listeners: readonly RegisteredEndpoint[];
  readonly features: readonly FeatureRange[];
}

export interface ClusterImage {
  readonly brokers: ReadonlyMap<number, BrokerRegistration>;
  readonly controllers: ReadonlyMap<number, ControllerRegistration>;
}

export const EMPTY_CLUSTER: ClusterImage = { brokers: new Map(), controllers: new Map() };

export function brokerFromRecord(record: RegisterBrokerRecord): BrokerRegistration {
  return {
    id: record.brokerId,
    epoch: record.brokerEpoch,
    incarnationId: record.incarnationId,
    listeners: record.endPoints,
    features: record.features,
    rack: record.rack,
    isFenced: record.fenced,
    isInControlledShutdown: record.inControlledShutdown,
    isMigratingZkBroker: record.isMigratingZkBroker,
    directories: record.logDirs,
    cordonedDirectories: record.cordonedLogDirs,
  };
}

export function brokerToRecord(broker: BrokerRegistration, version: number): RegisterBrokerRecord {
  return {
    type: 'RegisterBrokerRecord',
    version,
    brokerId: broker.id,
    isMigratingZkBroker: version >= 2 && broker.isMigratingZkBroker,
    incarnationId: broker.incarnationId,
    brokerEpoch: broker.epoch,
    endPoints: broker.listeners as RegisteredEndpoint[],
    features: broker.features as FeatureRange[],
    rack: broker.rack,
    fenced: broker.isFenced,
    inControlledShutdown: version >= 1 && broker.isInControlledShutdown,
    logDirs: version >= 3 ? (broker.directories as string[]) : [],
    cordonedLogDirs: version >= 4 ? (broker.cordonedDirectories as string[] | null) : null,
  };
}

/** Fenced and inControlledShutdown are 1 (yes), -1 (no) or 0 (unchanged); no log directories means unchanged too. */
export function changedBroker(base: BrokerRegistration, change: BrokerRegistrationChangeRecord): BrokerRegistration {
  return {
    ...base,
    isFenced: change.fenced === 0 ? base.isFenced : change.fenced === 1,
    isInControlledShutdown:
      change.inControlledShutdown === 0 ? base.isInControlledShutdown : change.inControlledShutdown === 1,
    directories: change.logDirs.length === 0 ? base.directories : change.logDirs,
    cordonedDirectories: change.cordonedLogDirs ?? base.cordonedDirectories,
  };
}

export function controllerFromRecord(record: RegisterControllerRecord): ControllerRegistration {
  return {
    id: record.controllerId,
    incarnationId: record.incarnationId,
    isZkMigrationReady: record.zkMigrationReady,
    listeners: record.endPoints,
    features: record.features,
  };
}

export function controllerToRecord(controller: ControllerRegistration): RegisterControllerRecord {
  return {
    type: 'RegisterControllerRecord',
    version: 0,
    controllerId: controller.id,
    incarnationId: controller.incarnationId,
    zkMigrationReady: controller.isZkMigrationReady,
    endPoints: controller.listeners as RegisteredEndpoint[],
    features: controller.features as FeatureRange[],
  };
}
