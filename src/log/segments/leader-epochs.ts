// `leader-epoch-checkpoint`: at which offset each leader epoch of a partition begins (KIP-101, KIP-279; Kafka's
// LeaderEpochFileCache). It is read on first use and written when the log is flushed or closed: what a crash takes away,
// recovery finds again in the batches above the recovery point, which all carry their epoch. A file that is missing, damaged or
// contradicted by the last batch is made anew from the batches.
import { type Disk, readTextSync, replaceFileSync } from '../../runtime/index.ts';
import { parseCheckpoint } from './checkpoints.ts';

export const LEADER_EPOCH_FILE = 'leader-epoch-checkpoint';
const NO_EPOCH = -1;
const NO_END_OFFSET = -1;

export interface EpochEnd {
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

export class LeaderEpochs {
  readonly #disk: Disk;
  #path: string;
  /** Two numbers an entry, epoch and start offset, ascending; undefined until first needed. */
  #entries: number[] | undefined;
  /** What was assigned before the file was read. */
  #waiting: number[] = [];
  /** What the log had when it was opened: the file may know of more. */
  #logStartOffset = 0;
  #logEndOffset = Number.MAX_SAFE_INTEGER;
  /** The last batch's epoch; -1: not known. */
  #lastEpoch = NO_EPOCH;
  readonly #scan: () => number[];
  #isDirty = false;

  /** `scan`: entries from the batches, for when the file cannot be used; undefined: of a log without any, and without a file. */
  constructor(disk: Disk, directory: string, scan: (() => number[]) | undefined) {
    this.#disk = disk;
    this.#path = `${directory}/${LEADER_EPOCH_FILE}`;
    this.#scan = scan ?? (() => []);
    if (scan === undefined) this.#entries = [];
  }

  /**
   * The log has been opened with these bounds, and its last batch is of `lastEpoch` (-1: not known): epochs outside of them are
   * dropped, now or when the file is read.
   */
  bound(logStartOffset: number, logEndOffset: number, lastEpoch: number): void {
    this.#lastEpoch = lastEpoch;
    this.#logStartOffset = logStartOffset;
    this.#logEndOffset = logEndOffset;
    if (this.#entries === undefined) return;
    this.truncateFromEnd(logEndOffset);
    this.truncateFromStart(logStartOffset);
  }

  /** Begins anew without the file: every epoch will be assigned again. */
  forget(): void {
    this.#entries = [];
    this.#isDirty = true;
  }

  /** The partition's directory has been renamed. */
  moveTo(directory: string): void {
    this.#path = `${directory}/${LEADER_EPOCH_FILE}`;
  }

  /** Reads the file if that has not been done. Throws DiskError. */
  read(): void {
    this.#load();
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** -1 when there is none. Throws DiskError when the file cannot be read. */
  get latestEpoch(): number {
    const entries = this.#load();
    return entries.length === 0 ? NO_EPOCH : (entries[entries.length - 2] as number);
  }

  get entries(): readonly { readonly epoch: number; readonly startOffset: number }[] {
    const entries = this.#load();
    const list: { epoch: number; startOffset: number }[] = [];
    for (let i = 0; i < entries.length; i += 2) {
      list.push({ epoch: entries[i] as number, startOffset: entries[i + 1] as number });
    }
    return list;
  }

  /**
   * Notes that `epoch` begins at `startOffset`. Nothing changes when it is the latest one already and begins no later;
   * entries that contradict it (a higher epoch, a later start) are dropped.
   */
  assign(epoch: number, startOffset: number): void {
    if (this.#entries === undefined) {
      this.#waiting.push(epoch, startOffset);
      return;
    }
    this.#isDirty = assignTo(this.#entries, epoch, startOffset) || this.#isDirty;
  }

  /**
   * The largest epoch not above `epoch`, and where the one after it begins; `logEndOffset` ends the latest one.
   * (-1, -1) when `epoch` is above the latest, -1, or nothing is known.
   */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEnd {
    const entries = this.#load();
    const latest = entries.length === 0 ? NO_EPOCH : (entries[entries.length - 2] as number);
    if (epoch === NO_EPOCH || entries.length === 0 || epoch > latest)
      return { leaderEpoch: NO_EPOCH, endOffset: NO_END_OFFSET };
    if (epoch === latest) return { leaderEpoch: epoch, endOffset: logEndOffset };
    let next = 0;
    while ((entries[next] as number) <= epoch) next += 2;
    const endOffset = entries[next + 1] as number;
    // Older than all that is kept: Kafka answers the epoch asked for, with the start of the first one known.
    return { leaderEpoch: next === 0 ? epoch : (entries[next - 2] as number), endOffset };
  }

  /** The epoch of the record at `offset`; -1 when unknown. */
  epochOf(offset: number): number {
    const entries = this.#load();
    let found = NO_EPOCH;
    for (let i = 0; i < entries.length && (entries[i + 1] as number) <= offset; i += 2) found = entries[i] as number;
    return found;
  }

  /** Drops epochs that begin at `endOffset` or later. */
  truncateFromEnd(endOffset: number): void {
    const entries = this.#load();
    let length = entries.length;
    while (length > 0 && (entries[length - 1] as number) >= endOffset) length -= 2;
    if (length === entries.length) return;
    entries.length = length;
    this.#isDirty = true;
  }

  /** The log begins at `startOffset` now: the epoch that covers it begins there, older ones are gone. */
  truncateFromStart(startOffset: number): void {
    const entries = this.#load();
    let covering = -2;
    while (covering + 2 < entries.length && (entries[covering + 3] as number) <= startOffset) covering += 2;
    if (covering < 0 || (covering === 0 && entries[1] === startOffset)) return;
    entries.splice(0, covering);
    entries[1] = startOffset;
    this.#isDirty = true;
  }

  clear(): void {
    this.#isDirty = this.#isDirty || this.#load().length > 0;
    this.#entries = [];
    this.#waiting = [];
  }

  /**
   * Writes the file if it has changed. `flush`: on stable storage when this returns. Epochs that were assigned to a log that
   * nobody has written to since are not worth it: they have no records, and the next leader gets a later epoch. Throws DiskError.
   */
  save(flush: boolean): void {
    if (!this.#isDirty || this.#entries === undefined) return;
    const lines = [`0\n${this.#entries.length / 2}\n`];
    for (let i = 0; i < this.#entries.length; i += 2) lines.push(`${this.#entries[i]} ${this.#entries[i + 1]}\n`);
    replaceFileSync(this.#disk, this.#path, lines.join(''), flush);
    this.#isDirty = false;
  }

  #load(): number[] {
    if (this.#entries === undefined) {
      this.#entries = parseEpochs(readTextSync(this.#disk, this.#path)) ?? this.#scanned();
      this.truncateFromEnd(this.#logEndOffset);
      if (this.#lastEpoch >= 0 && this.#lastEpoch !== (this.#entries[this.#entries.length - 2] ?? NO_EPOCH)) {
        this.#entries = this.#scanned();
      }
      this.truncateFromStart(this.#logStartOffset);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (let i = 0; i < waiting.length; i += 2) this.assign(waiting[i] as number, waiting[i + 1] as number);
    }
    return this.#entries;
  }

  #scanned(): number[] {
    const entries = this.#scan();
    this.#isDirty ||= entries.length > 0;
    return entries;
  }
}

function assignTo(entries: number[], epoch: number, startOffset: number): boolean {
  const length = entries.length;
  if (length > 0 && entries[length - 2] === epoch && (entries[length - 1] as number) <= startOffset) return false;
  let keep = length;
  while (keep > 0 && ((entries[keep - 2] as number) >= epoch || (entries[keep - 1] as number) >= startOffset))
    keep -= 2;
  entries.length = keep;
  entries.push(epoch, startOffset);
  return true;
}

/** undefined for a file that is missing, empty or not whole. */
function parseEpochs(text = ''): number[] | undefined {
  const lines = parseCheckpoint(text);
  if (text === '' || lines === undefined) return undefined;
  const entries: number[] = [];
  for (const line of lines) {
    const match = /^(\d{1,10}) (\d{1,19})$/.exec(line);
    const [epoch, startOffset] = [Number(match?.[1] ?? Number.NaN), Number(match?.[2] ?? Number.NaN)];
    const length = entries.length;
    const goesUp = epoch > (entries[length - 2] ?? NO_EPOCH) && startOffset > (entries[length - 1] ?? -1);
    if (!goesUp || epoch >= 0x7fff_ffff || !Number.isSafeInteger(startOffset)) return undefined;
    entries.push(epoch, startOffset);
  }
  return entries;
}
