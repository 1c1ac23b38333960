// What differs from run to run and comes back in later requests: captured ids, and the producer ids that stand inside
// record batches, whose CRC is then redone.
import { crc32c } from '../../src/protocol/index.ts';
import type { Binding } from './line.ts';
import type { Body } from './wire.ts';

/** Also of requests that have it for versions of before a change. */
const PRODUCER_ID = /^(producerId|v3AndBelowProducerId)$/;

/** Offsets inside a record batch of magic 2. */
const BATCH = {
  length: 8,
  magic: 16,
  crc: 17,
  attributes: 21,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  headerBytes: 61,
} as const;

export class Variables {
  readonly #values = new Map<string, unknown>();
  /** Producer ids: recorded → given by the broker under test, and back. */
  readonly #producerIds = new Map<number, number>();
  readonly #recordedProducerIds = new Map<number, number>();

  capture(bindings: readonly Binding[], answer: Body): void {
    for (const { pointer, var: name } of bindings) {
      const value = at(answer, pointer);
      if (value !== undefined) this.#values.set(name, value);
    }
  }

  /** Puts the captured values into a request; false when there was nothing to put. */
  substitute(bindings: readonly Binding[], request: Body): boolean {
    let isChanged = false;
    for (const { pointer, var: name } of bindings) {
      const value = this.#values.get(name);
      if (value === undefined) continue;
      const cut = pointer.lastIndexOf('/');
      const holder = at(request, pointer.slice(0, cut)) as Body | undefined;
      const field = pointer.slice(cut + 1);
      if (holder === undefined || !(field in holder)) throw new Error(`no ${pointer} in the request`);
      holder[field] = value;
      isChanged = true;
    }
    return isChanged;
  }

  /** Remembers the ids of two answers that belong together. */
  pairProducers(recorded: unknown, given: unknown): void {
    const from = Number(recorded);
    const to = Number(given);
    if (!(from >= 0) || !(to >= 0)) return;
    this.#producerIds.set(from, to);
    this.#recordedProducerIds.set(to, from);
  }

  /** Replaces recorded producer ids in the fields of a request; false when there was none that is known. */
  renameProducers(request: unknown): boolean {
    if (typeof request !== 'object' || request === null || request instanceof Uint8Array) return false;
    const fields = request as Body;
    let isChanged = false;
    for (const [name, value] of Object.entries(fields)) {
      if (!PRODUCER_ID.test(name)) {
        isChanged = this.renameProducers(value) || isChanged;
        continue;
      }
      const given = this.#producerIds.get(Number(value));
      // Versions that do not have the field decode to 0.
      const isAbsent = name !== 'producerId' && value === 0;
      if (given === undefined || given === value || isAbsent) continue;
      fields[name] = given;
      isChanged = true;
    }
    return isChanged;
  }

  /** Replaces recorded producer ids in batches, in place. */
  renameInBatches(records: Uint8Array): void {
    renameProducers(records, this.#producerIds);
  }

  /** Gives an answer's producer ids (fields and batches) the names that they had when it was recorded, in place. */
  restoreProducers(body: unknown): void {
    if (typeof body !== 'object' || body === null || body instanceof Uint8Array) return;
    const fields = body as Body;
    for (const [name, value] of Object.entries(fields)) {
      if (name === 'producerId') fields[name] = this.#recordedProducerIds.get(Number(value)) ?? value;
      else if (name === 'records' && value instanceof Uint8Array) renameProducers(value, this.#recordedProducerIds);
      else this.restoreProducers(value);
    }
  }
}

function at(body: unknown, pointer: string): unknown {
  let value = body;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** Whole batches with a known id and a right CRC are changed; anything else is left as it is, bad CRCs above all. */
function renameProducers(records: Uint8Array, names: ReadonlyMap<number, number>): void {
  const view = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  for (const [start, end] of batchesIn(view)) {
    const name = names.get(Number(view.readBigInt64BE(start + BATCH.producerId)));
    const covered = view.subarray(start + BATCH.attributes, end);
    if (name === undefined || view.readUInt32BE(start + BATCH.crc) !== crc32c(covered) >>> 0) continue;
    view.writeBigInt64BE(BigInt(name), start + BATCH.producerId);
    view.writeUInt32BE(crc32c(covered) >>> 0, start + BATCH.crc);
  }
}

/** Bit of the attributes. */
const IS_CONTROL = 0x20;

/** The same bytes, save that the batches of markers carry no time: that is the clock of the broker. */
export function withoutMarkerTimes(records: Uint8Array): Buffer {
  const view = Buffer.from(records);
  for (const [start] of batchesIn(view)) {
    if ((view.readInt16BE(start + BATCH.attributes) & IS_CONTROL) === 0) continue;
    view.fill(0, start + BATCH.baseTimestamp, start + BATCH.producerId);
    view.fill(0, start + BATCH.crc, start + BATCH.attributes);
  }
  return view;
}

const AHEAD_MS = 7_200_000n;

/** Moves the timestamps of each batch so that its newest record lies two hours ahead of now. */
export function moveAheadOfNow(records: Uint8Array): void {
  const view = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  for (const [start, end] of batchesIn(view)) {
    const newest = view.readBigInt64BE(start + BATCH.maxTimestamp);
    const shift = BigInt(Date.now()) + AHEAD_MS - newest;
    view.writeBigInt64BE(view.readBigInt64BE(start + BATCH.baseTimestamp) + shift, start + BATCH.baseTimestamp);
    view.writeBigInt64BE(newest + shift, start + BATCH.maxTimestamp);
    view.writeUInt32BE(crc32c(view.subarray(start + BATCH.attributes, end)) >>> 0, start + BATCH.crc);
  }
}

/** Start and end of each whole batch of magic 2. */
function* batchesIn(view: Buffer): Generator<readonly [start: number, end: number]> {
  let start = 0;
  while (start + BATCH.headerBytes <= view.length) {
    const end = start + 12 + view.readInt32BE(start + BATCH.length);
    if (end > view.length || end < start + BATCH.headerBytes || view[start + BATCH.magic] !== 2) return;
    yield [start, end];
    start = end;
  }
}
