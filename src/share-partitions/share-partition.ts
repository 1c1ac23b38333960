// A share partition that lives: the state machine in in-flight/, its alarm, and what it has written down (Kafka: SharePartition,
// as far as it is not about records). Who waits for it stands here, as who waits for the log stands at the log.
//
//   empty ──initialise──► loading ──► active
//                            └──► fenced, when it could not be loaded, or another leader has taken over
import { errorMessage, Errors } from '../protocol/index.ts';
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffset, type Partition } from '../replication/index.ts';
import type { Clock, Logger, Timer } from '../runtime/index.ts';
import { withoutAborted, type AbortedTransaction } from './in-flight/aborted-records.ts';
import {
  acknowledge,
  type AcknowledgementBatch,
  type Changes,
  expireLocks,
  type Fault,
  releaseMember,
} from './in-flight/acknowledgement.ts';
import { acquire, type AcquireRequest, type Acquired } from './in-flight/acquisition.ts';
import { type ShareLimits, SharePartitionState, type StateBatch } from './in-flight/share-partition-state.ts';
import { persisterFault, type SharePersister } from './persister.ts';
import type { StartsAt } from './starts-at.ts';

export interface ShareGroupSettings extends ShareLimits {
  readonly startsAt: StartsAt;
  readonly isReadCommitted: boolean;
}

export interface SharePartitionOptions {
  readonly groupId: string;
  readonly topicId: string;
  readonly partition: Partition;
  readonly settings: () => ShareGroupSettings;
  readonly persister: SharePersister;
  readonly clock: Clock;
  readonly logger: Logger;
  /** It is of no use any more. */
  readonly fenced: (partition: SharePartition) => void;
}

/** Told whenever something may have become available. */
export interface ShareWatcher {
  moved(): void;
}

const UNINITIALISED_START_OFFSET = -1;
/** Whether an error means that this share partition knows too little, and a new one has to be loaded. */
const FENCING: ReadonlySet<number> = new Set([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.GROUP_ID_NOT_FOUND,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
]);

export class SharePartition {
  readonly partition: Partition;
  readonly topicId: string;
  readonly groupId: string;
  readonly leaderEpoch: number;
  readonly #options: SharePartitionOptions;
  readonly #state: SharePartitionState;
  readonly #watchers = new Set<ShareWatcher>();
  #status: 'empty' | 'loading' | 'active' | 'fenced' = 'empty';
  #fault: Fault | undefined;
  #alarm: Timer | undefined;
  #alarmAtMs = Number.POSITIVE_INFINITY;
  /** Its log is being read for somebody: others wait. */
  isBeingRead = false;

  constructor(options: SharePartitionOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.topicId = options.topicId;
    this.groupId = options.groupId;
    this.leaderEpoch = options.partition.leaderEpoch;
    this.#state = new SharePartitionState(options.settings);
  }

  get isActive(): boolean {
    return this.#status === 'active';
  }
  /** Why it could not be loaded, or is of no use any more. */
  get fault(): Fault | undefined {
    return this.#fault;
  }
  get canAcquire(): boolean {
    return this.#status === 'active' && !this.isBeingRead && this.#state.canAcquire;
  }
  get isReadCommitted(): boolean {
    return this.#options.settings().isReadCommitted;
  }
  nextFetchOffset(): number {
    return this.#state.nextFetchOffset();
  }

  /** A fetch of so many records needs nothing behind it: what is acquired already may lie between. */
  lastAcquirableOffset(maxRecords: number): number {
    return Math.max(this.#state.nextFetchOffset(), this.#state.endOffset + 1) + maxRecords - 1;
  }

  watch(watcher: ShareWatcher): void {
    this.#watchers.add(watcher);
  }
  unwatch(watcher: ShareWatcher): void {
    this.#watchers.delete(watcher);
  }
  notify(): void {
    for (const watcher of this.#watchers) watcher.moved();
  }

  /** Loads what is written down, once. Who watches is told when that has ended. */
  initialise(): void {
    if (this.#status !== 'empty') return;
    this.#status = 'loading';
    void this.#load().then((fault) => {
      if (this.#status === 'fenced') return;
      if (fault === undefined) {
        this.#status = 'active';
        this.notify();
      } else {
        this.fence(fault);
      }
    });
  }

  async #load(): Promise<Fault | undefined> {
    const { groupId, topicId, persister, logger } = this.#options;
    const { index } = this.partition;
    const partitions = [{ partition: index, leaderEpoch: this.leaderEpoch }];
    const { results } = await persister.readState({ groupId, topics: [{ topicId, partitions }] });
    const read = results[0]?.partitions[0];
    if (read === undefined) return failedWith(Errors.UNKNOWN_SERVER_ERROR);
    if (read.errorCode !== Errors.NONE) return persisterFault('read', read);
    let { startOffset } = read;
    if (startOffset === UNINITIALISED_START_OFFSET) {
      const found = await this.#resetOffset();
      if (typeof found !== 'number') return found;
      startOffset = found;
    }
    if (this.#state.load(read, startOffset)) return undefined;
    logger.log('error', 'the state of a share partition contradicts itself', { groupId, topicId, partition: index });
    return failedWith(Errors.UNKNOWN_SERVER_ERROR);
  }

  async #resetOffset(): Promise<number | Fault> {
    const { settings, clock, logger } = this.#options;
    const { startsAt } = settings();
    const timestamp =
      startsAt === 'latest'
        ? LATEST_TIMESTAMP
        : startsAt === 'earliest'
          ? EARLIEST_TIMESTAMP
          : clock.nowMs() - startsAt.durationMs;
    try {
      const query = {
        timestamp,
        currentLeaderEpoch: this.leaderEpoch,
        isReadCommitted: false,
        isReplica: false,
        leaderOnly: true,
      };
      const { errorCode, offset } = await listOffset(this.partition, query);
      if (errorCode !== Errors.NONE) return failedWith(errorCode);
      return offset < 0 ? failedWith(Errors.OFFSET_NOT_AVAILABLE) : offset;
    } catch (error) {
      logger.log('error', 'the start of a share partition could not be found', { error: String(error) });
      return failedWith(Errors.UNKNOWN_SERVER_ERROR);
    }
  }

  /** Nothing is done with it any more; who watches is told. */
  fence(fault: Fault = failedWith(Errors.NOT_LEADER_OR_FOLLOWER)): void {
    if (this.#status === 'fenced') return;
    this.#status = 'fenced';
    this.#fault = fault;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    this.#options.fenced(this);
    this.notify();
  }

  /** The log begins later than where it was to be read. */
  logStartMoved(): void {
    this.#state.logStartMoved(this.partition.log.logStartOffset);
  }

  /** `aborted`: for groups that read committed records only. */
  acquire(request: AcquireRequest, aborted: readonly AbortedTransaction[]): Acquired {
    if (!this.isActive) return { ranges: [], count: 0 };
    const acquired = acquire(this.#state, request, this.#options.clock.monotonicMs());
    const kept = withoutAborted(this.#state, acquired, request.batches, aborted);
    this.#setAlarm();
    return kept;
  }

  /** Resolves when it is written down; to why it is not. */
  acknowledge(memberId: string, batches: readonly AcknowledgementBatch[]): Promise<Fault | undefined> {
    if (!this.isActive) return Promise.resolve(this.#fault ?? failedWith(Errors.UNKNOWN_TOPIC_OR_PARTITION));
    return this.#write(acknowledge(this.#state, memberId, batches, this.#options.clock.monotonicMs()));
  }

  /** Gives back all that the member has. */
  release(memberId: string): Promise<Fault | undefined> {
    if (!this.isActive) return Promise.resolve(undefined);
    return this.#write(releaseMember(this.#state, memberId, this.#options.clock.monotonicMs()));
  }

  async #write(changes: Changes): Promise<Fault | undefined> {
    this.#setAlarm();
    if (changes.fault !== undefined) return changes.fault;
    if (changes.changes.length === 0) return undefined;
    const fault = await this.#persist(changes.changes.map(({ batch }) => batch));
    this.#state.settle(changes.changes, fault === undefined);
    this.#setAlarm();
    if (fault !== undefined && FENCING.has(fault.errorCode)) this.fence(fault);
    else this.notify();
    return fault;
  }

  async #persist(batches: readonly StateBatch[]): Promise<Fault | undefined> {
    const { groupId, topicId, persister } = this.#options;
    const partitions = [this.#state.written(this.partition.index, this.leaderEpoch, batches)];
    const { results } = await persister.writeState({ groupId, topics: [{ topicId, partitions }] });
    const written = results[0]?.partitions[0];
    if (written === undefined) return failedWith(Errors.UNKNOWN_SERVER_ERROR);
    return written.errorCode === Errors.NONE ? undefined : persisterFault('write', written);
  }

  #setAlarm(): void {
    const nextMs = this.#state.locks.nextDeadlineMs ?? Number.POSITIVE_INFINITY;
    if (this.#status === 'fenced' || (this.#alarm !== undefined && this.#alarmAtMs <= nextMs)) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (nextMs === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#options;
    this.#alarmAtMs = nextMs;
    this.#alarm = clock.schedule(Math.max(0, Math.ceil(nextMs - clock.monotonicMs())), () => this.#ring());
  }

  /** Even if it cannot be written down, members do not keep what they have had for too long. */
  #ring(): void {
    this.#alarm = undefined;
    const expired = expireLocks(this.#state, this.#options.clock.monotonicMs());
    this.#setAlarm();
    if (expired.length === 0) return;
    this.notify();
    void this.#persist(expired).then((fault) => {
      if (this.#status === 'fenced') return;
      if (this.#state.moveStart()) this.notify();
      if (fault !== undefined && FENCING.has(fault.errorCode)) this.fence(fault);
    });
  }
}

export function failedWith(errorCode: number): Fault {
  return { errorCode, errorMessage: errorMessage(errorCode) };
}
