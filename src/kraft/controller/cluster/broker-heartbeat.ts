// Heartbeats of brokers and what they bring about: unfenced when caught up, led out of the cluster when they want to stop,
// fenced when they are silent or gone (Kafka: BrokerHeartbeatManager.calculateNextBrokerState and the heartbeat half of
// ReplicationControlManager).
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  BrokerHeartbeatRequest,
  BrokerHeartbeatResponse,
} from '../../../protocol/messages/63-broker-heartbeat.ts';
import {
  type BrokerRegistration,
  type BrokerRegistrationChangeRecord,
  hasCordonedDirectories,
  type MetadataImage,
  type MetadataRecord,
} from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import type { ControllerState, Outcome } from '../operation.ts';
import { leadershipRecords } from '../topics/leadership-control.ts';
import { offlineDirectoryRecords } from './directories-control.ts';

interface HeartbeatFacts {
  /** Where the broker's registration stands; until it has read that, it stays fenced. */
  readonly registrationOffset: number;
  /** This controller has led it out; another may have stopped midway. */
  readonly isLedOut: boolean;
  /** All brokers that go on have read that this one goes. */
  readonly haveOthersHeard: boolean;
}

/** BrokerControlState: what may follow is in nextState. */
type BrokerState = 'fenced' | 'unfenced' | 'controlled shutdown' | 'shutdown now';

interface HeartbeatOutcome extends Outcome<BrokerHeartbeatResponse> {
  readonly current: BrokerState;
  readonly next: BrokerState;
}

/** Throws KafkaError STALE_BROKER_EPOCH. */
export function brokerHeartbeat(
  state: ControllerState,
  policy: ConfigPolicy,
  request: BrokerHeartbeatRequest,
  { registrationOffset, isLedOut, haveOthersHeard }: HeartbeatFacts,
): HeartbeatOutcome {
  const { image, partitions } = state;
  const broker = checkBrokerEpoch(image, request.brokerId, request.brokerEpoch);
  const isCaughtUp = request.currentMetadataOffset >= registrationOffset;
  const isLeading = partitions.leaderships(broker.id) > 0;
  const current = stateOf(broker);
  const next = nextState(broker, request, { isCaughtUp, isLeading, haveOthersHeard });
  const parts: Iterable<MetadataRecord>[] = [];
  const isToBeLedOut = next === 'controlled shutdown' && !isLedOut;
  if (next !== current || isToBeLedOut) parts.push(...transitionRecords(state, policy, broker, next));
  const { cordonedLogDirs: cordoned, offlineLogDirs } = request;
  if (offlineLogDirs.length > 0) parts.push(...offlineDirectoryRecords(state, policy, broker, offlineLogDirs));
  if (cordoned !== null && hasCordonedDirectories(image.features.metadataVersion) && !isSameList(cordoned, broker)) {
    parts.push([registrationChange(broker, { version: 3, cordonedLogDirs: cordoned })]);
  }
  const isFenced = next === 'fenced' || next === 'shutdown now';
  const shouldShutDown = next === 'shutdown now';
  const response = { errorCode: Errors.NONE, isCaughtUp, isFenced, shouldShutDown };
  return { records: parts.length === 0 ? [] : joined(parts), response, current, next };
}

/** Fences a broker that is silent, or known to be gone; does nothing when it is fenced already. */
export function fenceBroker(state: ControllerState, policy: ConfigPolicy, brokerId: number): Outcome<void> {
  const broker = state.image.cluster.brokers.get(brokerId);
  if (broker === undefined || broker.isFenced) return { records: [], response: undefined };
  return { records: joined(transitionRecords(state, policy, broker, 'fenced')), response: undefined };
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

export function* joined(parts: readonly Iterable<MetadataRecord>[]): Generator<MetadataRecord> {
  for (const part of parts) yield* part;
}

function stateOf(broker: BrokerRegistration): BrokerState {
  if (broker.isFenced) return 'fenced';
  return broker.isInControlledShutdown ? 'controlled shutdown' : 'unfenced';
}

interface BrokerProgress {
  readonly isCaughtUp: boolean;
  readonly isLeading: boolean;
  readonly haveOthersHeard: boolean;
}

function nextState(
  broker: BrokerRegistration,
  { wantFence, wantShutDown }: BrokerHeartbeatRequest,
  { isCaughtUp, isLeading, haveOthersHeard }: BrokerProgress,
): BrokerState {
  if (broker.isFenced) {
    if (wantShutDown) return 'shutdown now';
    return !wantFence && isCaughtUp ? 'unfenced' : 'fenced';
  }
  if (broker.isInControlledShutdown) return isLeading || !haveOthersHeard ? 'controlled shutdown' : 'shutdown now';
  if (wantFence) return wantShutDown ? 'shutdown now' : 'fenced';
  if (wantShutDown) return isLeading ? 'controlled shutdown' : 'shutdown now';
  return 'unfenced';
}

/** When a broker goes, its partitions move first; when it comes, or wants to stop, that is said first. */
function transitionRecords(
  state: ControllerState,
  policy: ConfigPolicy,
  broker: BrokerRegistration,
  next: BrokerState,
): Iterable<MetadataRecord>[] {
  const { id: brokerId } = broker;
  if (next === 'unfenced') {
    const isNowUnfenced = registrationChange(broker, { version: 0, fenced: -1 });
    return [[isNowUnfenced], leadershipRecords(state, policy, { kind: 'joins', brokerId })];
  }
  const moves = leadershipRecords(state, policy, { kind: 'leaves', brokerId });
  if (next === 'controlled shutdown') {
    if (broker.isInControlledShutdown) return [moves];
    return [[registrationChange(broker, { version: 1, inControlledShutdown: 1 })], moves];
  }
  return broker.isFenced ? [moves] : [moves, [registrationChange(broker, { version: 0, fenced: 1 })]];
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
