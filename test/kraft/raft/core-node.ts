// One node of a quorum for tests of the pure core: it does what the core says, at once, save for flushes, which somebody else ends.
import type { ElectionState } from '../../../src/kraft/raft/election-state.ts';
import type { Outgoing } from '../../../src/kraft/raft/outbox.ts';
import type { FetchAsk, PeerAnswer, PeerAsk } from '../../../src/kraft/raft/peer-messages.ts';
import { DEFAULT_QUORUM_TIMEOUTS } from '../../../src/kraft/raft/quorum-peers.ts';
import { controlBatch, dataBatch, readControlBatches } from '../../../src/kraft/raft/raft-batches.ts';
import type { ChangeResult, ControlAppend, Effects, LogLine } from '../../../src/kraft/raft/raft-effects.ts';
import { Raft, type RaftEvent, type RaftOptions } from '../../../src/kraft/raft/raft.ts';
import { VoterHistory } from '../../../src/kraft/raft/voter-history.ts';
import { type Voter, VoterSet } from '../../../src/kraft/raft/voter-set.ts';
import type { Random } from '../../../src/runtime/index.ts';
import { MemoryLog } from './memory-log.ts';

export interface Letter {
  readonly from: number;
  readonly outgoing: Outgoing;
}

interface Parked {
  readonly ask: FetchAsk;
  readonly untilMs: number;
  readonly reply: (answer: PeerAnswer) => void;
}

export interface NodeRim {
  now(): number;
  readonly random: Random;
  send(letter: Letter): void;
  /** A flush is under way, or a snapshot was installed: `done` is to be called some time. */
  flushing(node: CoreNode): void;
  /** Looked at after each step. */
  check?(node: CoreNode, effects: Effects): void;
}

export const directoryOf = (id: number): string => `${String(id).padStart(4, '0')}AAAAAAAAAAAAAAAAAA`;

export const voterOf = (id: number, kraftVersion = 1): Voter => ({
  id,
  directoryId: kraftVersion >= 1 ? directoryOf(id) : 'AAAAAAAAAAAAAAAAAAAAAA',
  endpoints: [{ name: 'CONTROLLER', host: `node-${id}`, port: 9093 }],
  minKraftVersion: 0,
  maxKraftVersion: 1,
});

export class CoreNode {
  readonly id: number;
  readonly log = new MemoryLog();
  readonly told: LogLine[] = [];
  readonly finished: ChangeResult[] = [];
  readonly faults: string[] = [];
  election: ElectionState | undefined;
  raft: Raft;
  deadlineMs = Number.POSITIVE_INFINITY;
  isFlushing = false;
  isUp = true;
  /** Which life this is. */
  incarnation = 0;
  download: { readonly position: number; readonly bytes: Buffer }[] = [];
  readonly #rim: NodeRim;
  readonly #options: Partial<RaftOptions> & { readonly voterIds: readonly number[]; readonly kraftVersion?: number };
  #parked: Parked[] = [];
  #operations = 0;

  constructor(
    id: number,
    rim: NodeRim,
    options: Partial<RaftOptions> & { readonly voterIds: readonly number[]; readonly kraftVersion?: number },
  ) {
    this.id = id;
    this.#rim = rim;
    this.#options = options;
    this.raft = this.#open();
  }

  /** The first voters stand in the snapshot of the format, or in the configuration. */
  #history(): VoterHistory {
    const { voterIds, kraftVersion = 1 } = this.#options;
    const voters = new VoterSet(voterIds.map((id) => voterOf(id, kraftVersion)));
    const history = new VoterHistory({ voters, kraftVersion, votersOffset: -1 });
    const snapshot = this.log.latestSnapshot;
    if (snapshot !== undefined) history.addFrom(snapshot.bytes);
    for (const { bytes } of this.log.batches) history.addFrom(bytes);
    return history;
  }

  #open(): Raft {
    const { id, log } = this;
    return new Raft({
      nodeId: id,
      directoryId: directoryOf(id),
      history: this.#history(),
      endpoints: voterOf(id).endpoints,
      persisted: this.election,
      log,
      random: this.#rim.random,
      timeouts: DEFAULT_QUORUM_TIMEOUTS,
      bootstrapServers: [],
      isController: true,
      autoJoin: false,
      ...this.#options,
    });
  }

  start(): void {
    this.step({ kind: 'start' });
  }

  /** `keep`: how many unflushed batches the disk has kept. */
  crash(keep = 0): void {
    this.isUp = false;
    this.isFlushing = false;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#parked = [];
    this.download = [];
    this.log.crash(keep);
  }

  restart(): void {
    this.isUp = true;
    this.incarnation += 1;
    this.raft = this.#open();
    this.start();
  }

  step(event: RaftEvent): Effects {
    const effects = this.raft.step(event, this.#rim.now());
    this.told.push(...effects.log);
    if (effects.fault !== undefined) this.faults.push(effects.fault);
    this.finished.push(...effects.finished);
    if (effects.persist !== undefined) this.election = effects.persist;
    for (const append of effects.append) this.#appendControl(append);
    let isFlushing = effects.append.length > 0;
    if (effects.appendFetched !== undefined) {
      this.log.append(effects.appendFetched);
      isFlushing = true;
    }
    this.deadlineMs = effects.deadlineMs;
    this.#rim.check?.(this, effects);
    if (effects.recover) {
      this.log.truncateTo(this.raft.flushedOffset);
      this.step({ kind: 'recovered' });
    }
    if (effects.truncateTo !== undefined) {
      this.log.truncateTo(effects.truncateTo);
      this.step({ kind: 'truncated' });
    }
    if (effects.snapshotPiece !== undefined) this.#takePiece(effects);
    if (isFlushing) this.#flushSoon();
    for (const outgoing of effects.send) this.#rim.send({ from: this.id, outgoing });
    this.#lookAtParked();
    return effects;
  }

  #takePiece({ snapshotPiece }: Effects): void {
    if (snapshotPiece === undefined) return;
    const { id, position, bytes, isLast } = snapshotPiece;
    if (position === 0) this.download = [];
    this.download.push({ position, bytes });
    if (!isLast) return void this.step({ kind: 'piece written' });
    this.log.startAt({ ...id, bytes: Buffer.concat(this.download.map((piece) => piece.bytes)) });
    this.step({ kind: 'snapshot installed', quorum: { ...this.#history().last, votersOffset: id.endOffset - 1 } });
  }

  #flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    this.#rim.flushing(this);
  }

  /** Everything that has been appended is on stable storage now. */
  flushed(): void {
    if (!this.isFlushing) return;
    this.isFlushing = false;
    this.log.flushedOffset = this.log.endOffset;
    this.step({ kind: 'flushed', endOffset: this.log.endOffset });
  }

  #appendControl({ baseOffset, epoch, records }: ControlAppend): void {
    this.log.append(controlBatch({ baseOffset, epoch, timestamp: 0 }, records));
  }

  /** As the leader; the offset of the record. Throws NotLeaderError. */
  append(text: string): number {
    const { epoch } = this.raft.leadership;
    const baseOffset = this.raft.prepareAppend(epoch, 1);
    this.log.append(dataBatch({ baseOffset, epoch, timestamp: 0 }, [Buffer.from(text)]));
    this.#flushSoon();
    return baseOffset;
  }

  change(ask: PeerAsk): number {
    this.step({ kind: 'change', operation: ++this.#operations, ask });
    return this.#operations;
  }

  ask(ask: PeerAsk, reply: (answer: PeerAnswer) => void): void {
    if (ask.kind === 'levels') return reply({ kind: 'levels', errorCode: 0, levels: { min: 0, max: 1 } });
    if (ask.kind === 'update voter') {
      const operation = this.change(ask);
      const errorCode = this.finished.find((result) => result.operation === operation)?.errorCode ?? 0;
      const { epoch, leaderId } = this.raft.leadership;
      return reply({ kind: 'update voter', errorCode, epoch, leaderId, leaderAddress: undefined });
    }
    const { answer } = this.step({ kind: 'asked', ask });
    if (answer !== undefined) reply(answer);
    else if (ask.kind === 'fetch') this.#parked.push({ ask, reply, untilMs: this.#rim.now() + ask.maxWaitMs });
  }

  /** Fetches whose wait is over are answered with what there is. */
  endWaits(): void {
    this.#lookAtParked();
  }

  get parkedUntilMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#parked.map(({ untilMs }) => untilMs));
  }

  #isLooking = false;
  #lookAtParked(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (const parked of this.#parked.slice()) {
      const isLast = parked.untilMs <= this.#rim.now();
      const { answer } = this.step({ kind: 'asked', ask: parked.ask, isAgain: true, isLast });
      if (answer === undefined) continue;
      this.#parked.splice(this.#parked.indexOf(parked), 1);
      parked.reply(answer);
    }
    this.#isLooking = false;
  }

  /** Voters records that are in the log, by where. */
  get votersRecords(): number[] {
    return this.log.batches
      .filter(({ bytes }) => [...readControlBatches(bytes)].some(hasVoters))
      .map(({ baseOffset }) => baseOffset);
  }
}

function hasVoters({ controlRecords }: { controlRecords: readonly { type: string }[] }): boolean {
  return controlRecords.some(({ type }) => type === 'KRaftVoters');
}
