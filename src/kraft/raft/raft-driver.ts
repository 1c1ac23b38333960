// The only one that carries out what the Raft core says, and in its order: quorum-state on stable storage, append, flush,
// then the high watermark, then the listeners and whoever waits (Kafka: KafkaRaftClient). Appends are gathered: the first
// goes out at the end of its turn, what comes while a flush is under way goes out together behind it.
import { assert, type Clock, type Disk, type Endpoint, type Logger, type Timer } from '../../runtime/index.ts';
import type { CommittedBatch, Provenance } from '../committed/index.ts';
import { AppendQueue } from './append-queue.ts';
import { type ElectionState, ElectionStateFile } from './election-state.ts';
import { loadSnapshot, readSlice } from './committed-history.ts';
import { controlBatch, MAX_BATCH_SIZE } from './raft-batches.ts';
import { checkOnlyVoter, QuorumError, type QuorumInfo, quorumInfoOf } from './quorum-info.ts';
import type { PeerAddress, QuorumOptions } from './quorum-peers.ts';
import type { RaftListener, RecordSerde } from './raft-listener.ts';
import { type ControlAppend, type Effects, type Leadership, NotLeaderError, Raft } from './raft.ts';
import { asDamage, setDamagedSnapshotsAside } from './metadata-damage.ts';
import { recoverVoters } from './recover-voters.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import { cleanSnapshots } from './snapshot-cleaner.ts';
import { SnapshotFiles, type SnapshotId } from './snapshot-files.ts';
import type { Voter, VoterSet } from './voter-set.ts';

export interface RaftDriverOptions<T> {
  readonly nodeId: number;
  /** The directory that holds the log, with quorum-state and the snapshots. */
  readonly directory: string;
  readonly directoryId: string;
  /** Where our controller listens; empty: what the log says stays. */
  readonly endpoints: readonly Endpoint[];
  /** controller.quorum.voters; counts only where the log has no voters (kraft.version 0). */
  readonly staticVoters: readonly Voter[];
  readonly log: ReplicatedLog;
  /** Left out: this node speaks to no other, and has to be the only voter. */
  readonly quorum?: QuorumOptions;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly serde: RecordSerde<T>;
  /** metadata.max.retention.bytes and .ms; below 0: without limit. */
  readonly retentionBytes: number;
  readonly retentionMs: number;
  /** Called once when a listener failed; nothing is appended or delivered from then on. */
  readonly onFault: (error: Error) => void;
}

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** After a failed write: Kafka's controller.quorum.election.backoff.max.ms. */
const ELECTION_BACKOFF_MS = 1000;
const CLEAN_INTERVAL_MS = 60_000;

export class RaftDriver<T> {
  readonly #options: RaftDriverOptions<T>;
  readonly #log: ReplicatedLog;
  readonly #snapshots: SnapshotFiles;
  readonly #electionFile: ElectionStateFile;
  readonly #raft: Raft;
  readonly #queue: AppendQueue<T>;
  #listeners: readonly RaftListener<T>[] = [];
  #waiters: Waiter[] = [];
  #deliveredOffset = 0;
  /** The leader that the listeners have been told of; it lags behind the core's until they have what came before the epoch. */
  #told: Leadership = { epoch: -1, leaderId: undefined };
  #timer: Timer | undefined;
  #cleanTimer: Timer | undefined;
  #running: Promise<void> | undefined;
  #isElectionDue = false;
  #isScheduled = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #faultReason: Error | undefined;

  private constructor(options: RaftDriverOptions<T>, snapshots: SnapshotFiles) {
    const { disk, directory, nodeId, directoryId, log } = options;
    this.#options = options;
    this.#log = log;
    this.#snapshots = snapshots;
    this.#electionFile = new ElectionStateFile(disk, directory);
    const recovered = recoverVoters(log, snapshots, options.staticVoters);
    checkOnlyVoter(recovered, { nodeId, directory, directoryId });
    this.#raft = new Raft({
      nodeId,
      directoryId,
      ...recovered,
      endpoints: options.endpoints,
      persisted: this.#electionFile.read(),
      logEndOffset: log.endOffset,
      lastEpoch: Math.max(log.lastEpoch, snapshots.latest?.epoch ?? 0),
      electionBackoffMs: ELECTION_BACKOFF_MS,
    });
    this.#queue = new AppendQueue(options.serde, MAX_BATCH_SIZE);
  }

  /** Reads quorum-state, voters and snapshots. Rejects with QuorumError, QuorumStateError, MetadataDamagedError, DiskError. */
  static async open<T>(options: RaftDriverOptions<T>): Promise<RaftDriver<T>> {
    const { disk, directory, log } = options;
    const snapshots = new SnapshotFiles(disk, directory);
    setDamagedSnapshotsAside(snapshots, log, directory, options.logger);
    const { latest } = snapshots;
    // A snapshot beyond the end of the log was fetched or restored: the log begins anew behind it.
    if (latest !== undefined && latest.endOffset > log.endOffset) await log.truncateFullyAndStartAt(latest.endOffset);
    if (log.startOffset > 0 && (snapshots.latest?.endOffset ?? 0) < log.startOffset) {
      const what = `the metadata log in ${directory} begins at offset ${log.startOffset}`;
      throw new QuorumError(`${what}, and no snapshot there holds what was before. Put the files back from a copy`);
    }
    snapshots.deleteBefore(log.startOffset);
    try {
      return new RaftDriver(options, snapshots);
    } catch (error) {
      throw asDamage(error, directory);
    }
  }

  get leadership(): Leadership {
    return this.#raft.leadership;
  }
  /** The first offset that is not committed; undefined until it is known. */
  get highWatermark(): number | undefined {
    return this.#raft.highWatermark;
  }
  /** The offset of the next append. */
  get logEndOffset(): number {
    return this.#raft.logEndOffset;
  }
  get voters(): VoterSet {
    return this.#raft.voters;
  }
  /** The level of the feature kraft.version, which stands in control records instead of a FeatureLevelRecord (KIP-853). */
  get kraftVersion(): number {
    return this.#raft.kraftVersion;
  }
  /** Where the leader's controller listens; undefined while nobody is known to lead. */
  get leaderEndpoint(): PeerAddress | undefined {
    const { leaderId } = this.leadership;
    return leaderId === undefined ? undefined : this.voters.get(leaderId)?.endpoints[0];
  }
  get latestSnapshot(): SnapshotId | undefined {
    return this.#snapshots.latest;
  }

  get quorumInfo(): QuorumInfo {
    return quorumInfoOf(this.#raft, this.#log.endOffset, this.#options.clock.nowMs());
  }

  /**
   * Takes part in the quorum and tells `listeners`, in their order, what is committed. Resolves when it takes part: the only
   * voter leads then, and what was committed before is delivered.
   */
  async start(listeners: readonly RaftListener<T>[]): Promise<void> {
    this.#listeners = listeners;
    this.#execute(this.#raft.step({ kind: 'start' }, this.#now()));
    this.#cleanTimer = this.#options.clock.schedule(CLEAN_INTERVAL_MS, () => this.#clean());
    await this.#run();
    const highWatermark = this.#raft.highWatermark;
    if (this.#faultReason !== undefined) throw asDamage(this.#faultReason, this.#options.directory);
    if (highWatermark === undefined) throw new QuorumError('the first record of the epoch could not be written');
  }

  /** Resolves when a leader is known and everything up to the high watermark of that moment was delivered. Rejects when closed. */
  caughtUp(): Promise<void> {
    const highWatermark = this.#raft.highWatermark;
    return this.committed(highWatermark === undefined ? this.#raft.logEndOffset - 1 : highWatermark - 1);
  }

  /**
   * Appends records in one atomic batch of this epoch and returns the offset of the last one. They are not committed then.
   * Throws NotLeaderError.
   */
  append(records: readonly T[], epoch: number): number {
    assert(records.length > 0, 'an append without records');
    if (this.#isClosed) throw new NotLeaderError('the raft driver is closed');
    const baseOffset = this.#raft.prepareAppend(epoch, records.length);
    this.#queue.add(records, { baseOffset, epoch });
    this.#runSoon();
    return baseOffset + records.length - 1;
  }

  /** Raises the feature kraft.version; its level and the voters go into the log. As `append` otherwise. */
  raiseKraftVersion(version: number, epoch: number): number {
    if (this.#isClosed) throw new NotLeaderError('the raft driver is closed');
    const append = this.#raft.raiseKraftVersion(epoch, version);
    this.#queueControl(append);
    this.#runSoon();
    return append.baseOffset + append.records.length - 1;
  }

  /** Resolves when `offset` is committed and the listeners have it; rejects with NotLeaderError when that is uncertain. */
  committed(offset: number): Promise<void> {
    if (offset < this.#deliveredOffset) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(new NotLeaderError('the raft driver is closed'));
    return new Promise((resolve, reject) => this.#waiters.push({ offset, resolve, reject }));
  }

  /**
   * Writes a snapshot of everything up to and with `provenance.offset`, in slices; older snapshots and log then go as
   * the retention allows. Does nothing when there is one already.
   */
  async writeSnapshot(provenance: Provenance, records: Iterable<T>): Promise<void> {
    const id = { endOffset: provenance.offset + 1, epoch: provenance.epoch };
    const latest = this.#snapshots.latest;
    if (latest !== undefined && latest.endOffset >= id.endOffset) return;
    assert(
      provenance.isBatchAligned && id.endOffset <= (this.#raft.highWatermark ?? 0),
      'a snapshot of what is not committed',
    );
    const { clock, serde } = this.#options;
    const writer = this.#snapshots.create(id, {
      lastContainedLogTimestamp: provenance.appendTimeMs,
      nowMs: clock.nowMs(),
      controlRecords: this.#voterRecords(),
    });
    for (const record of records) {
      if (writer.append(serde.encode(record))) await new Promise<void>((resolve) => clock.endOfTurn(resolve));
    }
    await writer.freeze();
    this.#options.logger.log('info', 'wrote a metadata snapshot', { endOffset: id.endOffset, epoch: id.epoch });
  }

  /** Finishes what was appended, then resigns. The log is closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#run();
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#timer?.cancel();
      this.#cleanTimer?.cancel();
      this.#execute(this.#raft.step({ kind: 'shutdown' }, this.#now()));
      this.#tellLeadership();
      this.#rejectWaiters(new NotLeaderError('the raft driver is closed'));
    }
    await this.#log.close();
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }

  #voterRecords() {
    if (this.kraftVersion < 1) return [];
    return [
      { type: 'KRaftVersion', value: { version: 0, kRaftVersion: this.kraftVersion } },
      { type: 'KRaftVoters', value: this.#raft.voters.toRecord() },
    ] as const;
  }

  #execute(effects: Effects): void {
    if (effects.persist !== undefined) this.#persist(effects.persist);
    if (effects.append !== undefined) this.#appendControl(effects.append);
    this.#timer?.cancel();
    this.#timer = undefined;
    if (Number.isFinite(effects.deadlineMs)) {
      const delayMs = Math.max(0, effects.deadlineMs - this.#now());
      this.#timer = this.#options.clock.schedule(delayMs, () => this.#timeout());
    }
  }

  #persist(election: ElectionState): void {
    this.#electionFile.write(election, this.kraftVersion, this.#raft.voters.ids);
  }

  #appendControl(append: ControlAppend): void {
    this.#log.beginEpoch(append.epoch);
    this.#queueControl(append);
  }

  #queueControl({ baseOffset, epoch, records }: ControlAppend): void {
    const timestamp = this.#options.clock.nowMs();
    const bytes = controlBatch({ baseOffset, epoch, timestamp }, records);
    const lastOffset = baseOffset + records.length - 1;
    const batch = { baseOffset, lastOffset, epoch, appendTimestamp: timestamp, sizeInBytes: bytes.length, records: [] };
    this.#queue.addBatch(bytes, batch);
  }

  /** After a failed write: the disk is tried again, with the file quorum-state first. */
  #timeout(): void {
    this.#isElectionDue = true;
    void this.#run();
  }

  #runSoon(): void {
    if (this.#running !== undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.clock.endOfTurn(() => {
      this.#isScheduled = false;
      void this.#run();
    });
  }

  /** Writes and flushes until nothing is queued. One at a time. */
  #run(): Promise<void> {
    this.#running ??= this.#flushAll().finally(() => {
      this.#running = undefined;
      if (!this.#queue.isEmpty && !this.#isClosed) void this.#run();
    });
    return this.#running;
  }

  async #standForElection(): Promise<void> {
    this.#isElectionDue = false;
    const committedEnd = this.#raft.highWatermark;
    if (committedEnd !== undefined && this.#log.endOffset > committedEnd) await this.#log.truncateTo(committedEnd);
    this.#execute(this.#raft.step({ kind: 'timeout', endOffset: this.#log.endOffset }, this.#now()));
  }

  async #flushAll(): Promise<void> {
    while (this.#isElectionDue || !this.#queue.isEmpty) {
      let written: readonly CommittedBatch<T>[];
      try {
        if (this.#isElectionDue) await this.#standForElection();
        const batches = this.#queue.take(this.#options.clock.nowMs());
        for (const { bytes } of batches) this.#log.append(bytes);
        const endOffset = this.#log.endOffset;
        await this.#log.flush();
        this.#execute(this.#raft.step({ kind: 'flushed', endOffset }, this.#now()));
        written = batches.map((queued) => queued.batch);
      } catch (error) {
        return this.#failed(error);
      }
      try {
        await this.#deliver(written);
      } catch (error) {
        return this.#fault(error);
      }
    }
  }

  async #deliver(fromMemory: readonly CommittedBatch<T>[]): Promise<void> {
    const highWatermark = this.#raft.highWatermark;
    if (highWatermark === undefined) return;
    const first = fromMemory[0];
    if (first !== undefined && this.#deliveredOffset < first.baseOffset) await this.#deliverHistory(first.baseOffset);
    for (const listener of this.#listeners) listener.handleCommit?.(fromMemory);
    this.#deliveredOffset = highWatermark;
    this.#tellLeadership();
    const ready = this.#waiters.filter((waiter) => waiter.offset < highWatermark);
    this.#waiters = this.#waiters.filter((waiter) => waiter.offset >= highWatermark);
    for (const waiter of ready) waiter.resolve();
  }

  /** Hands over what earlier epochs left: the latest snapshot first, then batch by batch, a slice per turn. */
  async #deliverHistory(endOffset: number): Promise<void> {
    const { serde, clock } = this.#options;
    const snapshot = this.#snapshots.latest;
    if (this.#deliveredOffset === 0 && snapshot !== undefined && snapshot.endOffset > 0) {
      const { provenance, batches } = loadSnapshot(this.#snapshots, snapshot, serde);
      for (const listener of this.#listeners) listener.handleSnapshot?.(provenance, batches);
      this.#deliveredOffset = snapshot.endOffset;
    }
    while (this.#deliveredOffset < endOffset) {
      const batches = readSlice(this.#log, { startOffset: this.#deliveredOffset, endOffset }, serde);
      for (const listener of this.#listeners) listener.handleCommit?.(batches);
      this.#deliveredOffset = (batches.at(-1) as CommittedBatch<T>).lastOffset + 1;
      if (this.#deliveredOffset < endOffset) await new Promise<void>((resolve) => clock.endOfTurn(resolve));
    }
  }

  #tellLeadership(): void {
    const { state, leadership } = this.#raft;
    if (leadership.epoch === this.#told.epoch && leadership.leaderId === this.#told.leaderId) return;
    if (state.name === 'leader' && this.#deliveredOffset <= state.epochStartOffset) return;
    this.#told = leadership;
    for (const listener of this.#listeners) listener.handleLeaderChange?.(leadership);
  }

  /** The disk refused. What was not committed is given up, and after a pause we stand for election again. */
  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.logger.log('error', 'the metadata log could not be written; resigning', { reason });
    this.#queue.clear();
    this.#execute(this.#raft.step({ kind: 'write failed' }, this.#now()));
    this.#tellLeadership();
    this.#rejectWaiters(new NotLeaderError(`the metadata log could not be written: ${reason}`));
  }

  /** A listener could not take what is committed: state and log have parted, and only a restart brings them together. */
  #fault(error: unknown): void {
    this.#faultReason = error instanceof Error ? error : new Error(String(error));
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#cleanTimer?.cancel();
    this.#queue.clear();
    this.#rejectWaiters(new NotLeaderError('the raft driver has stopped'));
    this.#options.onFault(this.#faultReason);
  }

  #rejectWaiters(error: Error): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }

  #clean(): void {
    const { clock, retentionBytes, retentionMs, logger } = this.#options;
    try {
      cleanSnapshots(this.#log, this.#snapshots, { nowMs: clock.nowMs(), retentionBytes, retentionMs });
    } catch (error) {
      logger.log('error', 'old metadata could not be cleaned', { reason: String(error) });
    }
    this.#cleanTimer = clock.schedule(CLEAN_INTERVAL_MS, () => this.#clean());
  }
}
