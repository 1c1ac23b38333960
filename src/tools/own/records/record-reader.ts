// Records in the format of `produce -f`, as rpk reads them: fields by their size, which stands before them, or up to the literal
// behind them, the last one up to the end. The format begins anew for every record.
import { BINARY, hexDigits } from './number-forms.ts';
import { InputSource } from './input-source.ts';
import { FormatMistake, parseRecordFormat, type Piece, type Verb } from './record-format.ts';

export interface ReadRecord {
  topic?: string;
  key?: Buffer;
  value?: Buffer;
  partition?: number;
  headers: { key: string; value: Buffer }[];
}

/** The input is not what the format says. */
export class InputMistake extends Error {}

type Sizes = Map<string, number>;

/** Throws FormatMistake at once; what is read throws InputMistake where the input does not fit. */
export function recordReader(
  format: string,
  largestBytes: number,
): (input: AsyncIterable<Uint8Array>) => AsyncGenerator<ReadRecord, void> {
  if (format === '') throw new FormatMistake('the format is empty');
  const pieces = parseRecordFormat(format);
  check(pieces, 'tTkKvVhHp');
  return async function* read(input) {
    const source = new InputSource(input, largestBytes);
    while (!(await source.isAtEnd())) yield await readRecord(source, pieces);
  };
}

function check(pieces: readonly Piece[], verbs: string): void {
  for (const [index, piece] of pieces.entries()) {
    if (Buffer.isBuffer(piece)) continue;
    const { verb, modifier } = piece;
    if (!verbs.includes(verb)) throw new FormatMistake(`%${verb} cannot be read from input`);
    if (verb === 'h') {
      if (modifier === undefined || !/%[^{]?/.test(modifier))
        throw new FormatMistake('%h needs a format, as in %h{%k=%v }');
      check(parseRecordFormat(modifier), 'kKvV');
    }
    const size = verb.toUpperCase();
    const isSized = pieces.slice(0, index).some((one) => !Buffer.isBuffer(one) && one.verb === size);
    const isLast = index === pieces.length - 1;
    if ('tkv'.includes(verb) && !isSized && !isLast && !Buffer.isBuffer(pieces[index + 1])) {
      throw new FormatMistake(`%${verb} needs its size before it (%${size}) or a text behind it`);
    }
    if (verb === 'h' && !pieces.slice(0, index).some((one) => !Buffer.isBuffer(one) && one.verb === 'H')) {
      throw new FormatMistake('%h needs the number of headers before it (%H)');
    }
  }
}

async function readRecord(source: InputSource, pieces: readonly Piece[]): Promise<ReadRecord> {
  const record: ReadRecord = { headers: [] };
  await readPieces(source, pieces, async (verb, bytes, sizes) => {
    if (verb === 't') record.topic = bytes.toString();
    else if (verb === 'k') record.key = bytes;
    else if (verb === 'v') record.value = bytes;
    else if (verb === 'p') record.partition = sizes.get('p') ?? 0;
    else if (verb === 'h') record.headers.push(...(await readHeaders(source, bytes.toString(), sizes.get('H') ?? 0)));
  });
  return record;
}

async function readHeaders(source: InputSource, format: string, count: number): Promise<ReadRecord['headers']> {
  const pieces = parseRecordFormat(format);
  const headers: ReadRecord['headers'] = [];
  for (let index = 0; index < count; index++) {
    let key = '';
    let value = Buffer.alloc(0);
    await readPieces(source, pieces, async (verb, bytes) => {
      if (verb === 'k') key = bytes.toString();
      else if (verb === 'v') value = Buffer.from(bytes);
    });
    headers.push({ key, value });
  }
  return headers;
}

async function readPieces(
  source: InputSource,
  pieces: readonly Piece[],
  take: (verb: string, bytes: Buffer, sizes: Sizes) => Promise<void>,
): Promise<void> {
  const sizes: Sizes = new Map();
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at] as Piece;
    if (Buffer.isBuffer(piece)) {
      await expectLiteral(source, piece, at === pieces.length - 1);
      continue;
    }
    const { verb, modifier } = piece;
    if ('TKVHp'.includes(verb)) {
      sizes.set(verb, await readNumber(source, verb, modifier));
      if (verb === 'p') await take(verb, Buffer.alloc(0), sizes);
    } else if (verb === 'h') await take(verb, Buffer.from(modifier ?? ''), sizes);
    else {
      const next = pieces[at + 1];
      const size = sizes.get(verb.toUpperCase());
      const { bytes, passedOver } = await readField(source, piece, { size, next });
      if (passedOver) at += 1;
      await take(verb, decoded(bytes, piece), sizes);
    }
  }
}

/** White space that ends the format may be missing at the end of the input. */
async function expectLiteral(source: InputSource, literal: Buffer, isLast: boolean): Promise<void> {
  const found = await source.take(literal.length);
  if (found.equals(literal)) return;
  if (isLast && literal.subarray(0, found.length).equals(found) && literal.toString().trim() === '') return;
  throw new InputMistake(
    `${JSON.stringify(literal.toString())} was expected, ${JSON.stringify(found.toString())} is there`,
  );
}

interface FieldPlace {
  readonly size: number | undefined;
  readonly next: Piece | undefined;
}

async function readField(
  source: InputSource,
  { verb }: Verb,
  { size, next }: FieldPlace,
): Promise<{ bytes: Buffer; passedOver: boolean }> {
  if (size !== undefined) {
    const bytes = await source.take(size);
    if (bytes.length < size) throw new InputMistake(`the input ends within a field of ${size} bytes (%${verb})`);
    return { bytes, passedOver: false };
  }
  if (!Buffer.isBuffer(next)) return { bytes: await source.takeRest(), passedOver: false };
  const bytes = await source.takeUntil(next);
  if (bytes !== undefined) return { bytes, passedOver: true };
  if (next.toString().trim() !== '') {
    throw new InputMistake(`${JSON.stringify(next.toString())} behind %${verb} does not come any more`);
  }
  return { bytes: await source.takeRest(), passedOver: true };
}

async function readNumber(source: InputSource, verb: string, modifier: string | undefined): Promise<number> {
  if (modifier === undefined || modifier === 'ascii' || modifier === 'number') {
    return numberOf(await source.takeWhile((byte) => byte >= 0x30 && byte <= 0x39), verb);
  }
  if (/^\d+$/.test(modifier)) return Number(modifier);
  if (modifier === 'bool') {
    const text = (await source.takeWhile((byte) => byte >= 0x61 && byte <= 0x7a)).toString();
    if (text !== 'true' && text !== 'false')
      throw new InputMistake(`%${verb}: ${JSON.stringify(text)} is not true or false`);
    return text === 'true' ? 1 : 0;
  }
  const digits = hexDigits(modifier);
  if (digits !== undefined) return numberOf(await source.take(digits), verb, 16);
  const form = BINARY[modifier];
  if (form === undefined) throw new FormatMistake(`%${verb}{${modifier}}: this is no form of a number`);
  const bytes = Buffer.from(await source.take(form.size));
  if (bytes.length < form.size) throw new InputMistake(`the input ends within a number (%${verb})`);
  if (form.isLittle) bytes.reverse();
  return form.size === 8 ? Number(bytes.readBigUInt64BE()) : bytes.readUIntBE(0, form.size);
}

function numberOf(bytes: Buffer, verb: string, base = 10): number {
  const number = /^[0-9a-fA-F]+$/.test(bytes.toString()) ? Number.parseInt(bytes.toString(), base) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new InputMistake(`%${verb}: ${JSON.stringify(bytes.toString())} is no number`);
  return number;
}

function decoded(bytes: Buffer, { verb, modifier }: Verb): Buffer {
  switch (modifier) {
    case undefined:
      return Buffer.from(bytes);
    case 'hex': {
      const text = bytes.toString();
      if (!/^(?:[0-9a-fA-F]{2})*$/.test(text))
        throw new InputMistake(`%${verb}{hex}: ${JSON.stringify(text)} is no hex`);
      return Buffer.from(text, 'hex');
    }
    case 'base64':
      return Buffer.from(bytes.toString(), 'base64');
    case 'json':
      return Buffer.from(JSON.stringify(jsonOf(bytes, verb)));
    default:
      throw new FormatMistake(`%${verb}{${modifier}}: texts are read as hex, base64 or json`);
  }
}

function jsonOf(bytes: Buffer, verb: string): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (error) {
    throw new InputMistake(`%${verb}{json}: ${(error as Error).message}`);
  }
}
