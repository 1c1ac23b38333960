// kafka-dump-log on what lies beside a log: offset and time indexes held against the log, aborted transactions, producers.
import { basename, dirname, join, resolve } from 'node:path';
import { lastOffsetOf, loadCodec, recordsOf } from '../../protocol/index.ts';
import { exactInt64At, int16At, int32At, int64At } from '../../protocol/records/index.ts';
import { crc32c, magic, MAGIC_V2 } from '../../protocol/index.ts';
import { print, complain, type ToolIo } from '../tool-io.ts';
import { batchesIn } from './dump-log-batches.ts';
import { JavaError } from './java-error.ts';
import { hashOrderOfEntries } from './java-order.ts';

export interface IndexDumpOptions {
  readonly onlySanity: boolean;
  readonly onlyVerify: boolean;
  readonly maxMessageSize: number;
}

export type Mismatches = Map<string, [bigint | number, bigint | number][]>;

const OFFSET_ENTRY = 8;
const TIME_ENTRY = 12;
const TRANSACTION_ENTRY = 34;
const PRODUCER_ENTRY = 46;
const PRODUCERS_AT = 10;
const LARGEST_INT = 2_147_483_647;

const startOffsetOf = (path: string): number => Number(basename(path).split('.')[0]);
const besides = (path: string, suffix: string): string =>
  join(dirname(path), `${basename(path).split('.')[0]}${suffix}`);

function add(found: Mismatches, path: string, pair: [bigint | number, bigint | number]): void {
  const pairs = found.get(path) ?? [];
  found.set(path, pairs);
  pairs.push(pair);
}

interface OffsetEntry {
  readonly offset: number;
  readonly position: number;
}

function offsetEntries(bytes: Uint8Array, base: number): OffsetEntry[] {
  const count = Math.trunc(bytes.length / OFFSET_ENTRY);
  return Array.from({ length: count }, (_, index) => ({
    offset: base + int32At(bytes, index * OFFSET_ENTRY),
    position: int32At(bytes, index * OFFSET_ENTRY + 4),
  }));
}

const corruptIndex = (message: string): JavaError =>
  new JavaError('org.apache.kafka.storage.internals.log.CorruptIndexException', message);

export function dumpOffsetIndex(io: ToolIo, path: string, options: IndexDumpOptions, mismatches: Mismatches): void {
  const base = startOffsetOf(path);
  const bytes = io.readFile(path);
  const log = io.runtime.disk.openSync(besides(path, '.log'), 'read');
  try {
    const entries = offsetEntries(bytes, base);
    if (entries.length === 0) return print(io, `${path} is empty.`);
    if (options.onlySanity) {
      checkOffsets(path, bytes, entries, base);
      return print(io, `${path} passed sanity check.`);
    }
    for (const [index, { offset, position }] of entries.entries()) {
      // After a crash zeros may follow the last entry.
      if (offset === base && index > 0) return;
      const first = batchesIn(log, options.maxMessageSize, position).next();
      if (first.done === true) throw new JavaError('java.util.NoSuchElementException', '');
      const found = lastOffsetOf(first.value.batch);
      if (found !== offset) add(mismatches, resolve(path), [offset, found]);
      if (!options.onlyVerify) print(io, `offset: ${offset} position: ${position}`);
    }
  } finally {
    log.closeSync();
  }
}

function checkOffsets(path: string, bytes: Uint8Array, entries: readonly OffsetEntry[], base: number): void {
  const last = entries.at(-1)?.offset ?? base;
  if (last < base) {
    throw corruptIndex(
      `Corrupt index found, index file (${resolve(path)}) has non-zero size but the last offset is ${last} which is less than the base offset ${base}.`,
    );
  }
  checkSize(path, bytes, OFFSET_ENTRY);
}

function checkSize(path: string, bytes: Uint8Array, entrySize: number): void {
  if (bytes.length % entrySize === 0) return;
  throw corruptIndex(
    `Index file ${resolve(path)} is corrupt, found ${bytes.length} bytes which is neither positive nor a multiple of ${entrySize}.`,
  );
}

/** What is wrong with time indexes, told when all files have been read. */
export class TimeIndexErrors {
  readonly mismatches: Mismatches = new Map();
  readonly outOfOrder: Mismatches = new Map();
  readonly notFound: Mismatches = new Map();

  print(io: ToolIo): void {
    for (const [path, pairs] of hashOrderOfEntries(this.mismatches)) {
      complain(io, `Found timestamp mismatch in :${path}`);
      for (const [index, log] of pairs) complain(io, `  Index timestamp: ${index}, log timestamp: ${log}`);
    }
    for (const [path, pairs] of hashOrderOfEntries(this.outOfOrder)) {
      complain(io, `Found out of order timestamp in :${path}`);
      for (const [index, before] of pairs) {
        complain(io, `  Index timestamp: ${index}, Previously indexed timestamp: ${before}`);
      }
    }
    for (const [, pairs] of hashOrderOfEntries(this.notFound)) {
      complain(io, 'The following indexed offsets are not found in the log.');
      for (const [indexed, found] of pairs) complain(io, `Indexed offset: ${indexed}, found log offset: ${found}`);
    }
  }
}

export async function dumpTimeIndex(
  io: ToolIo,
  path: string,
  options: IndexDumpOptions,
  errors: TimeIndexErrors,
): Promise<void> {
  const base = startOffsetOf(path);
  const bytes = Buffer.from(io.readFile(path));
  const log = io.runtime.disk.openSync(besides(path, '.log'), 'read');
  try {
    const offsets = offsetEntries(io.readFile(besides(path, '.index')), base);
    if (options.onlySanity) {
      checkSize(path, bytes, TIME_ENTRY);
      return print(io, `${path} passed sanity check.`);
    }
    const count = Math.trunc(bytes.length / TIME_ENTRY);
    let before = -1n;
    for (let index = 0; index < count; index++) {
      const timestamp = bytes.readBigInt64BE(index * TIME_ENTRY);
      const offset = base + bytes.readInt32BE(index * TIME_ENTRY + 8);
      if (offset === base && index > 0) return;
      const position = offsets.findLast((entry) => entry.offset <= offset)?.position ?? 0;
      await holdAgainstLog(resolve(path), { offset, timestamp, before }, batchesIn(log, LARGEST_INT, position), errors);
      if (!options.onlyVerify) print(io, `timestamp: ${timestamp} offset: ${offset}`);
      before = timestamp;
    }
  } finally {
    log.closeSync();
  }
}

async function holdAgainstLog(
  path: string,
  { offset, timestamp, before }: { offset: number; timestamp: bigint; before: bigint },
  batches: ReturnType<typeof batchesIn>,
  errors: TimeIndexErrors,
): Promise<void> {
  for (const { batch } of batches) {
    const last = lastOffsetOf(batch);
    if (last < offset) continue;
    if (last !== offset) return add(errors.notFound, path, [offset, last]);
    await loadCodec((batch[magic(batch) < MAGIC_V2 ? 17 : 22] as number) & 0x07);
    const times = [...recordsOf(batch)].map((record) => BigInt(record.timestamp));
    const largest = times.reduce((most, time) => (time > most ? time : most), -1n);
    if (largest !== timestamp) add(errors.mismatches, path, [timestamp, largest]);
    if (before >= timestamp) add(errors.outOfOrder, path, [timestamp, before]);
    return;
  }
  add(errors.notFound, path, [offset, -1]);
}

export function dumpTransactionIndex(io: ToolIo, path: string): void {
  const bytes = io.readFile(path);
  for (let at = 0; at + TRANSACTION_ENTRY <= bytes.length; at += TRANSACTION_ENTRY) {
    print(
      io,
      [
        `version: ${int16At(bytes, at)} producerId: ${exactInt64At(bytes, at + 2)}`,
        `firstOffset: ${int64At(bytes, at + 10)} lastOffset: ${int64At(bytes, at + 18)}`,
        `lastStableOffset: ${int64At(bytes, at + 26)}`,
      ].join(' '),
    );
  }
}

export function dumpProducers(io: ToolIo, path: string): void {
  const bytes = io.readFile(path);
  const fault = snapshotFault(bytes);
  if (fault !== undefined) return complain(io, fault);
  const count = int32At(bytes, 6);
  for (let index = 0; index < count; index++) print(io, producerLine(bytes, PRODUCERS_AT + index * PRODUCER_ENTRY));
}

function snapshotFault(bytes: Uint8Array): string | undefined {
  const version = bytes.length < 2 ? undefined : int16At(bytes, 0);
  if (version !== 1 || bytes.length < PRODUCERS_AT) return `Snapshot contained an unknown file version ${version}`;
  const told = int32At(bytes, 2) >>> 0;
  const computed = crc32c(bytes, 0, 6, bytes.length);
  return told === computed
    ? undefined
    : `Snapshot is corrupt (CRC is no longer valid). Stored crc: ${told}. Computed crc: ${computed}`;
}

function producerLine(bytes: Uint8Array, at: number): string {
  const [lastSequence, lastOffset, delta] = [int32At(bytes, at + 10), int64At(bytes, at + 14), int32At(bytes, at + 22)];
  const timestamp = exactInt64At(bytes, at + 26);
  const head = [
    `producerId: ${exactInt64At(bytes, at)} producerEpoch: ${int16At(bytes, at + 8)}`,
    `coordinatorEpoch: ${int32At(bytes, at + 34)} currentTxnFirstOffset: ${openTransaction(int64At(bytes, at + 38))}`,
    `lastTimestamp: ${timestamp}`,
  ].join(' ');
  if (lastOffset < 0) return head;
  const first = lastSequence >= delta ? lastSequence - delta : LARGEST_INT - (delta - lastSequence) + 1;
  return `${head} firstSequence: ${first} lastSequence: ${lastSequence} lastOffset: ${lastOffset} offsetDelta: ${delta} timestamp: ${timestamp}`;
}

const openTransaction = (offset: number): string => (offset < 0 ? 'OptionalLong.empty' : `OptionalLong[${offset}]`);
