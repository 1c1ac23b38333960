// The last offset of each key in the dirty part of a log (Kafka's SkimpyOffsetMap): 16 bytes of hash and 8 of offset for each, in
// one table with open addressing. The table is no larger than the records of a pass can fill.
import { KeyHash } from './key-hash.ts';
import { LatestOffsets } from './latest-offsets.ts';

/** Bytes of an entry, as in Kafka: what the memory of a pass divides by. */
export const ENTRY_BYTES = 24;
/** Entries of the table for each that is used at most, where memory allows it: probes stay short. */
const ROOM_PER_ENTRY = 1.6;
const FEWEST_SLOTS = 16;
const WORDS = 6;
/** The bits for `latest` take at most this share of the table's memory. */
const MOST_LATEST = 1 / 16;

export interface OffsetMapOptions {
  /** Entries that the memory of a pass holds. */
  readonly slots: number;
  /** How many of them may be used, from 0 to 1. */
  readonly loadFactor: number;
  /** Not more keys than this will come. */
  readonly mostKeys: number;
  /** The offsets that come, ascending: [firstOffset, endOffset). */
  readonly firstOffset: number;
  readonly endOffset: number;
  /** 16 bytes that nobody knows. */
  readonly secret: Uint8Array;
}

export class OffsetMap {
  /** Keys that it takes. */
  readonly capacity: number;
  size = 0;
  /** The last offset that it knows of, whether of a key or not; -1 at first. */
  latestOffset = -1;
  /** Which of the offsets that were put are the last of their keys; undefined where they lie too far apart. */
  readonly latest: LatestOffsets | undefined;
  readonly #hash: KeyHash;
  readonly #slots: number;
  readonly #words: Int32Array;
  /** The third double of an entry: offset + 1, 0 for a free one. */
  readonly #offsets: Float64Array;

  constructor({ slots, loadFactor, mostKeys, firstOffset, endOffset, secret }: OffsetMapOptions) {
    this.capacity = Math.floor(slots * loadFactor);
    const mostUsed = Math.min(mostKeys, this.capacity);
    // One stays free in any case: it ends the search for a key that is not there.
    this.#slots = Math.max(FEWEST_SLOTS, mostUsed + 1, Math.min(slots, Math.ceil(mostUsed * ROOM_PER_ENTRY)));
    this.#hash = new KeyHash(secret);
    const memory = new ArrayBuffer(this.#slots * ENTRY_BYTES);
    this.#words = new Int32Array(memory);
    this.#offsets = new Float64Array(memory);
    const offsets = endOffset - firstOffset;
    const isDense = LatestOffsets.bytesFor(offsets) <= memory.byteLength * MOST_LATEST;
    this.latest = isDense ? new LatestOffsets(firstOffset, offsets) : undefined;
  }

  get isFull(): boolean {
    return this.size >= this.capacity;
  }

  /** Share of the memory of a pass that is used. */
  utilization(slots: number): number {
    return this.size / slots;
  }

  /** `view` lies over the key, `length` bytes at `at`. The map must not be full. */
  put(view: DataView, at: number, length: number, offset: number): void {
    const slot = this.#find(view, at, length);
    const place = slot * 3 + 2;
    const before = this.#offsets[place] as number;
    if (before === 0) {
      this.#words.set(this.#hash.words, slot * WORDS);
      this.size++;
    } else this.latest?.delete(before - 1);
    this.latest?.add(offset);
    this.#offsets[place] = offset + 1;
    this.latestOffset = offset;
  }

  /** -1 when the key is not there. */
  get(view: DataView, at: number, length: number): number {
    return (this.#offsets[this.#find(view, at, length) * 3 + 2] as number) - 1;
  }

  /** Where the key is, or would be. */
  #find(view: DataView, at: number, length: number): number {
    this.#hash.hash(view, at, length);
    const hash = this.#hash.words;
    const a = hash[0] as number;
    const b = hash[1] as number;
    const c = hash[2] as number;
    const d = hash[3] as number;
    const words = this.#words;
    const offsets = this.#offsets;
    let slot = (a >>> 0) % this.#slots;
    while (offsets[slot * 3 + 2] !== 0) {
      const word = slot * WORDS;
      if (words[word] === a && words[word + 1] === b && words[word + 2] === c && words[word + 3] === d) break;
      if (++slot === this.#slots) slot = 0;
    }
    return slot;
  }
}
