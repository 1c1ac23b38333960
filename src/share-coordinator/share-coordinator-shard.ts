// The share partitions of one partition of __share_group_state (Kafka: ShareCoordinatorShard). Each is one key: its first record
// is a snapshot, then come updates, and after so many of them the next snapshot. What is written is merged within itself; what
// is kept is merged with what came before.
import type { CoordinatorShard, Effects, EncodedRecord } from '../coordinator-common/index.ts';
import { MetadataImage, type MetadataDelta } from '../kraft/metadata/index.ts';
import { type ErrorCode, errorMessage, Errors, isClamped } from '../protocol/index.ts';
import type { InitializeShareGroupStateRequest } from '../protocol/messages/83-initialize-share-group-state.ts';
import type {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from '../protocol/messages/84-read-share-group-state.ts';
import type {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '../protocol/messages/85-write-share-group-state.ts';
import type { ReadShareGroupStateSummaryResponse } from '../protocol/messages/87-read-share-group-state-summary.ts';
import { assert, unreachable } from '../runtime/index.ts';
import type { ShareSnapshotValue, ShareUpdateValue } from '../protocol/messages/share-state-records.ts';
import { RedundantOffsets } from './redundant-offsets.ts';
import { coordinatorKeyOf, type SharePartitionKey } from './share-partition-key.ts';
import type { ShareStateRecord } from './share-state-record.ts';
import { combineStateBatches } from './state-batches.ts';

type PartitionOf<T extends { readonly topics: readonly { readonly partitions: readonly unknown[] }[] }> =
  T['topics'][number]['partitions'][number];
type ResultOf<T extends { readonly results: readonly { readonly partitions: readonly unknown[] }[] }> =
  T['results'][number]['partitions'][number];

export type AskedInitialisation = PartitionOf<InitializeShareGroupStateRequest>;
export type AskedRead = PartitionOf<ReadShareGroupStateRequest>;
export type AskedWrite = PartitionOf<WriteShareGroupStateRequest>;
export type Verdict = ResultOf<WriteShareGroupStateResponse>;
export type ReadState = ResultOf<ReadShareGroupStateResponse>;
export type StateSummary = ResultOf<ReadShareGroupStateSummaryResponse>;

/** Read when they are needed: they may change while the shard lives. */
export interface ShareShardSettings {
  readonly updatesPerSnapshot: number;
  readonly coldSnapshotIntervalMs: number;
}

/** Share partitions that stand still are written anew. */
export interface ColdSnapshot {
  readonly kind: 'cold-snapshot';
}
export type ShareStateEffects = Effects<ShareStateRecord, ColdSnapshot>;

/** -1: not known, in requests and records. */
const UNKNOWN = -1;
const COLD_KEY = 'cold';
/** One write has no more ranges than this: twice the records that a share partition may have in flight. Kafka has no bound. */
const MOST_STATE_BATCHES = 20_000;
const TOO_MANY_BATCHES = `There are more than ${MOST_STATE_BATCHES} state batches.`;
const OFFSET_BEYOND = 'Offsets of 2^53 - 1 and more are not supported.';
const NEGATIVE_PARTITION = 'The partition id cannot be a negative number.';
const WRITE_UNINITIALISED = 'Write operation on uninitialized share partition not allowed.';
const READ_UNINITIALISED = 'Read operation on uninitialized share partition not allowed.';

interface ShareState {
  readonly key: SharePartitionKey;
  value: ShareSnapshotValue;
  /** The newest epochs that were heard of: older ones are fenced. */
  leaderEpoch: number;
  stateEpoch: number;
  /** Updates since the last snapshot that ended a full count of them. */
  updates: number;
}

interface Fault {
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
}

export class ShareCoordinatorShard implements CoordinatorShard<ShareStateRecord, ColdSnapshot> {
  readonly #settings: ShareShardSettings;
  readonly #states = new Map<string, ShareState>();
  readonly #redundant = new RedundantOffsets();
  #image: MetadataImage = MetadataImage.empty;
  #isColdSnapshotDue = false;

  constructor(settings: ShareShardSettings) {
    this.#settings = settings;
  }

  /** Everything in the log below it has been replaced. */
  get redundantEnd(): number {
    return this.#redundant.end;
  }

  replay(record: ShareStateRecord): void {
    switch (record.kind) {
      case 'snapshot':
        return this.#replaySnapshot(record.key, record.value);
      case 'update':
        return this.#replayUpdate(record.key, record.value);
      default:
        return unreachable(record);
    }
  }

  #replaySnapshot(key: SharePartitionKey, value: ShareSnapshotValue | null): void {
    const id = coordinatorKeyOf(key);
    if (value === null) {
      this.#states.delete(id);
      return;
    }
    const { leaderEpoch, stateEpoch } = value;
    const known = this.#states.get(id);
    if (known === undefined) {
      this.#states.set(id, { key, value, leaderEpoch, stateEpoch, updates: 0 });
      return;
    }
    known.value = value;
    known.leaderEpoch = Math.max(known.leaderEpoch, leaderEpoch);
    known.stateEpoch = Math.max(known.stateEpoch, stateEpoch);
    if (known.updates >= this.#settings.updatesPerSnapshot) known.updates = 0;
  }

  #replayUpdate(key: SharePartitionKey, update: ShareUpdateValue): void {
    const id = coordinatorKeyOf(key);
    const known = this.#states.get(id);
    if (known === undefined) {
      // Its snapshot is missing: something has been deleted that should not have been.
      const value = { ...update, stateEpoch: 0, createTimestamp: 0, writeTimestamp: 0 };
      this.#states.set(id, { key, value, leaderEpoch: update.leaderEpoch, stateEpoch: UNKNOWN, updates: 1 });
      return;
    }
    known.value = merged(known.value, update);
    known.leaderEpoch = Math.max(known.leaderEpoch, update.leaderEpoch);
    known.updates++;
  }

  replayEndTransactionMarker(): void {
    // Nobody writes to this topic within a transaction.
  }

  stored(record: EncodedRecord, offset: number): void {
    this.#redundant.stored(record, offset);
  }

  onLoaded(image: MetadataImage, effects: ShareStateEffects): void {
    this.#image = image;
    if (this.#states.size > 0) this.#scheduleColdSnapshot(effects);
  }

  /** The state of topics that are gone goes with them. */
  onMetadata(image: MetadataImage, { deletedTopics }: MetadataDelta, effects: ShareStateEffects): void {
    this.#image = image;
    if (deletedTopics.size === 0) return;
    effects.isAtomic = false;
    const gone = new Set(Array.from(deletedTopics.values(), ({ id }) => id));
    for (const { key } of this.#states.values()) {
      if (gone.has(key.topicId)) effects.append({ kind: 'snapshot', key, value: null });
    }
  }

  onCommitted(event: ColdSnapshot): void {
    assert(false, `nothing is asked for after a commit, and not ${event.kind}`);
  }

  onTimer(_event: ColdSnapshot, effects: ShareStateEffects): void {
    this.#isColdSnapshotDue = false;
    if (this.#states.size === 0) return;
    this.#scheduleColdSnapshot(effects);
    this.#snapshotCold(effects);
  }

  /** A state that is cold has been written later than it was made; when all are, nothing is gained by writing them again. */
  #snapshotCold(effects: ShareStateEffects): void {
    let hasWarm = false;
    for (const { value } of this.#states.values()) hasWarm ||= value.createTimestamp === value.writeTimestamp;
    if (!hasWarm) return;
    effects.isAtomic = false;
    const { nowMs } = effects;
    for (const { key, value } of this.#states.values()) {
      if (nowMs - value.writeTimestamp < this.#settings.coldSnapshotIntervalMs) continue;
      const snapshot = { ...value, snapshotEpoch: value.snapshotEpoch + 1, writeTimestamp: nowMs };
      effects.append({ kind: 'snapshot', key, value: snapshot });
    }
  }

  #scheduleColdSnapshot(effects: ShareStateEffects): void {
    if (this.#isColdSnapshotDue) return;
    this.#isColdSnapshotDue = true;
    effects.schedule(COLD_KEY, this.#settings.coldSnapshotIntervalMs, { kind: 'cold-snapshot' });
  }

  initialize(key: SharePartitionKey, asked: AskedInitialisation, effects: ShareStateEffects): Verdict {
    const known = this.#states.get(coordinatorKeyOf(key));
    const { stateEpoch, startOffset } = asked;
    const fault =
      negativeFault(key) ??
      (known !== undefined && isFenced(stateEpoch, known.stateEpoch)
        ? faultOf(Errors.FENCED_STATE_EPOCH)
        : undefined) ??
      this.#missingFault(key) ??
      offsetFault(startOffset);
    if (fault !== undefined) return { partition: key.partition, ...fault };
    const value: ShareSnapshotValue = {
      snapshotEpoch: known === undefined ? 0 : known.value.snapshotEpoch + 1,
      stateEpoch,
      leaderEpoch: 0,
      startOffset,
      deliveryCompleteCount: startOffset === UNKNOWN ? UNKNOWN : 0,
      createTimestamp: effects.nowMs,
      writeTimestamp: effects.nowMs,
      stateBatches: [],
    };
    effects.append({ kind: 'snapshot', key, value });
    this.#scheduleColdSnapshot(effects);
    return done(key);
  }

  write(key: SharePartitionKey, asked: AskedWrite, effects: ShareStateEffects): Verdict {
    const negative = negativeFault(key);
    if (negative !== undefined) return { partition: key.partition, ...negative };
    const known = this.#states.get(coordinatorKeyOf(key));
    if (known === undefined) {
      return { partition: key.partition, errorCode: Errors.INVALID_REQUEST, errorMessage: WRITE_UNINITIALISED };
    }
    const fault = isFenced(asked.leaderEpoch, known.leaderEpoch)
      ? faultOf(Errors.FENCED_LEADER_EPOCH)
      : isFenced(asked.stateEpoch, known.stateEpoch)
        ? faultOf(Errors.FENCED_STATE_EPOCH)
        : (this.#missingFault(key) ?? writtenFault(asked));
    if (fault !== undefined) return { partition: key.partition, ...fault };
    effects.append(this.#changed(known, notBehind(asked, known.value), known.value.leaderEpoch, effects.nowMs));
    return done(key);
  }

  /** The whole state. A leader that is new is written down, so that the one before it is fenced from now on. */
  read(key: SharePartitionKey, { leaderEpoch }: AskedRead, effects: ShareStateEffects): ReadState {
    const negative = negativeFault(key);
    if (negative !== undefined) return unread(key, negative);
    const known = this.#states.get(coordinatorKeyOf(key));
    if (known === undefined) {
      return unread(key, { errorCode: Errors.INVALID_REQUEST, errorMessage: READ_UNINITIALISED });
    }
    const fault = isFenced(leaderEpoch, known.leaderEpoch)
      ? faultOf(Errors.FENCED_LEADER_EPOCH)
      : this.#missingFault(key);
    if (fault !== undefined) return unread(key, fault);
    const { startOffset, stateEpoch, deliveryCompleteCount, stateBatches } = known.value;
    if (leaderEpoch !== UNKNOWN && leaderEpoch !== known.leaderEpoch) {
      const change = { partition: key.partition, leaderEpoch, startOffset, stateEpoch, deliveryCompleteCount };
      effects.append(this.#changed(known, { ...change, stateBatches: [] }, leaderEpoch, effects.nowMs));
    }
    return { ...done(key), stateEpoch, startOffset, stateBatches };
  }

  readSummary(key: SharePartitionKey): StateSummary {
    const nothing = { leaderEpoch: 0, stateEpoch: 0, startOffset: UNKNOWN, deliveryCompleteCount: UNKNOWN };
    const fault = negativeFault(key) ?? this.#missingFault(key);
    if (fault !== undefined) return { ...nothing, partition: key.partition, ...fault, startOffset: 0 };
    const known = this.#states.get(coordinatorKeyOf(key));
    if (known === undefined) return { ...done(key), ...nothing };
    const { leaderEpoch, stateEpoch, startOffset, deliveryCompleteCount } = known.value;
    return { ...done(key), leaderEpoch, stateEpoch, startOffset, deliveryCompleteCount };
  }

  /** What is not there is deleted already. */
  delete(key: SharePartitionKey, effects: ShareStateEffects): Verdict {
    const fault = negativeFault(key) ?? this.#missingFault(key);
    if (fault !== undefined) return { partition: key.partition, ...fault };
    if (this.#states.has(coordinatorKeyOf(key))) effects.append({ kind: 'snapshot', key, value: null });
    return done(key);
  }

  /** The record of a change: an update, or the whole state once there have been enough of them. */
  #changed(
    { key, value, updates }: ShareState,
    asked: AskedWrite,
    leaderEpoch: number,
    nowMs: number,
  ): ShareStateRecord {
    const { deliveryCompleteCount } = asked;
    if (updates < this.#settings.updatesPerSnapshot) {
      const stateBatches = combineStateBatches([], asked.stateBatches, asked.startOffset);
      const { snapshotEpoch } = value;
      const { startOffset } = asked;
      return {
        kind: 'update',
        key,
        value: { snapshotEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches: [...stateBatches] },
      };
    }
    const startOffset = asked.startOffset === UNKNOWN ? value.startOffset : asked.startOffset;
    const snapshot: ShareSnapshotValue = {
      snapshotEpoch: value.snapshotEpoch + 1,
      stateEpoch: value.stateEpoch,
      leaderEpoch,
      startOffset,
      deliveryCompleteCount,
      createTimestamp: nowMs,
      writeTimestamp: nowMs,
      stateBatches: [...combineStateBatches(value.stateBatches, asked.stateBatches, startOffset)],
    };
    return { kind: 'snapshot', key, value: snapshot };
  }

  #missingFault({ topicId, partition }: SharePartitionKey): Fault | undefined {
    const topic = this.#image.topics.byId.get(topicId);
    return topic?.partitions[partition] === undefined ? faultOf(Errors.UNKNOWN_TOPIC_OR_PARTITION) : undefined;
  }
}

function merged(value: ShareSnapshotValue, update: ShareUpdateValue): ShareSnapshotValue {
  const startOffset = update.startOffset === UNKNOWN ? value.startOffset : update.startOffset;
  return {
    ...value,
    startOffset,
    leaderEpoch: update.leaderEpoch === UNKNOWN ? value.leaderEpoch : update.leaderEpoch,
    deliveryCompleteCount: update.deliveryCompleteCount,
    stateBatches: [...combineStateBatches(value.stateBatches, update.stateBatches, startOffset)],
  };
}

/**
 * A share partition goes on and never back (but by an initialisation): a write that names an earlier start is a copy that was sent again
 * and has come late, behind others. What lies before the start is forgotten and would come to members again; Kafka lets it.
 */
function notBehind(asked: AskedWrite, { startOffset, deliveryCompleteCount }: ShareSnapshotValue): AskedWrite {
  if (asked.startOffset === UNKNOWN || asked.startOffset >= startOffset) return asked;
  const { partition, stateEpoch, leaderEpoch, stateBatches } = asked;
  return { partition, stateEpoch, leaderEpoch, startOffset, deliveryCompleteCount, stateBatches };
}

const isFenced = (asked: number, newest: number): boolean => asked !== UNKNOWN && asked < newest;

function faultOf(errorCode: ErrorCode): Fault {
  return { errorCode, errorMessage: errorMessage(errorCode) };
}

function negativeFault({ partition }: SharePartitionKey): Fault | undefined {
  return partition < 0 ? { errorCode: Errors.INVALID_REQUEST, errorMessage: NEGATIVE_PARTITION } : undefined;
}

/** Kafka keeps what no log can have; here it is refused, not kept as something else. */
function offsetFault(offset: number): Fault | undefined {
  return isClamped(offset) ? { errorCode: Errors.INVALID_REQUEST, errorMessage: OFFSET_BEYOND } : undefined;
}

function writtenFault({ startOffset, stateBatches }: AskedWrite): Fault | undefined {
  if (stateBatches.length > MOST_STATE_BATCHES) {
    return { errorCode: Errors.INVALID_REQUEST, errorMessage: TOO_MANY_BATCHES };
  }
  const isBeyond = stateBatches.some(({ firstOffset, lastOffset }) => isClamped(firstOffset) || isClamped(lastOffset));
  return isBeyond ? offsetFault(Number.MAX_SAFE_INTEGER) : offsetFault(startOffset);
}

function done({ partition }: SharePartitionKey): Verdict {
  return { partition, errorCode: Errors.NONE, errorMessage: null };
}

function unread({ partition }: SharePartitionKey, fault: Fault): ReadState {
  return { partition, ...fault, stateEpoch: 0, startOffset: 0, stateBatches: [] };
}
