// Directories with messages of the old formats, as the oracle has been asked about them (test/fixtures/old-formats.json.gz).
import { buildBatch } from '../../src/protocol/records/index.ts';
import { type OldMagic, oldMessage, oldWrapper } from './old-messages.ts';

/** The first timestamp. */
export const T = 1_767_000_000_000;

export interface OldLog {
  readonly topic: string;
  readonly policy?: 'compact';
  readonly isClean: boolean;
  /** By base offset. */
  readonly segments: ReadonlyMap<number, Buffer>;
}

const v2 = (from: number, count: number): Buffer => {
  const records = Array.from({ length: count }, (_, k) => ({
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    timestamp: T + 10 * (from + k),
  }));
  return buildBatch(records, { baseOffset: from, leaderEpoch: 0 });
};

const plain = (magic: OldMagic, from: number, count: number, valueBytes = 1): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, k) =>
      oldMessage({ magic, offset: from + k, timestamp: T + 10 * (from + k), value: Buffer.alloc(valueBytes, 118) }),
    ),
  );

/** The latest of five in the middle, so that the record is not the wrapper's last. */
function packed(magic: OldMagic, codec: 1 | 2 | 3, from: number, logAppendTimeMs?: number): Buffer {
  const messages = [0, 1, 4, 2, 3].map((late, k) => ({
    offset: from + k,
    timestamp: T + 10 * (from + late),
    value: Buffer.alloc(40, 118),
  }));
  return oldWrapper({ magic, codec, messages, ...(logAppendTimeMs === undefined ? {} : { logAppendTimeMs }) });
}

const one = (...parts: Buffer[]): Map<number, Buffer> => new Map([[0, Buffer.concat(parts)]]);

function wrapped(magic: OldMagic, codec: 1 | 2 | 3): Map<number, Buffer> {
  return one(packed(magic, codec, 0), packed(magic, codec, 5), packed(magic, codec, 10));
}

const mixed = (): Buffer[] => [plain(0, 0, 3), packed(0, 3, 3), plain(1, 8, 3), packed(1, 1, 11), v2(16, 4)];

/** What compaction leaves: wrappers with holes in them and between them. */
function compacted(magic: OldMagic): Map<number, Buffer> {
  const message = (offset: number) => ({ offset, timestamp: T + 10 * offset });
  return one(
    oldWrapper({ magic, codec: 1, messages: [1, 4].map(message) }),
    oldMessage({ magic, offset: 9, timestamp: T + 90 }),
    oldWrapper({ magic, codec: 2, messages: [12, 13, 17].map(message) }),
    v2(20, 2),
  );
}

const CODECS = { gzip: 1, snappy: 2, lz4: 3 } as const;

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 0xff;
  return copy;
}

const clean = (topic: string, segments: Map<number, Buffer>): OldLog => ({ topic, isClean: true, segments });

function sound(): OldLog[] {
  const logs = [clean('v0-plain', one(plain(0, 0, 5))), clean('v1-plain', one(plain(1, 0, 5)))];
  for (const magic of [0, 1] as const) {
    for (const [name, codec] of Object.entries(CODECS)) logs.push(clean(`v${magic}-${name}`, wrapped(magic, codec)));
    logs.push({ ...clean(`v${magic}-compacted`, compacted(magic)), policy: 'compact' });
  }
  const times = [packed(1, 1, 0, T + 5), packed(1, 2, 5, T + 55), v2(10, 2)];
  logs.push(clean('v1-append-time', one(...times)));
  const nothing = oldMessage({ magic: 1, offset: 1, timestamp: T + 10, key: null, value: null });
  logs.push(
    clean('v1-nulls', one(plain(1, 0, 1), nothing, oldMessage({ magic: 0, offset: 2, key: null, value: null }))),
  );
  logs.push(clean('mixed', one(...mixed())));
  const parts: [number, Buffer][] = mixed().map((bytes, i) => [[0, 3, 8, 11, 16][i] as number, bytes]);
  logs.push(clean('segments', new Map(parts)));
  logs.push(
    clean(
      'old-last',
      new Map([
        [0, v2(0, 4)],
        [4, Buffer.concat([plain(1, 4, 3), packed(1, 3, 7)])],
      ]),
    ),
  );
  const garbage = { magic: 1, offset: 7, timestamp: T + 70, key: null, value: Buffer.from('no gzip') } as const;
  const opaque = oldMessage({ ...garbage, attributes: 1 });
  logs.push(clean('opaque', one(plain(1, 0, 3), opaque, plain(1, 8, 2), v2(10, 2))));
  logs.push(clean('large', one(plain(0, 0, 40, 1000), plain(1, 40, 40, 1000), v2(80, 2))));
  return logs;
}

/** What has been damaged, for a start that reads it through. */
function damaged(): OldLog[] {
  const broken = (topic: string, bytes: Buffer): OldLog => ({ topic, isClean: false, segments: new Map([[0, bytes]]) });
  const whole = Buffer.concat(mixed());
  const [v0, wrapper0, v1, wrapper1] = mixed() as [Buffer, Buffer, Buffer, Buffer];
  const atWrapper0 = v0.length;
  const atV1 = atWrapper0 + wrapper0.length;
  const atWrapper1 = atV1 + v1.length;
  return [
    broken('cut-v0', whole.subarray(0, atWrapper0 - 3)),
    broken('cut-wrapper', whole.subarray(0, atWrapper1 + 40)),
    broken('cut-header', whole.subarray(0, atV1 + 14)),
    broken('flip-v0', flipped(whole, 50)),
    broken('flip-wrapper', flipped(whole, atWrapper1 + 60)),
    broken('flip-size', flipped(whole, atV1 + 9)),
    broken('flip-magic', flipped(whole, atV1 + 16)),
    broken('flip-v2', flipped(whole, atWrapper1 + wrapper1.length + 70)),
    broken('zeros', Buffer.concat([whole.subarray(0, atWrapper1), Buffer.alloc(100)])),
  ];
}

/** Of `sound` logs, those that a start after a crash reads through have another name. */
export function oldLogs(): OldLog[] {
  const logs = sound();
  return [...logs, ...logs.map((log) => ({ ...log, topic: `crashed-${log.topic}`, isClean: false })), ...damaged()];
}
