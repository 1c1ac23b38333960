// The only one that carries out what the Raft core says, and in its order: quorum-state on stable storage, append, flush,
// then the high watermark, then the listeners and whoever waits (Kafka: KafkaRaftClient). Appends are gathered: the first
// goes out at the end of its turn, what comes while a flush is under way goes out together behind it. While the log is cut nothing
// else goes on: what happens meanwhile is told to the core afterwards.
import { assert, DiskError, type Timer } from '../../runtime/index.ts';
import type { Provenance } from '../committed/index.ts';
import { AppendQueue } from './append-queue.ts';
import { CommitWaiters } from './commit-waiters.ts';
import { type ElectionState, ElectionStateFile } from './election-state.ts';
import { ListenerDelivery } from './listener-delivery.ts';
import { DirectoryView } from './log-view.ts';
import { asDamage, setDamagedSnapshotsAside } from './metadata-damage.ts';
import type { Outgoing } from './outbox.ts';
import { ParkedFetches } from './parked-fetches.ts';
import type { PeerAnswer, PeerAsk } from './peer-messages.ts';
import type { QuorumChannels } from './quorum-channels.ts';
import { checkMembership, QuorumError, type QuorumInfo, quorumInfoOf } from './quorum-info.ts';
import { DEFAULT_QUORUM_TIMEOUTS, type PeerAddress } from './quorum-peers.ts';
import { controlBatch, MAX_BATCH_SIZE } from './raft-batches.ts';
import type { ChangeResult, ControlAppend, Effects, Leadership, SnapshotPiece } from './raft-effects.ts';
import { NO_CHANCE, type RaftDriverOptions } from './raft-driver-options.ts';
import type { RaftListener } from './raft-listener.ts';
import { NotLeaderError, Raft, type RaftEvent } from './raft.ts';
import { quorumHeader, quorumOf, recoverVoters } from './recover-voters.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import { cleanSnapshots } from './snapshot-cleaner.ts';
import { SnapshotFiles, type SnapshotId } from './snapshot-files.ts';
import type { SnapshotReceiver } from './snapshot-transfer.ts';
import { StallWatch } from './stall-watch.ts';
import type { VoterSet } from './voter-set.ts';
import type { QuorumDesk, QuorumRequests } from './wire/requests.ts';

const CLEAN_INTERVAL_MS = 60_000;
/** How long a leader that goes waits for the others to take notice. */
const GOODBYE_MS = 1000;
/** The quorum-state could not be written. */
const PERSIST_AGAIN_MS = 1000;

export class RaftDriver<T> implements QuorumDesk {
  readonly #options: RaftDriverOptions<T>;
  readonly #log: ReplicatedLog;
  readonly #snapshots: SnapshotFiles;
  readonly #electionFile: ElectionStateFile;
  readonly #raft: Raft;
  readonly #queue: AppendQueue<T>;
  readonly #delivery: ListenerDelivery<T>;
  readonly #waiters = new CommitWaiters();
  readonly #parked: ParkedFetches;
  readonly #stalls: StallWatch;
  #requests: Promise<QuorumRequests> | undefined;
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
  #cleanTimer: Timer | undefined;
  #running: Promise<void> | undefined;
  #delivering: Promise<void> = Promise.resolve();
  #needsFlush = false;
  #isScheduled = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #faultReason: Error | undefined;
  #failure: unknown;

  private constructor(options: RaftDriverOptions<T>, snapshots: SnapshotFiles) {
    const { disk, directory, nodeId, directoryId, log, quorum, clock } = options;
    this.#options = options;
    this.#log = log;
    this.#snapshots = snapshots;
    this.#electionFile = new ElectionStateFile(disk, directory);
    const history = recoverVoters(log, snapshots, options.staticVoters);
    checkMembership(history.last, { nodeId, directory, directoryId }, quorum);
    this.#raft = new Raft({
      nodeId,
      directoryId,
      history,
      endpoints: options.endpoints,
      persisted: this.#electionFile.read(),
      log: new DirectoryView(log, snapshots),
      random: quorum?.random ?? NO_CHANCE,
      timeouts: quorum?.timeouts ?? DEFAULT_QUORUM_TIMEOUTS,
      bootstrapServers: quorum?.bootstrapServers ?? [],
      isController: quorum?.isController ?? true,
      autoJoin: quorum?.autoJoin ?? false,
    });
    this.#queue = new AppendQueue(options.serde, MAX_BATCH_SIZE);
    this.#delivery = new ListenerDelivery({ log, snapshots, serde: options.serde, clock });
    this.#parked = new ParkedFetches(clock, (ask, isLast) => this.#step({ kind: 'asked', ask, isAgain: true, isLast }));
    this.#stalls = new StallWatch(clock, (byMs) => this.#happened({ kind: 'stalled', byMs }));
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

  get clusterId(): string {
    return this.#options.quorum?.clusterId ?? '';
  }
  get leadership(): Leadership {
    return this.#raft.leadership;
  }
  /** Whether this node is one of the voters; observers are not. */
  get isVoter(): boolean {
    return this.#raft.isVoter;
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
    return this.#raft.leaderAddress;
  }
  get latestSnapshot(): SnapshotId | undefined {
    return this.#snapshots.latest;
  }
  get quorumInfo(): QuorumInfo {
    const { clock } = this.#options;
    return quorumInfoOf(this.#raft, this.#log.endOffset, { wallMs: clock.nowMs(), monotonicMs: this.#now() });
  }
  /** Answers the requests of other replicas and of tools: Vote, Fetch of the metadata log, AddRaftVoter ... */
  get requests(): Promise<QuorumRequests> {
    this.#requests ??= import('./wire/requests.ts').then(({ QuorumRequests: Requests }) => new Requests(this));
    return this.#requests;
  }

  /**
   * Takes part in the quorum and tells `listeners`, in their order, what is committed. Resolves when it takes part: the only
   * voter leads then, and what was committed before is delivered.
   */
  async start(listeners: readonly RaftListener<T>[]): Promise<void> {
    this.#delivery.listeners = listeners;
    if (this.#options.quorum !== undefined) this.#stalls.start();
    this.#cleanTimer = this.#options.clock.schedule(CLEAN_INTERVAL_MS, () => this.#clean());
    this.#step({ kind: 'start' });
    if (this.#raft.state.name !== 'leader') return;
    await this.#run();
    if (this.#faultReason !== undefined) throw asDamage(this.#faultReason, this.#options.directory);
    if (this.#raft.highWatermark !== undefined) return;
    if (this.#unpersisted !== undefined) throw this.#failure;
    throw new QuorumError('the first record of the epoch could not be written');
  }

  /** Resolves when a leader is known and everything up to its high watermark of that moment was delivered. Rejects when closed. */
  caughtUp(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new NotLeaderError('the raft driver is closed'));
    const caughtUp = this.#waiters.caughtUp();
    this.#lookAround();
    return caughtUp;
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
    if (offset < this.#delivery.deliveredOffset) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(new NotLeaderError('the raft driver is closed'));
    if (this.#raft.state.name !== 'leader') return Promise.reject(new NotLeaderError('this node does not lead'));
    return this.#waiters.committed(offset);
  }

  /**
   * Writes a snapshot of everything up to and with `provenance.offset`, in slices; older snapshots and log then go as
   * the retention allows. Does nothing when there is one already.
   */
  async writeSnapshot(provenance: Provenance, records: Iterable<T>): Promise<void> {
    const id = { endOffset: provenance.offset + 1, epoch: provenance.epoch };
    const latest = this.#snapshots.latest;
    if (latest !== undefined && latest.endOffset >= id.endOffset) return;
    const isCommitted = id.endOffset <= (this.#raft.highWatermark ?? 0);
    assert(provenance.isBatchAligned && isCommitted, 'a snapshot of what is not committed');
    const { clock, serde } = this.#options;
    const writer = this.#snapshots.create(id, {
      lastContainedLogTimestamp: provenance.appendTimeMs,
      nowMs: clock.nowMs(),
      controlRecords: quorumHeader(this.#raft.quorumBefore(id.endOffset)),
    });
    for (const record of records) {
      if (writer.append(serde.encode(record))) await new Promise<void>((resolve) => clock.endOfTurn(resolve));
    }
    await writer.freeze();
    this.#options.logger.log('info', 'wrote a metadata snapshot', { endOffset: id.endOffset, epoch: id.epoch });
  }

  /** Finishes what was appended, then resigns; the other voters are told. The log is closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#run();
    if (!this.#isClosed) {
      this.#step({ kind: 'shutdown' });
      this.#isClosed = true;
      this.#stopTimers();
      this.#waiters.end('the raft driver is closed');
    }
    this.#parked.end();
    const channels = await this.#channels;
    if (channels !== undefined) {
      const { clock } = this.#options;
      await Promise.race([channels.quiet(), new Promise<void>((resolve) => clock.schedule(GOODBYE_MS, resolve))]);
      channels.close();
    }
    await this.#cutting;
    this.#receiver?.file.abandon();
    await this.#log.close();
  }

  // Requests of others

  get leader() {
    const { epoch, leaderId } = this.leadership;
    const { host = '', port = -1 } = this.leaderEndpoint ?? {};
    return { epoch, leaderId, host, port };
  }

  /** Rejects with NotLeaderError when closed. */
  answer(ask: PeerAsk): Promise<PeerAnswer> {
    return new Promise((resolve, reject) => {
      this.#whenWhole(() => {
        if (this.#isClosed) return reject(new NotLeaderError('the raft driver is closed'));
        const answer = this.#step({ kind: 'asked', ask });
        if (answer !== undefined) resolve(answer);
        else if (ask.kind === 'fetch') this.#parked.park(ask, resolve);
        else reject(new QuorumError('the disk of this controller refuses: nothing can be promised'));
      });
    });
  }

  change(ask: PeerAsk): Promise<ChangeResult> {
    return new Promise((resolve, reject) => {
      this.#whenWhole(() => {
        if (this.#isClosed) return reject(new NotLeaderError('the raft driver is closed'));
        const operation = ++this.#operationCount;
        this.#operations.set(operation, resolve);
        this.#step({ kind: 'change', operation, ask });
      });
    });
  }

  // What happens

  #now(): number {
    return this.#options.clock.monotonicMs();
  }

  /** Tells the core, now or when the log is whole again. */
  #happened(event: RaftEvent): void {
    this.#whenWhole(() => {
      if (!this.#isClosed) this.#step(event);
    });
  }

  /** Behind the step that is under way. */
  #happenedSoon(event: RaftEvent): void {
    this.#options.clock.endOfTurn(() => this.#happened(event));
  }

  #whenWhole(action: () => void): void {
    if (this.#cutting === undefined) action();
    else this.#held.push(action);
  }

  /** Carries out what the core says; its answer to a request, unless it may not be given. */
  #step(event: RaftEvent): PeerAnswer | undefined {
    if (this.#isClosed) return undefined;
    const wasLeader = this.#raft.state.name === 'leader';
    const before = this.#news();
    const effects = this.#raft.step(event, this.#now());
    for (const { level, message, fields } of effects.log) this.#options.logger.log(level, message, fields);
    if (effects.fault !== undefined) {
      this.#fault(new QuorumError(effects.fault));
      return undefined;
    }
    const isPromised = this.#persist(effects, event);
    if (isPromised) this.#execute(effects);
    if (wasLeader && this.#raft.state.name !== 'leader') this.#leadershipLost();
    if (effects.leadership !== undefined && this.#raft.state.name !== 'leader') this.#delivery.tellLeadership(this.leadership);
    for (const result of effects.finished) this.#finish(result);
    this.#setTimer(isPromised ? effects.deadlineMs : Math.min(effects.deadlineMs, this.#now() + PERSIST_AGAIN_MS));
    if (effects.highWatermark !== undefined) this.#runSoon();
    if (this.#news() !== before) this.#parked.lookAgain();
    this.#lookAround();
    return isPromised ? effects.answer : undefined;
  }

  /** What parked fetches wait for. */
  #news(): string {
    const { state, flushedOffset, leaderHighWatermark } = this.#raft;
    return `${state.name} ${state.epoch} ${flushedOffset} ${leaderHighWatermark ?? -1}`;
  }

  /** False when the disk refuses: nobody may hear then of what was to be kept. */
  #persist({ persist }: Effects, event: RaftEvent): boolean {
    this.#unpersisted = persist ?? this.#unpersisted;
    if (this.#unpersisted === undefined) return true;
    if (event.kind === 'write failed') return false;
    try {
      this.#electionFile.write(this.#unpersisted, this.kraftVersion, this.#raft.voters.ids);
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
      this.#queueControl(append);
    }
    if (effects.append.length > 0) this.#runSoon();
    if (effects.appendFetched !== undefined) this.#appendFetched(effects.appendFetched);
    if (effects.snapshotPiece !== undefined) this.#take(effects.snapshotPiece);
    const { truncateTo } = effects;
    if (truncateTo !== undefined) this.#cut(() => this.#truncate(truncateTo, { kind: 'truncated' }));
    if (effects.recover) this.#cut(() => this.#truncate(this.#raft.flushedOffset, { kind: 'recovered' }));
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
      this.#stalls.look();
      this.#happened({ kind: 'timeout' });
    });
  }

  #leadershipLost(): void {
    this.#queue.clear();
    this.#delivery.forgetAppended();
    this.#waiters.leadershipLost('this node leads the metadata quorum no more');
  }

  #lookAround(): void {
    const isLed = this.leadership.leaderId !== undefined;
    this.#waiters.look(isLed ? this.#raft.leaderHighWatermark : undefined, this.#delivery.deliveredOffset);
  }

  // Writing

  #queueControl({ baseOffset, epoch, records }: ControlAppend): void {
    const timestamp = this.#options.clock.nowMs();
    const bytes = controlBatch({ baseOffset, epoch, timestamp }, records);
    const lastOffset = baseOffset + records.length - 1;
    const batch = { baseOffset, lastOffset, epoch, appendTimestamp: timestamp, sizeInBytes: bytes.length, records: [] };
    this.#queue.addBatch(bytes, batch);
  }

  #appendFetched(records: Buffer): void {
    try {
      this.#log.append(records);
    } catch (error) {
      return this.#failed(error);
    }
    this.#needsFlush = true;
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

  /** Writes, flushes and delivers until there is nothing to do. One at a time. */
  #run(): Promise<void> {
    this.#running ??= this.#flushAll().finally(() => {
      this.#running = undefined;
      if (this.#hasWork && !this.#isClosed) void this.#run();
    });
    return this.#running;
  }

  get #committedEnd(): number {
    return Math.min(this.#raft.highWatermark ?? 0, this.#raft.flushedOffset);
  }
  get #hasWork(): boolean {
    return this.#needsFlush || !this.#queue.isEmpty || this.#delivery.deliveredOffset < this.#committedEnd;
  }

  async #flushAll(): Promise<void> {
    await this.#cutting;
    while (this.#hasWork && !this.#isClosed) {
      try {
        if (this.#needsFlush || !this.#queue.isEmpty) await this.#flush();
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
    for (const { bytes, batch } of this.#queue.take(this.#options.clock.nowMs())) {
      this.#log.append(bytes);
      this.#delivery.appended(batch);
    }
    const endOffset = this.#log.endOffset;
    await this.#log.flush();
    // The log may have been cut meanwhile: this node leads no more then.
    this.#whenWhole(() => {
      this.#step({ kind: 'flushed', endOffset: Math.min(endOffset, this.#log.endOffset) });
    });
    await this.#cutting;
  }

  async #deliver(): Promise<void> {
    const delivering = this.#delivery.deliver(this.#committedEnd);
    this.#delivering = delivering.catch(() => undefined);
    await delivering;
    const { state } = this.#raft;
    const { deliveredOffset } = this.#delivery;
    // A new leader is told so when the listeners have what came before its epoch.
    if (state.name !== 'leader' || deliveredOffset > state.epochStartOffset) this.#delivery.tellLeadership(this.leadership);
    this.#waiters.delivered(deliveredOffset);
    this.#lookAround();
  }

  /** Nothing else goes on with the log until that is done. */
  #cut(work: () => Promise<RaftEvent>): void {
    this.#delivery.forgetAppended();
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
    if (event !== undefined) this.#step(event);
    const held = this.#held;
    this.#held = [];
    for (const action of held) this.#whenWhole(action);
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
    this.#failure = error;
    this.#options.logger.log('error', 'the metadata log could not be written; giving up its unflushed end', { reason });
    this.#queue.clear();
    this.#delivery.forgetAppended();
    this.#happenedSoon({ kind: 'write failed' });
  }

  /** A listener could not take what is committed: state and log have parted, and only a restart brings them together. */
  #fault(error: unknown): void {
    this.#faultReason = error instanceof Error ? error : new Error(String(error));
    this.#isClosed = true;
    this.#stopTimers();
    this.#queue.clear();
    this.#waiters.end('the raft driver has stopped', this.#faultReason);
    this.#options.onFault(this.#faultReason);
  }

  #stopTimers(): void {
    this.#timer?.cancel();
    this.#cleanTimer?.cancel();
    this.#stalls.stop();
  }

  #clean(): void {
    const { clock, retentionBytes, retentionMs, logger } = this.#options;
    try {
      if (this.#cutting === undefined) {
        cleanSnapshots(this.#log, this.#snapshots, { nowMs: clock.nowMs(), retentionBytes, retentionMs });
      }
    } catch (error) {
      logger.log('error', 'old metadata could not be cleaned', { reason: String(error) });
    }
    this.#cleanTimer = clock.schedule(CLEAN_INTERVAL_MS, () => this.#clean());
  }
}
