// Raft with a log, a disk and peers (Kafka: KafkaRaftClient): what the rest of the node knows of it. Appends are gathered: the first
// goes out at the end of its turn, what comes while a flush is under way goes out together behind it.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { assert, type Timer } from '../../runtime/index.ts';
import type { Provenance } from '../committed/index.ts';
import { ElectionStateFile } from './election-state.ts';
import { DirectoryView } from './log-view.ts';
import { asDamage, setDamagedSnapshotsAside } from './metadata-damage.ts';
import type { PeerAnswer, PeerAsk } from './peer-messages.ts';
import { checkMembership, QuorumError, type QuorumInfo, quorumInfoOf } from './quorum-info.ts';
import { DEFAULT_QUORUM_TIMEOUTS, type PeerAddress } from './quorum-peers.ts';
import type { ChangeResult, Leadership } from './raft-effects.ts';
import { NO_CHANCE, type RaftDriverOptions } from './raft-driver-options.ts';
import type { RaftListener } from './raft-listener.ts';
import { RaftExecution } from './raft-execution.ts';
import { NotLeaderError, Raft } from './raft.ts';
import { quorumHeader, recoverVoters } from './recover-voters.ts';
import type { ReplicatedLog } from './replicated-log.ts';
import { cleanSnapshots } from './snapshot-cleaner.ts';
import { SnapshotFiles, type SnapshotId } from './snapshot-files.ts';
import type { VoterSet } from './voter-set.ts';
import type { QuorumDesk, QuorumRequests } from './wire/requests.ts';

const CLEAN_INTERVAL_MS = 60_000;
/** How long a leader that goes waits for the others to take notice. */
const GOODBYE_MS = 1000;

export class RaftDriver<T> implements QuorumDesk {
  readonly #options: RaftDriverOptions<T>;
  readonly #log: ReplicatedLog;
  readonly #snapshots: SnapshotFiles;
  readonly #raft: Raft;
  readonly #execution: RaftExecution<T>;
  #requests: Promise<QuorumRequests> | undefined;
  #cleanTimer: Timer | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: RaftDriverOptions<T>, snapshots: SnapshotFiles) {
    const { disk, directory, nodeId, directoryId, log, quorum } = options;
    this.#options = options;
    this.#log = log;
    this.#snapshots = snapshots;
    const history = recoverVoters(log, snapshots, options.staticVoters);
    checkMembership(history.last, { nodeId, directory, directoryId }, quorum);
    this.#raft = new Raft({
      nodeId,
      directoryId,
      history,
      endpoints: options.endpoints,
      persisted: new ElectionStateFile(disk, directory).read(),
      log: new DirectoryView(log, snapshots),
      random: quorum?.random ?? NO_CHANCE,
      timeouts: quorum?.timeouts ?? DEFAULT_QUORUM_TIMEOUTS,
      bootstrapServers: quorum?.bootstrapServers ?? [],
      isController: quorum?.isController ?? true,
      autoJoin: quorum?.autoJoin ?? false,
      maxBytes: quorum?.maxBytes,
    });
    this.#execution = new RaftExecution(options, snapshots, this.#raft);
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
  /** What this node is in the quorum (the table in raft.ts), and whom it has voted for in this epoch; -1: nobody. */
  get standing(): { readonly state: string; readonly votedId: number } {
    const { state } = this.#raft;
    const votedId = state.name === 'leader' ? this.#options.nodeId : (state.voted?.id ?? -1);
    return { state: state.name, votedId };
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
  /** Why the disk has refused what was to be kept last; undefined: it has taken it. */
  get diskFailure(): unknown {
    return this.#execution.failure;
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
    this.#execution.delivery.listeners = listeners;
    if (this.#options.quorum !== undefined) this.#execution.stalls.start();
    this.#cleanTimer = this.#options.clock.schedule(CLEAN_INTERVAL_MS, () => this.#clean());
    this.#execution.step({ kind: 'start' });
    if (this.#raft.state.name !== 'leader') return;
    await this.#execution.run();
    if (this.#execution.faultReason !== undefined) throw asDamage(this.#execution.faultReason, this.#options.directory);
    if (this.#raft.highWatermark !== undefined) return;
    if (this.#execution.failure !== undefined) throw this.#execution.failure;
    throw new QuorumError('the first record of the epoch could not be written');
  }

  /** Resolves when a leader is known and everything up to its high watermark of that moment was delivered. Rejects when closed. */
  caughtUp(): Promise<void> {
    if (this.#execution.isClosed) return Promise.reject(new NotLeaderError('the raft driver is closed'));
    const caughtUp = this.#execution.waiters.caughtUp();
    this.#execution.lookAround();
    return caughtUp;
  }

  /**
   * Appends records in one atomic batch of this epoch and returns the offset of the last one. They are not committed then.
   * Throws NotLeaderError.
   */
  append(records: readonly T[], epoch: number): number {
    assert(records.length > 0, 'an append without records');
    if (this.#execution.isClosed) throw new NotLeaderError('the raft driver is closed');
    const baseOffset = this.#raft.prepareAppend(epoch, records.length);
    this.#execution.queue.add(records, { baseOffset, epoch });
    this.#execution.runSoon();
    return baseOffset + records.length - 1;
  }

  /** Raises the feature kraft.version; its level and the voters go into the log. As `append` otherwise. */
  raiseKraftVersion(version: number, epoch: number): number {
    if (this.#execution.isClosed) throw new NotLeaderError('the raft driver is closed');
    const append = this.#raft.raiseKraftVersion(epoch, version);
    this.#execution.queueControl(append);
    this.#execution.runSoon();
    return append.baseOffset + append.records.length - 1;
  }

  /** Resolves when `offset` is committed and the listeners have it; rejects with NotLeaderError when that is uncertain. */
  committed(offset: number): Promise<void> {
    if (offset < this.#execution.delivery.deliveredOffset) return Promise.resolve();
    if (this.#execution.isClosed) return Promise.reject(new NotLeaderError('the raft driver is closed'));
    if (this.#raft.state.name !== 'leader') return Promise.reject(new NotLeaderError('this node does not lead'));
    return this.#execution.waiters.committed(offset);
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

  /** Fetches of other nodes that wait for news get what there is: nobody waits for them any more. */
  endWaits(): void {
    this.#execution.parked.end();
  }

  /** Finishes what was appended, then resigns; the other voters are told. The log is closed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const execution = this.#execution;
    await execution.run();
    if (!execution.isClosed) {
      execution.step({ kind: 'shutdown' });
      execution.stop('the raft driver is closed');
    }
    this.#cleanTimer?.cancel();
    await execution.closeChannels(GOODBYE_MS);
    await this.#log.close();
  }

  // Requests of others

  get leader() {
    const { epoch, leaderId } = this.leadership;
    const { host = '', port = -1 } = this.leaderEndpoint ?? {};
    return { epoch, leaderId, host, port };
  }

  /** Rejects with KafkaError BROKER_NOT_AVAILABLE when closed, and when the disk refuses what would have to be kept. */
  answer(ask: PeerAsk): Promise<PeerAnswer> {
    const execution = this.#execution;
    return new Promise((resolve, reject) => {
      execution.whenWhole(() => {
        if (execution.isClosed) return reject(unavailable('this controller is closed'));
        const answer = execution.step({ kind: 'asked', ask });
        if (answer !== undefined) resolve(answer);
        else if (ask.kind === 'fetch' && execution.isPersisted) execution.parked.park(ask, resolve);
        else reject(unavailable('the disk of this controller refuses: nothing can be promised'));
      });
    });
  }

  change(ask: PeerAsk): Promise<ChangeResult> {
    const execution = this.#execution;
    return new Promise((resolve, reject) => {
      execution.whenWhole(() => {
        if (execution.isClosed) reject(unavailable('this controller is closed'));
        else resolve(execution.change(ask));
      });
    });
  }

  #now(): number {
    return this.#options.clock.monotonicMs();
  }

  #clean(): void {
    const { clock, retentionBytes, retentionMs, logger } = this.#options;
    try {
      if (!this.#execution.isCutting) {
        cleanSnapshots(this.#log, this.#snapshots, { nowMs: clock.nowMs(), retentionBytes, retentionMs });
      }
    } catch (error) {
      logger.log('error', 'old metadata could not be cleaned', { reason: String(error) });
    }
    this.#cleanTimer = clock.schedule(CLEAN_INTERVAL_MS, () => this.#clean());
  }
}

const unavailable = (text: string): KafkaError => new KafkaError(Errors.BROKER_NOT_AVAILABLE, text);
