// Brokers and controllers that join the cluster (Kafka: ClusterControlManager). What becomes of them is broker-heartbeat.ts.
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
} from '../../../protocol/messages/62-broker-registration.ts';
import type {
  ControllerRegistrationRequest,
  ControllerRegistrationResponse,
} from '../../../protocol/messages/70-controller-registration.ts';
import {
  type BrokerRegistration,
  hasControllerRegistrations,
  hasDirectoryAssignment,
  isElrEnabled,
  isReservedDirectory,
  METADATA_VERSION,
  type MetadataImage,
  type RegisterBrokerRecord,
  registerBrokerRecordVersion,
} from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import type { ControllerState, Outcome } from '../operation.ts';
import { leadershipRecords } from '../topics/leadership-control.ts';
import { joined } from './broker-heartbeat.ts';

export interface RegistrationFacts {
  readonly clusterId: string;
  /** Where the next record will stand: the epoch of a new registration. */
  readonly nextOffset: number;
  /** Another incarnation of this broker must be taken for alive. */
  readonly hasLiveSession: boolean;
}

/** Registers a broker, which gets its epoch. Throws KafkaError. */
export function registerBroker(
  state: ControllerState,
  policy: ConfigPolicy,
  request: BrokerRegistrationRequest,
  facts: RegistrationFacts,
): Outcome<BrokerRegistrationResponse> {
  const { image } = state;
  const { brokerId } = request;
  checkRegistration(image, request, facts);
  const existing = image.cluster.brokers.get(brokerId);
  const isSameIncarnation = existing?.incarnationId === request.incarnationId;
  const brokerEpoch = isSameIncarnation ? existing.epoch : facts.nextOffset;
  const { metadataVersion } = image.features;
  const registration: RegisterBrokerRecord = {
    type: 'RegisterBrokerRecord',
    version: registerBrokerRecordVersion(metadataVersion),
    brokerId,
    isMigratingZkBroker: false,
    incarnationId: request.incarnationId,
    brokerEpoch,
    endPoints: request.listeners,
    features: request.features,
    rack: request.rack,
    fenced: isSameIncarnation ? existing.isFenced : true,
    inControlledShutdown: isSameIncarnation && existing.isInControlledShutdown,
    logDirs: hasDirectoryAssignment(metadataVersion) ? [...request.logDirs].sort() : [],
    cordonedLogDirs: null,
  };
  const response = { errorCode: Errors.NONE, brokerEpoch };
  if (isSameIncarnation) return { records: [registration], response };
  // A broker that stopped in order says in which epoch it did; any other one may have lost what it had not flushed.
  const isClean = !isElrEnabled(image.features) || existing?.epoch === request.previousBrokerEpoch;
  const moves = leadershipRecords(state, policy, { kind: isClean ? 'leaves' : 'lost its tail', brokerId });
  return { records: joined([moves, [registration]]), response };
}

/** Throws KafkaError UNSUPPORTED_VERSION below the metadata version that knows controllers. */
export function registerController(
  image: MetadataImage,
  request: ControllerRegistrationRequest,
): Outcome<ControllerRegistrationResponse> {
  if (!hasControllerRegistrations(image.features.metadataVersion)) {
    throw new KafkaError(
      Errors.UNSUPPORTED_VERSION,
      'The current MetadataVersion is too old to support controller registrations.',
    );
  }
  const { controllerId, incarnationId, zkMigrationReady, listeners, features } = request;
  const record = {
    type: 'RegisterControllerRecord',
    version: 0,
    controllerId,
    incarnationId,
    zkMigrationReady,
    endPoints: listeners,
    features,
  } as const;
  return { records: [record], response: { errorCode: Errors.NONE, errorMessage: '' } };
}

/** Whether it listens where the registered broker does: no two processes can do so, and the other is gone. */
export function isAtSamePlace(
  { listeners }: BrokerRegistration,
  asked: BrokerRegistrationRequest['listeners'],
): boolean {
  if (asked.length !== listeners.length) return false;
  return asked.every(({ name, host, port }) => {
    const known = listeners.find((listener) => listener.name === name);
    return known !== undefined && known.host === host && known.port === port;
  });
}

function checkRegistration(image: MetadataImage, request: BrokerRegistrationRequest, facts: RegistrationFacts): void {
  const { clusterId, hasLiveSession } = facts;
  if (request.clusterId !== clusterId) {
    const words = `Expected cluster ID ${clusterId}, but got cluster ID ${request.clusterId}`;
    throw new KafkaError(Errors.INCONSISTENT_CLUSTER_ID, words);
  }
  const existing = image.cluster.brokers.get(request.brokerId);
  if (existing !== undefined && existing.incarnationId !== request.incarnationId && hasLiveSession) {
    throw new KafkaError(
      Errors.DUPLICATE_BROKER_REGISTRATION,
      'Another broker is registered with that broker id. If the broker was recently restarted this should ' +
        "self-resolve once the heartbeat manager expires the broker's session.",
    );
  }
  if (request.isMigratingZkBroker) {
    throw new KafkaError(Errors.BROKER_ID_NOT_REGISTERED, 'Controller does not support registering ZK brokers.');
  }
  checkDirectories(image, request);
  checkFeatures(image, request);
}

function checkDirectories(image: MetadataImage, { brokerId, logDirs }: BrokerRegistrationRequest): void {
  const refuse = (words: string): never => {
    throw new KafkaError(Errors.INVALID_REGISTRATION, words);
  };
  if (!hasDirectoryAssignment(image.features.metadataVersion)) return;
  if (logDirs.length === 0) refuse('No directories specified in request');
  if (logDirs.some((directory) => isReservedDirectory(directory))) refuse('Reserved directory ID in request');
  if (new Set(logDirs).size < logDirs.length) refuse('Duplicate directory ID in request');
  for (const broker of image.cluster.brokers.values()) {
    if (broker.id === brokerId) continue;
    const taken = broker.directories.find((directory) => logDirs.includes(directory));
    if (taken !== undefined) refuse(`Broker ${broker.id} is already registered with directory ${taken}`);
  }
}

/** Every feature must be at a level that the broker can live with, 0 where it is not finalized. */
function checkFeatures(
  { features: { levels, metadataVersion } }: MetadataImage,
  request: BrokerRegistrationRequest,
): void {
  const { features } = request;
  for (const { name, minSupportedVersion, maxSupportedVersion } of features) {
    const level = name === METADATA_VERSION ? metadataVersion : (levels.get(name) ?? 0);
    checkRange(name, level, minSupportedVersion, maxSupportedVersion);
  }
  if (!features.some(({ name }) => name === METADATA_VERSION)) {
    throw new KafkaError(Errors.INVALID_REGISTRATION, "Request features do not contain 'metadata.version'");
  }
  for (const [name, level] of levels) {
    if (!features.some((feature) => feature.name === name)) checkRange(name, level, 0, 0);
  }
}

function checkRange(name: string, level: number, low: number, high: number): void {
  if (level >= low && level <= high) return;
  throw new KafkaError(
    Errors.UNSUPPORTED_VERSION,
    `Unable to register because the broker does not support finalized version ${level} of ${name}. ` +
      `The broker wants a version between ${low} and ${high}, inclusive.`,
  );
}
