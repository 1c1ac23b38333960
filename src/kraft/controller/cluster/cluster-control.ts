// Brokers and controllers of the cluster: who registers, who is alive (Kafka: ClusterControlManager and the heartbeat
// half of ReplicationControlManager).
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
} from '../../../protocol/messages/62-broker-registration.ts';
import type {
  BrokerHeartbeatRequest,
  BrokerHeartbeatResponse,
} from '../../../protocol/messages/63-broker-heartbeat.ts';
import type {
  ControllerRegistrationRequest,
  ControllerRegistrationResponse,
} from '../../../protocol/messages/70-controller-registration.ts';
import {
  type BrokerRegistration,
  type BrokerRegistrationChangeRecord,
  hasControllerRegistrations,
  hasCordonedDirectories,
  hasDirectoryAssignment,
  isElrEnabled,
  isReservedDirectory,
  METADATA_VERSION,
  type MetadataImage,
  type MetadataRecord,
  registerBrokerRecordVersion,
} from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import { offlineDirectoryRecords } from './directories-control.ts';
import { leadershipRecords, leadsAnything } from '../topics/leadership-control.ts';
import type { Outcome } from '../operation.ts';

export interface RegistrationFacts {
  readonly clusterId: string;
  /** Where the next record will stand: the epoch of a new registration. */
  readonly nextOffset: number;
  /** Another incarnation of this broker has been heard of lately. */
  readonly hasLiveSession: boolean;
}

/** Registers a broker, which gets its epoch. Throws KafkaError. */
export function registerBroker(
  image: MetadataImage,
  policy: ConfigPolicy,
  request: BrokerRegistrationRequest,
  facts: RegistrationFacts,
): Outcome<BrokerRegistrationResponse> {
  checkRegistration(image, request, facts);
  const existing = image.cluster.brokers.get(request.brokerId);
  const isSameIncarnation = existing?.incarnationId === request.incarnationId;
  const records: MetadataRecord[] = [];
  if (existing !== undefined && !isSameIncarnation) {
    // A broker that stopped in order says in which epoch it did; any other one may have lost what it had not flushed.
    const isClean = !isElrEnabled(image.features) || existing.epoch === request.previousBrokerEpoch;
    const kind = isClean ? 'leaves' : 'lost its tail';
    records.push(...leadershipRecords(image, policy, { kind, brokerId: request.brokerId }));
  }
  const brokerEpoch = isSameIncarnation ? existing.epoch : facts.nextOffset;
  const { metadataVersion } = image.features;
  records.push({
    type: 'RegisterBrokerRecord',
    version: registerBrokerRecordVersion(metadataVersion),
    brokerId: request.brokerId,
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
  });
  return { records, response: { errorCode: Errors.NONE, brokerEpoch } };
}

/** `registrationOffset`: where the broker's registration stands; until it has read that, it stays fenced. Throws KafkaError. */
export function brokerHeartbeat(
  image: MetadataImage,
  policy: ConfigPolicy,
  request: BrokerHeartbeatRequest,
  registrationOffset: number,
): Outcome<BrokerHeartbeatResponse> {
  const { brokerId, brokerEpoch } = request;
  const broker = checkBrokerEpoch(image, brokerId, brokerEpoch);
  const isCaughtUp = request.currentMetadataOffset >= registrationOffset;
  const current = stateOf(broker);
  const next = nextState(image, broker, request, isCaughtUp);
  const records: MetadataRecord[] = [];
  if (next !== current) records.push(...transitionRecords(image, policy, broker, next));
  const cordoned = request.cordonedLogDirs;
  if (cordoned !== null && hasCordonedDirectories(image.features.metadataVersion) && !isSameList(cordoned, broker)) {
    records.push(registrationChange(broker, { version: 3, cordonedLogDirs: cordoned }));
  }
  records.push(...offlineDirectoryRecords(image, policy, broker, request.offlineLogDirs));
  const isFenced = next === 'fenced' || next === 'shutdown now';
  const shouldShutDown = next === 'shutdown now';
  return { records, response: { errorCode: Errors.NONE, isCaughtUp, isFenced, shouldShutDown } };
}

/** Fences a broker that has not been heard of for too long. */
export function fenceBroker(image: MetadataImage, policy: ConfigPolicy, brokerId: number): Outcome<void> {
  const broker = image.cluster.brokers.get(brokerId);
  if (broker === undefined || broker.isFenced) return { records: [], response: undefined };
  return { records: transitionRecords(image, policy, broker, 'fenced'), response: undefined };
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
  return { records: [record], response: { errorCode: Errors.NONE, errorMessage: null } };
}

/** The broker, if it is registered in this epoch. Throws KafkaError STALE_BROKER_EPOCH. */
export function checkBrokerEpoch(image: MetadataImage, brokerId: number, brokerEpoch: number): BrokerRegistration {
  const broker = image.cluster.brokers.get(brokerId);
  if (broker === undefined) {
    throw new KafkaError(Errors.STALE_BROKER_EPOCH, `No broker registration found for broker id ${brokerId}`);
  }
  if (broker.epoch === brokerEpoch) return broker;
  const words = `Expected broker epoch ${broker.epoch}, but got broker epoch ${brokerEpoch}`;
  throw new KafkaError(Errors.STALE_BROKER_EPOCH, words);
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
  checkDirectories(image, request);
  checkFeatures(image, request);
}

function checkDirectories(image: MetadataImage, { brokerId, logDirs }: BrokerRegistrationRequest): void {
  const refuse = (words: string): never => {
    throw new KafkaError(Errors.INVALID_REQUEST, words);
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

/** Every finalised feature must be one that the broker can serve. */
function checkFeatures(image: MetadataImage, { features }: BrokerRegistrationRequest): void {
  if (!features.some(({ name }) => name === METADATA_VERSION)) {
    throw new KafkaError(Errors.UNSUPPORTED_VERSION, "Request features do not contain 'metadata.version'");
  }
  for (const [name, level] of image.features.levels) {
    const range = features.find((feature) => feature.name === name);
    const low = range?.minSupportedVersion ?? 0;
    const high = range?.maxSupportedVersion ?? 0;
    if (level >= low && level <= high) continue;
    throw new KafkaError(
      Errors.UNSUPPORTED_VERSION,
      `Unable to register because the broker does not support finalized version ${level} of ${name}. ` +
        `The broker wants a version between ${low} and ${high}, inclusive.`,
    );
  }
}

/** BrokerControlState: what may follow is in nextState. */
type BrokerState = 'fenced' | 'unfenced' | 'controlled shutdown' | 'shutdown now';

function stateOf(broker: BrokerRegistration): BrokerState {
  if (broker.isFenced) return 'fenced';
  return broker.isInControlledShutdown ? 'controlled shutdown' : 'unfenced';
}

function nextState(
  image: MetadataImage,
  broker: BrokerRegistration,
  { wantFence, wantShutDown }: BrokerHeartbeatRequest,
  isCaughtUp: boolean,
): BrokerState {
  if (broker.isFenced) {
    if (wantShutDown) return 'shutdown now';
    return !wantFence && isCaughtUp ? 'unfenced' : 'fenced';
  }
  if (broker.isInControlledShutdown) {
    return leadsAnything(image, broker.id) ? 'controlled shutdown' : 'shutdown now';
  }
  if (wantFence) return wantShutDown ? 'shutdown now' : 'fenced';
  if (wantShutDown) return leadsAnything(image, broker.id) ? 'controlled shutdown' : 'shutdown now';
  return 'unfenced';
}

/** When a broker goes, its partitions move first; when it comes, it is unfenced first. */
function transitionRecords(
  image: MetadataImage,
  policy: ConfigPolicy,
  broker: BrokerRegistration,
  next: BrokerState,
): MetadataRecord[] {
  const { id: brokerId } = broker;
  switch (next) {
    case 'unfenced':
      return [
        registrationChange(broker, { version: 0, fenced: -1 }),
        ...leadershipRecords(image, policy, { kind: 'joins', brokerId }),
      ];
    case 'controlled shutdown':
      return [
        registrationChange(broker, { version: 1, inControlledShutdown: 1 }),
        ...leadershipRecords(image, policy, { kind: 'leaves', brokerId }),
      ];
    default: {
      const moves = leadershipRecords(image, policy, { kind: 'leaves', brokerId });
      return broker.isFenced ? moves : [...moves, registrationChange(broker, { version: 0, fenced: 1 })];
    }
  }
}

function registrationChange(
  broker: BrokerRegistration,
  change: Partial<BrokerRegistrationChangeRecord> & { readonly version: number },
): BrokerRegistrationChangeRecord {
  return {
    type: 'BrokerRegistrationChangeRecord',
    brokerId: broker.id,
    brokerEpoch: broker.epoch,
    fenced: 0,
    inControlledShutdown: 0,
    logDirs: [],
    cordonedLogDirs: null,
    ...change,
  };
}

function isSameList(list: readonly string[], { cordonedDirectories }: BrokerRegistration): boolean {
  const known = cordonedDirectories;
  return known !== null && known.length === list.length && list.every((item) => known.includes(item));
}
