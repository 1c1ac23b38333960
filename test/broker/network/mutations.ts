// Ways to spoil a frame. Most keep its size field true, so that the broker reads what was spoiled instead of waiting for more.
import fc from 'fast-check';
import { HEADER_SIZE, LOG_OVERHEAD, updateChecksum } from '../../../src/protocol/index.ts';

export interface Mutation {
  readonly kind: 'flip' | 'set' | 'cut' | 'drop' | 'repeat' | 'splice' | 'extreme' | 'size';
  /** Where: scaled to the length of the frame. */
  readonly at: number;
  readonly length: number;
  readonly value: number;
}

const SCALE = 1 << 20;
const EXTREMES = [
  '7fff',
  '8000',
  'ffff',
  '7fffffff',
  '80000000',
  'ffffffff',
  'ffffffff0f',
  'ffffffffffffffff7f',
  '7fffffffffffffff',
  '00',
  '01',
  'ff',
].map((hex) => Buffer.from(hex, 'hex'));
/** Size, key, version and correlation id: seldom changed, or little else would be tried. */
const FRAME_START = 12;

export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('flip', 'set', 'extreme') },
      { weight: 3, arbitrary: fc.constantFrom('cut', 'drop', 'repeat', 'splice') },
      { weight: 1, arbitrary: fc.constant('size') },
    ) as fc.Arbitrary<Mutation['kind']>,
    at: fc.nat(SCALE - 1),
    length: fc.nat(40),
    value: fc.nat(0xffff),
  }),
  { maxLength: 4 },
);

export function mutated(frame: Buffer, changes: readonly Mutation[]): Buffer {
  let bytes: Buffer = Buffer.from(frame);
  let size: number | undefined;
  for (const change of changes) {
    if (change.kind === 'size')
      size = EXTREMES[change.value % EXTREMES.length]?.at(-1) === 0xff ? change.value : -change.value;
    else bytes = applied(bytes, change);
  }
  if (bytes.length >= 4) bytes.writeInt32BE(size ?? bytes.length - 4, 0);
  return bytes;
}

/** A batch with its length and checksum right, whatever else is not. */
export function mutatedBatch(batch: Buffer, changes: readonly Mutation[]): Buffer {
  let bytes: Buffer = Buffer.from(batch);
  for (const change of changes) bytes = applied(bytes, change);
  if (bytes.length < HEADER_SIZE) return bytes;
  bytes.writeInt32BE(bytes.length - LOG_OVERHEAD, 8);
  updateChecksum(bytes);
  return bytes;
}

function applied(bytes: Buffer, { kind, at, length, value }: Mutation): Buffer {
  const from = value % 16 === 0 ? 4 : FRAME_START;
  const start = Math.min(bytes.length, from + Math.floor((at / SCALE) * Math.max(0, bytes.length - from)));
  const end = Math.min(bytes.length, start + length);
  switch (kind) {
    case 'flip':
      if (start < bytes.length) bytes[start] = (bytes[start] as number) ^ (1 << (value & 7));
      return bytes;
    case 'set':
      if (start < bytes.length) bytes[start] = value & 0xff;
      return bytes;
    case 'extreme':
      (EXTREMES[value % EXTREMES.length] as Buffer).copy(bytes, start);
      return bytes;
    case 'cut':
      return bytes.subarray(0, Math.max(FRAME_START, start));
    case 'drop':
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
    default: {
      const other = value % Math.max(1, bytes.length);
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(other, other + length), bytes.subarray(end)]);
    }
  }
}
