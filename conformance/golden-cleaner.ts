// Does a pass of our cleaner over a directory leave what Kafka's left? (shared/golden/cleaner). Each line is judged alone: the
// directory before is opened with the line's clock and settings, cleaned once, and compared batch for batch; segments without
// compressed batches byte for byte.
import { createHash } from 'node:crypto';
import { defaultLogConfig, LogManager, topicLogConfig } from '../src/log/index.ts';
import {
  attributes,
  baseOffset,
  baseSequence,
  baseTimestamp,
  batchesOf,
  codecName,
  compression,
  deleteHorizonMs,
  exactInt64At,
  int64At,
  isControl,
  isTransactional,
  LOG_APPEND_TIME_FLAG,
  lastOffset,
  lastSequence,
  maxTimestamp,
  partitionLeaderEpoch,
  producerEpoch,
  producerId,
  recordsCount,
  recordsOf,
  sizeInBytes,
} from '../src/protocol/index.ts';
import { type Clock, Metrics, silentLogger } from '../src/runtime/index.ts';
import { MemoryDisk } from '../src/runtime/memory/index.ts';
import type { TarFile } from './tar-files.ts';

interface SegmentRow {
  readonly baseOffset: number;
  readonly size: number;
  readonly largestTimestamp: number;
  readonly batches: readonly Readonly<Record<string, unknown>>[];
  readonly recordsSha256: string;
}

export interface CleanerRow {
  readonly case: string;
  readonly round: number;
  readonly clock: number;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly before: string;
  readonly after: string;
  readonly log: { readonly logStartOffset: number; readonly logEndOffset: number; readonly lastStableOffset: number };
  readonly batchesBefore: readonly SegmentRow[];
  readonly cleaned: boolean;
  readonly stats?: { readonly endOffset: number; readonly messagesRead: number; readonly messagesWritten: number };
  readonly segmentsDeleted: number;
  readonly logStartOffsetAfter: number;
  readonly checkpointAfter: number | null;
  readonly batchesAfter: readonly SegmentRow[];
  readonly abortedAfter: readonly unknown[];
}

const DATA = '/data';
const ENTRY_BYTES = 24;
const TRANSACTION_ENTRY_BYTES = 34;

/** What is not as Kafka left it; undefined: nothing. */
export async function checkCleanerLine(
  row: CleanerRow,
  files: ReadonlyMap<string, TarFile>,
): Promise<string | undefined> {
  const disk = directoryOf(row, files);
  const stats: Record<string, unknown>[] = [];
  const manager = await openLogs(row, disk, stats);
  const name = `${row.case}-0`;
  const log = manager.getLog(row.case, 0);
  if (log === undefined) return 'the log is not there';
  const { logStartOffset, logEndOffset, lastStableOffset } = log;
  const before = difference('log', { logStartOffset, lastStableOffset, logEndOffset }, row.log);
  if (before !== undefined) return before;
  const wasCleaned = await manager.cleanOnce();
  const found = segmentsIn(disk, `${DATA}/${name}`);
  const deleted = disk.listSync(`${DATA}/${name}`).filter(({ name: file }) => file.endsWith('.log.deleted')).length;
  const fault =
    difference('cleaned', wasCleaned, row.cleaned) ??
    difference('segments', found, row.batchesAfter) ??
    difference('aborted', abortedIn(disk, `${DATA}/${name}`), row.abortedAfter) ??
    difference('checkpoint', checkpointOf(disk), row.checkpointAfter) ??
    difference('log start', log.logStartOffset, row.logStartOffsetAfter) ??
    (wasCleaned ? undefined : difference('deleted', deleted, row.segmentsDeleted)) ??
    statsFault(row, stats) ??
    bytesFault(row, disk, files) ??
    (await reopened(row, disk));
  manager.abandon();
  return fault;
}

/** What was cleaned is found again by the next start, after a crash too, and nothing has to be mended. */
async function reopened(row: CleanerRow, disk: MemoryDisk): Promise<string | undefined> {
  const warnings: string[] = [];
  const manager = await openLogs(row, new MemoryDisk({ nowMs: () => row.clock, root: disk.root }), [], warnings);
  const log = manager.getLog(row.case, 0);
  const end = log?.logEndOffset;
  manager.abandon();
  return difference('warnings', warnings, []) ?? difference('log end', end, row.log.logEndOffset);
}

function directoryOf(row: CleanerRow, files: ReadonlyMap<string, TarFile>): MemoryDisk {
  const disk = new MemoryDisk({ nowMs: () => row.clock });
  for (const [path, { content, modifiedMs }] of files) {
    if (!path.startsWith(`${row.before}/`)) continue;
    const target = `${DATA}${path.slice(row.before.length)}`;
    disk.makeDirectorySync(target.slice(0, target.lastIndexOf('/')));
    disk.writeFileSync(target, content);
    disk.setModifiedSync(target, modifiedMs);
  }
  return disk;
}

function openLogs(
  { settings, clock: nowMs }: CleanerRow,
  disk: MemoryDisk,
  passes: Record<string, unknown>[],
  warnings: string[] = [],
): Promise<LogManager> {
  const texts = Object.entries(settings).map(([key, value]) => [key, String(value)] as const);
  const config = {
    ...defaultLogConfig,
    producerIdExpirationMs: Number(settings['producer.id.expiration.ms']),
    cleanerDedupeBufferSize: Number(settings['log.cleaner.dedupe.slots']) * ENTRY_BYTES,
    cleanerIoBufferLoadFactor: Number(settings['log.cleaner.io.buffer.load.factor']),
  };
  const topicConfig = topicLogConfig(config, new Map(texts));
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => 0,
    schedule: () => ({ cancel: () => undefined }),
    endOfTurn: (action) => void setImmediate(action),
  };
  const logger = {
    ...silentLogger,
    log: (level: string, message: string, fields?: object): void => {
      if (message === 'a log was compacted') passes.push({ ...fields });
      else if (level !== 'info') warnings.push(message);
    },
    child: () => logger,
  };
  return LogManager.open({
    runtime: { disk, clock, logger, metrics: new Metrics() },
    logDirs: [DATA],
    config,
    durability: 'memory',
    topicConfig: () => topicConfig,
  });
}

function segmentsIn(disk: MemoryDisk, directory: string): SegmentRow[] {
  const names = disk.listSync(directory).flatMap(({ name }) => (name.endsWith('.log') ? [name] : []));
  return names.sort().map((name) => describeSegment(disk, `${directory}/${name}`, Number(name.slice(0, 20))));
}

function describeSegment(disk: MemoryDisk, path: string, firstOffset: number): SegmentRow {
  const bytes = Buffer.from(disk.readFileSync(path));
  const hash = createHash('sha256');
  const batches: Record<string, unknown>[] = [];
  let largest = -1;
  for (const at of batchesOf(bytes)) {
    batches.push(describeBatch(bytes, at));
    largest = Math.max(largest, Number(maxTimestamp(bytes, at)));
    for (const { offset, timestamp, key, value, headers } of recordsOf(bytes, { at })) {
      hash.update(`${offset} ${timestamp} ${key?.length ?? -1} ${value?.length ?? -1}\n`);
      hash.update(key ?? '').update(value ?? '');
      for (const header of headers) {
        hash.update(`${header.key}=${header.value === null ? 'null' : Buffer.from(header.value).toString('hex')}\n`);
      }
    }
  }
  // The archive has whole seconds.
  if (largest < 0) largest = Math.floor((disk.infoSync(path)?.modifiedMs ?? 0) / 1000) * 1000;
  const recordsSha256 = hash.digest('hex');
  return { baseOffset: firstOffset, size: bytes.length, largestTimestamp: largest, batches, recordsSha256 };
}

function describeBatch(bytes: Buffer, at: number): Record<string, unknown> {
  const isPlain = compression(bytes, at) === 0;
  return {
    baseOffset: baseOffset(bytes, at),
    lastOffset: lastOffset(bytes, at),
    count: recordsCount(bytes, at),
    leaderEpoch: partitionLeaderEpoch(bytes, at),
    producerId: producerId(bytes, at),
    producerEpoch: producerEpoch(bytes, at),
    baseSequence: baseSequence(bytes, at),
    lastSequence: lastSequence(bytes, at),
    attributes: attributes(bytes, at),
    compression: codecName(compression(bytes, at)),
    timestampType: (attributes(bytes, at) & LOG_APPEND_TIME_FLAG) === 0 ? 'CreateTime' : 'LogAppendTime',
    transactional: isTransactional(bytes, at),
    control: isControl(bytes, at),
    deleteHorizonMs: deleteHorizonMs(bytes, at) ?? null,
    baseTimestamp: baseTimestamp(bytes, at),
    maxTimestamp: maxTimestamp(bytes, at),
    ...(isPlain && { size: sizeInBytes(bytes, at) }),
    offsets: [...recordsOf(bytes, { at })].map(({ offset }) => offset),
  };
}

function abortedIn(disk: MemoryDisk, directory: string): unknown[] {
  const names = disk.listSync(directory).flatMap(({ name }) => (name.endsWith('.txnindex') ? [name] : []));
  return names.sort().flatMap((name) => {
    const bytes = Buffer.from(disk.readFileSync(`${directory}/${name}`));
    return Array.from({ length: bytes.length / TRANSACTION_ENTRY_BYTES }, (_, i) => {
      const at = i * TRANSACTION_ENTRY_BYTES + 2;
      return {
        segment: Number(name.slice(0, 20)),
        producerId: exactInt64At(bytes, at),
        firstOffset: int64At(bytes, at + 8),
        lastOffset: int64At(bytes, at + 16),
        lastStableOffset: int64At(bytes, at + 24),
      };
    });
  });
}

function checkpointOf(disk: MemoryDisk): number | null {
  const path = `${DATA}/cleaner-offset-checkpoint`;
  const text = disk.existsSync(path) ? Buffer.from(disk.readFileSync(path)).toString() : '';
  const entry = /^\S+ 0 (\d+)$/m.exec(text.split('\n').slice(2).join('\n'));
  return entry === null ? null : Number(entry[1]);
}

function statsFault(row: CleanerRow, passes: readonly Record<string, unknown>[]): string | undefined {
  if (row.stats === undefined) return undefined;
  const { endOffset, messagesRead, messagesWritten } = row.stats;
  const { endOffset: end, messagesRead: read, messagesWritten: written } = passes[0] ?? {};
  return difference('stats', [end, read, written], [endOffset, messagesRead, messagesWritten]);
}

/** Uncompressed segments, and the indexes beside them. */
function bytesFault(row: CleanerRow, disk: MemoryDisk, files: ReadonlyMap<string, TarFile>): string | undefined {
  for (const { baseOffset: base, batches } of row.batchesAfter) {
    if (batches.some((one) => one['compression'] !== 'none')) continue;
    const name = `${row.case}-0/${String(base).padStart(20, '0')}.log`;
    const expected = files.get(`${row.after}/${name}`)?.content;
    const found = Buffer.from(disk.readFileSync(`${DATA}/${name}`));
    if (expected === undefined || !found.equals(expected)) return `${name}: the bytes differ`;
  }
  return undefined;
}

function difference(what: string, found: unknown, expected: unknown): string | undefined {
  const sorted = (value: unknown): string => JSON.stringify(value, withSortedKeys);
  const [one, other] = [sorted(withoutPackedSizes(found)), sorted(withoutPackedSizes(expected))];
  if (one === other) return undefined;
  let at = 0;
  while (one[at] === other[at]) at++;
  const from = Math.max(0, at - 120);
  return `${what}: found …${one.slice(from, at + 60)}, expected …${other.slice(from, at + 60)}`;
}

const withSortedKeys = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** How large a compressed batch is depends on the compressor. */
function withoutPackedSizes(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((one: unknown) => {
    const segment = one as Partial<SegmentRow>;
    const isPacked = segment.batches?.some((each) => each['compression'] !== 'none') === true;
    return isPacked ? { ...segment, size: 0 } : one;
  });
}
