// Carries out what the Raft core says, in its order: quorum-state on stable storage, append, flush, then the high watermark, then the
// listeners and whoever waits. While the log is cut nothing else goes on: what happens meanwhile is told to the core afterwards.
import { DiskError, type Timer } from '../../runtime/index.ts';
import { AppendQueue } from './append-queue.ts';
import { CommitWaiters } from './commit-waiters.ts';
import { type ElectionState, ElectionStateFile } from './election-state.ts';
import { ListenerDelivery } from './listener-delivery.ts';
import type { Outgoing } from './outbox.ts';
import { ParkedFetches } from './parked-fetches.ts';
import type { PeerAnswer } from './peer-messages.ts';
import type { QuorumChannels } from './quorum-channels.ts';
import { QuorumError } from './quorum-info.ts';
import { controlBatch, MAX_BATCH_SIZE } from './raft-batches.ts';
import type { RaftDriverOptions } from './raft-driver-options.ts';
import type { ChangeResult, ControlAppend, Effects, SnapshotPiece } from './raft-effects.ts';
import type { Raft, RaftEvent } from './raft.ts';
import { quorumOf } from './recover-voters.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import type { SnapshotFiles, SnapshotId } from './snapshot-files.ts';
import type { SnapshotReceiver } from './snapshot-transfer.ts';
import { StallWatch } from './stall-watch.ts';

/** The quorum-state could not be written. */
const PERSIST_AGAIN_MS = 1000;

export class RaftExecution<T> {
  readonly raft: Raft;
  readonly queue: AppendQueue<T>;
  readonly delivery: ListenerDelivery<T>;
  readonly waiters = new CommitWaiters();
  readonly parked: ParkedFetches;
  readonly stalls: StallWatch;
  /** What ended it all: a listener failed, or the metadata has parted from the quorum's. */
  faultReason: Error | undefined;
  /** Why the disk has refused what was to be kept last; undefined: it has taken it. */
  failure: unknown;
  readonly #options: RaftDriverOptions<T>;
  readonly #log: ReplicatedLog;
  readonly #snapshots: SnapshotFiles;
  readonly #electionFile: ElectionStateFile;
  #channels: Promise<QuorumChannels> | undefined;
  /** What quorum-state has to say before anything else may be done; undefined: it does. */
  #unpersisted: ElectionState | undefined;
  readonly #operations = new Map<number, (result: ChangeResult) => void>();
  #operationCount = 0;
  #receiver: { readonly id: SnapshotId; readonly file: SnapshotReceiver } | undefined;
  /** The log is being cut, or begins anew. */
  #cutting: Promise<void> | undefined;
  #held: (() => void)[] = [];
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #delivering: Promise<void> = Promise.resolve();
  #needsFlush = false;
  #isScheduled = false;
  #isClosed = false;

  constructor(options: RaftDriverOptions<T>, snapshots: SnapshotFiles, raft: Raft) {
    const { disk, directory, log, clock, serde } = options;
    this.raft = raft;
    this.#options = options;
    this.#log = log;
    this.#snapshots = snapshots;
    this.#electionFile = new ElectionStateFile(disk, directory);
    this.queue = new AppendQueue(serde, MAX_BATCH_SIZE);
    this.delivery = new ListenerDelivery({ log, snapshots, serde, clock });
    this.parked = new ParkedFetches(clock, (ask, isLast) => this.step({ kind: 'asked', ask, isAgain: true, isLast }));
    this.stalls = new StallWatch(clock, (byMs) => this.#happened({ kind: 'stalled', byMs }));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }
  get isPersisted(): boolean {
    return this.#unpersisted === undefined;
  }
  get isCutting(): boolean {
    return this.#cutting !== undefined;
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }

  /** Tells the core, now or when the log is whole again. */
  #happened(event: RaftEvent): void {
    this.whenWhole(() => {
      if (!this.#isClosed) this.step(event);
    });
  }

  /** Behind the step that is under way. */
  #happenedSoon(event: RaftEvent): void {
    this.#options.clock.endOfTurn(() => this.#happened(event));
  }

  whenWhole(action: () => void): void {
    if (this.#cutting === undefined) action();
    else this.#held.push(action);
  }

  /** Carries out what the core says; its answer to a request, unless it may not be given. */
  step(event: RaftEvent): PeerAnswer | undefined {
    if (this.#isClosed) return undefined;
    const wasLeader = this.raft.state.name === 'leader';
    const before = this.#news();
    const effects = this.raft.step(event, this.#now());
    for (const { level, message, fields } of effects.log) this.#options.logger.log(level, message, fields);
    if (effects.fault !== undefined) {
      this.#fault(new QuorumError(effects.fault));
      return undefined;
    }
    const isPromised = this.#persist(effects, event);
    if (isPromised) this.#execute(effects);
    if (wasLeader && this.raft.state.name !== 'leader') this.#leadershipLost();
    if (effects.leadership !== undefined && this.raft.state.name !== 'leader')
      this.delivery.tellLeadership(this.raft.leadership);
    for (const result of effects.finished) this.#finish(result);
    this.#setTimer(isPromised ? effects.deadlineMs : Math.min(effects.deadlineMs, this.#now() + PERSIST_AGAIN_MS));
    if (effects.highWatermark !== undefined) this.runSoon();
    if (this.#news() !== before) this.parked.lookAgain();
    this.lookAround();
    return isPromised ? effects.answer : undefined;
  }

  /** What parked fetches wait for. */
  #news(): string {
    const { state, flushedOffset, leaderHighWatermark } = this.raft;
    return `${state.name} ${state.epoch} ${flushedOffset} ${leaderHighWatermark ?? -1}`;
  }

  /** False when the disk refuses: nobody may hear then of what was to be kept. */
  #persist({ persist }: Effects, event: RaftEvent): boolean {
    this.#unpersisted = persist ?? this.#unpersisted;
    if (this.#unpersisted === undefined) return true;
    if (event.kind === 'write failed') return false;
    try {
      this.#electionFile.write(this.#unpersisted, this.raft.kraftVersion, this.raft.voters.ids);
      this.#unpersisted = undefined;
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #execute(effects: Effects): void {
    for (const append of effects.append) {
      if (append.records[0]?.type === 'LeaderChange') this.#log.beginEpoch(append.epoch);
      this.queueControl(append);
    }
    if (effects.append.length > 0) this.runSoon();
    if (effects.appendFetched !== undefined) this.#appendFetched(effects.appendFetched);
    if (effects.snapshotPiece !== undefined) this.#take(effects.snapshotPiece);
    const { truncateTo } = effects;
    if (truncateTo !== undefined) this.#cut(() => this.#truncate(truncateTo, { kind: 'truncated' }));
    if (effects.recover) this.#cut(() => this.#truncate(this.raft.flushedOffset, { kind: 'recovered' }));
    for (const outgoing of effects.send) this.#send(outgoing);
  }

  #send(outgoing: Outgoing): void {
    const { quorum } = this.#options;
    if (quorum === undefined) return;
    this.#channels ??= import('./quorum-channels.ts').then(
      ({ QuorumChannels: Channels }) =>
        new Channels(quorum.peers, quorum.clusterId, {
          answered: (number, answer) => this.#happened({ kind: 'answered', number, answer }),
          unanswered: (number, isUnsupported) => this.#happened({ kind: 'unanswered', number, isUnsupported }),
          refused: (nodeId) => this.#happened({ kind: 'refused', nodeId }),
        }),
    );
    void this.#channels.then((channels) => channels.send(outgoing));
  }

  #finish(result: ChangeResult): void {
    this.#operations.get(result.operation)?.(result);
    this.#operations.delete(result.operation);
  }

  #setTimer(deadlineMs: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!Number.isFinite(deadlineMs) || this.#isClosed) return;
    this.#timer = this.#options.clock.schedule(Math.max(0, deadlineMs - this.#now()), () => {
      this.stalls.look();
      this.#happened({ kind: 'timeout' });
    });
  }

  #leadershipLost(): void {
    this.queue.clear();
    this.delivery.forgetAppended();
    this.waiters.leadershipLost('this node leads the metadata quorum no more');
  }

  lookAround(): void {
    const isLed = this.raft.leadership.leaderId !== undefined;
    this.waiters.look(isLed ? this.raft.leaderHighWatermark : undefined, this.delivery.deliveredOffset);
  }

  // Writing

  queueControl({ baseOffset, epoch, records }: ControlAppend): void {
    const timestamp = this.#options.clock.nowMs();
    const bytes = controlBatch({ baseOffset, epoch, timestamp }, records);
    const lastOffset = baseOffset + records.length - 1;
    const batch = { baseOffset, lastOffset, epoch, appendTimestamp: timestamp, sizeInBytes: bytes.length, records: [] };
    this.queue.addBatch(bytes, batch);
  }

  #appendFetched(records: Buffer): void {
    try {
      this.#log.append(records);
    } catch (error) {
      return this.#failed(error);
    }
    this.#needsFlush = true;
    void this.run();
  }

  runSoon(): void {
    if (this.#running !== undefined || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.clock.endOfTurn(() => {
      this.#isScheduled = false;
      void this.run();
    });
  }

  /** Writes, flushes and delivers until there is nothing to do. One at a time. */
  run(): Promise<void> {
    this.#running ??= this.#flushAll().finally(() => {
      this.#running = undefined;
      if (this.#hasWork && !this.#isClosed) void this.run();
    });
    return this.#running;
  }

  get #committedEnd(): number {
    return Math.min(this.raft.highWatermark ?? 0, this.raft.flushedOffset);
  }
  get #hasWork(): boolean {
    return this.#needsFlush || !this.queue.isEmpty || this.delivery.deliveredOffset < this.#committedEnd;
  }

  async #flushAll(): Promise<void> {
    await this.#cutting;
    while (this.#hasWork && !this.#isClosed) {
      try {
        if (this.#needsFlush || !this.queue.isEmpty) await this.#flush();
      } catch (error) {
        return this.#failed(error);
      }
      try {
        await this.#deliver();
      } catch (error) {
        return this.#fault(error);
      }
    }
  }

  async #flush(): Promise<void> {
    this.#needsFlush = false;
    for (const { bytes, batch } of this.queue.take(this.#options.clock.nowMs())) {
      this.#log.append(bytes);
      this.delivery.appended(batch);
    }
    const endOffset = this.#log.endOffset;
    await this.#log.flush();
    if (this.isPersisted) this.failure = undefined;
    // The log may have been cut meanwhile: this node leads no more then.
    this.whenWhole(() => {
      this.step({ kind: 'flushed', endOffset: Math.min(endOffset, this.#log.endOffset) });
    });
    await this.#cutting;
  }

  async #deliver(): Promise<void> {
    const delivering = this.delivery.deliver(this.#committedEnd);
    this.#delivering = delivering.catch(() => undefined);
    await delivering;
    const { state } = this.raft;
    const { deliveredOffset } = this.delivery;
    // A new leader is told so when the listeners have what came before its epoch.
    if (state.name !== 'leader' || deliveredOffset > state.epochStartOffset)
      this.delivery.tellLeadership(this.raft.leadership);
    this.waiters.delivered(deliveredOffset);
    this.lookAround();
  }

  /** Nothing else goes on with the log until that is done. */
  #cut(work: () => Promise<RaftEvent>): void {
    this.delivery.forgetAppended();
    this.#cutting = work().then(
      (event) => this.#cutDone(event),
      (error: unknown) => {
        this.#cutDone(undefined);
        this.#failed(error);
      },
    );
  }

  #cutDone(event: RaftEvent | undefined): void {
    this.#cutting = undefined;
    if (event !== undefined) this.step(event);
    const held = this.#held;
    this.#held = [];
    for (const action of held) this.whenWhole(action);
  }

  async #truncate(offset: number, done: RaftEvent): Promise<RaftEvent> {
    if (this.#log.endOffset > offset) await this.#log.truncateTo(offset);
    return done;
  }

  /** Writes a piece of a snapshot; with the last one the log begins anew behind it. */
  #take({ id, position, bytes, isLast }: SnapshotPiece): void {
    try {
      if (this.#receiver?.id !== id) {
        this.#receiver?.file.abandon();
        this.#receiver = { id, file: this.#snapshots.receive(id) };
      }
      this.#receiver.file.write(position, bytes);
    } catch (error) {
      return this.#failed(error);
    }
    const { file } = this.#receiver;
    if (!isLast) return this.#happenedSoon({ kind: 'piece written' });
    this.#receiver = undefined;
    this.#cut(() => this.#install(file, id));
  }

  async #install(file: SnapshotReceiver, id: SnapshotId): Promise<RaftEvent> {
    try {
      await file.finish();
    } catch (error) {
      if (error instanceof DiskError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.logger.log('error', 'a snapshot of the leader is damaged', { endOffset: id.endOffset, reason });
      return { kind: 'snapshot unusable' };
    }
    await this.#delivering;
    await this.#log.truncateFullyAndStartAt(id.endOffset);
    this.#options.logger.log('info', 'took over a metadata snapshot', { endOffset: id.endOffset, epoch: id.epoch });
    return { kind: 'snapshot installed', quorum: quorumOf(this.#snapshots, this.#options.staticVoters) };
  }

  // Failures

  /** The disk refused. What was not flushed is given up, and after a pause we try again. */
  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.failure = error;
    this.#options.logger.log('error', 'the metadata log could not be written; giving up its unflushed end', { reason });
    this.queue.clear();
    this.delivery.forgetAppended();
    this.#happenedSoon({ kind: 'write failed' });
  }

  /** A listener could not take what is committed: state and log have parted, and only a restart brings them together. */
  #fault(error: unknown): void {
    this.faultReason = error instanceof Error ? error : new Error(String(error));
    this.stop('the raft driver has stopped', this.faultReason);
    this.queue.clear();
    this.#options.onFault(this.faultReason);
  }

  /** Nothing happens any more. */
  stop(reason: string, cause?: Error): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.stalls.stop();
    this.waiters.end(reason, cause);
  }

  /** Waits for `goodbyeMs` at most until the others have been told. */
  async closeChannels(goodbyeMs: number): Promise<void> {
    this.parked.end();
    const channels = await this.#channels;
    if (channels !== undefined) {
      const { clock } = this.#options;
      await Promise.race([channels.farewell(), new Promise<void>((resolve) => clock.schedule(goodbyeMs, resolve))]);
      channels.close();
    }
    await this.#cutting;
    this.#receiver?.file.abandon();
  }

  /** A change of the voters; its result. */
  change(ask: Extract<RaftEvent, { kind: 'change' }>['ask']): Promise<ChangeResult> {
    return new Promise((resolve) => {
      const operation = ++this.#operationCount;
      this.#operations.set(operation, resolve);
      this.step({ kind: 'change', operation, ask });
    });
  }
}
