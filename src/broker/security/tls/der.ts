// The little of DER that certificates and key stores are read and made with (ITU-T X.690): a tag, a length, the content.

/** Tags, class and form included. */
export const DerTag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OID: 0x06,
  UTF8_STRING: 0x0c,
  PRINTABLE_STRING: 0x13,
  T61_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** `[n]`, with content of its own form. */
export const explicitTag = (number: number): number => 0xa0 + number;
/** `[n]` in place of the tag of a plain value. */
export const implicitTag = (number: number): number => 0x80 + number;

export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag and length included. */
  readonly whole: Buffer;
}

/** The bytes are no DER. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** The value that `bytes` begin with. Throws DerError. */
export function readDer(bytes: Buffer): DerValue {
  const tag = bytes[0];
  const first = bytes[1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new DerError('no DER value');
  let length = first;
  let start = 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4 || bytes.length < 2 + count) throw new DerError('a length that DER does not have');
    length = bytes.readUIntBE(2, count);
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError('a value that is cut short');
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(0, end) };
}

/** The values that stand in another. Throws DerError. */
export function derChildren({ content }: DerValue): DerValue[] {
  const children: DerValue[] = [];
  for (let at = 0; at < content.length; ) {
    const child = readDer(content.subarray(at));
    children.push(child);
    at += child.whole.length;
  }
  return children;
}

/** Throws DerError when there is no such child, or it has another tag. */
export function derChild(children: readonly DerValue[], index: number, tag?: number): DerValue {
  const child = children[index];
  if (child === undefined || (tag !== undefined && child.tag !== tag)) throw new DerError('a value is missing');
  return child;
}

/** `1.2.840.113549` */
export function oidText({ content }: DerValue): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - 40 * root, ...rest].join('.');
}

export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const head = Buffer.alloc(2 + size);
  head[0] = tag;
  head[1] = 0x80 + size;
  head.writeUIntBE(length, 2, size);
  return Buffer.concat([head, content]);
}

export const derSequence = (...contents: readonly Uint8Array[]): Buffer => der(DerTag.SEQUENCE, ...contents);

export function derOid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes: number[] = [];
  for (const number of [first * 40 + second, ...rest]) {
    const septets = [number & 0x7f];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      septets.unshift((left & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return der(DerTag.OID, Buffer.from(bytes));
}

/** A number that is not negative, from its bytes. */
export function derInteger(bytes: Uint8Array): Buffer {
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return der(DerTag.INTEGER, isNegative ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
}
