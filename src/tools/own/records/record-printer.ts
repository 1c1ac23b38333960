// Records in the format of `consume -f`, as rpk prints them.
import type { ToolRecord } from '../../tool-record.ts';
import { unpacked, UnpackError } from '../../cat/unpack.ts';
import { numberPrinter } from './number-forms.ts';
import { FormatMistake, parseRecordFormat, type Piece, type Verb, wrappedContent } from './record-format.ts';
import { timePrinter } from './time-forms.ts';

/** Where the partition begins and ends, for `%[`, `%|` and `%]`. */
export interface PartitionBounds {
  readonly logStartOffset: number;
  readonly lastStableOffset: number;
  readonly highWatermark: number;
}

export interface RecordPrinter {
  /** Whether the format asks for bounds; records are printed without them (as -1) otherwise. */
  readonly needsBounds: boolean;
  /** Whether it asks for what batches say; without that it prints what a batch without producer and codec says. */
  readonly needsBatches: boolean;
  print(record: ToolRecord, bounds?: PartitionBounds): Buffer;
}

interface Printed {
  readonly record: ToolRecord;
  readonly bounds: PartitionBounds | undefined;
  /** How many records have been printed, this one included. */
  readonly count: number;
}

type Print = (printed: Printed) => Buffer;

/** Throws FormatMistake. */
export function recordPrinter(format: string): RecordPrinter {
  const pieces = parseRecordFormat(format);
  const prints = pieces.map(printOf);
  const verbs = pieces.filter((piece): piece is Verb => !Buffer.isBuffer(piece));
  let count = 0;
  return {
    needsBounds: verbs.some(({ verb }) => '[]|'.includes(verb)),
    needsBatches: verbs.some(({ verb, modifier }) => 'xy'.includes(verb) || (verb === 'a' && isOfBatch(modifier))),
    print: (record, bounds) => {
      count += 1;
      const printed = { record, bounds, count };
      return Buffer.concat(prints.map((print) => print(printed)));
    },
  };
}

function printOf(piece: Piece): Print {
  if (Buffer.isBuffer(piece)) return () => piece;
  const { verb, modifier } = piece;
  if (verb === 'h') return headersPrint(modifier);
  if (verb === 'd') return timestampPrint(modifier);
  if (verb === 'a') return attributePrint(modifier);
  const text = TEXTS[verb];
  if (text !== undefined) {
    const form = textForm(modifier);
    return ({ record }) => form(text(record));
  }
  const number = NUMBERS[verb];
  if (number === undefined) throw new FormatMistake(`%${verb} is not told of records that are consumed`);
  const form = numberPrinter(modifier);
  return (printed) => form(number(printed));
}

const TEXTS: Readonly<Record<string, (record: ToolRecord) => Buffer>> = {
  t: ({ topic }) => Buffer.from(topic),
  k: ({ key }) => bufferOf(key),
  v: ({ value }) => bufferOf(value),
};

const NUMBERS: Readonly<Record<string, (printed: Printed) => number | bigint>> = {
  T: ({ record }) => Buffer.byteLength(record.topic),
  K: ({ record }) => record.key?.length ?? 0,
  V: ({ record }) => record.value?.length ?? 0,
  H: ({ record }) => record.headers.length,
  p: ({ record }) => record.partition,
  o: ({ record }) => record.offset,
  e: ({ record }) => record.leaderEpoch,
  x: ({ record }) => record.batch?.producerId ?? -1,
  y: ({ record }) => record.batch?.producerEpoch ?? -1,
  i: ({ count }) => count,
  '[': ({ bounds }) => bounds?.logStartOffset ?? -1,
  '|': ({ bounds }) => bounds?.lastStableOffset ?? -1,
  ']': ({ bounds }) => bounds?.highWatermark ?? -1,
};

export function bufferOf(bytes: Uint8Array | null): Buffer {
  return bytes === null ? Buffer.alloc(0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textForm(modifier: string | undefined): (bytes: Buffer) => Buffer {
  if (modifier === undefined) return (bytes) => bytes;
  if (modifier === 'hex') return (bytes) => Buffer.from(bytes.toString('hex'));
  if (modifier === 'base64') return (bytes) => Buffer.from(bytes.toString('base64'));
  if (modifier === 'base64raw') return (bytes) => Buffer.from(bytes.toString('base64').replace(/=+$/, ''));
  const pack = wrappedContent(modifier, 'unpack');
  if (pack === undefined) throw new FormatMistake(`{${modifier}} is no form of a text: hex base64 base64raw unpack[…]`);
  checkPack(pack);
  return (bytes) => unpackedOrError(pack, bytes);
}

function checkPack(pack: string): void {
  const stranger = [...pack].find((token) => !'x<>bBhHiIqQc.s$'.includes(token));
  if (stranger !== undefined) throw new FormatMistake(`unpack knows x < > b B h H i I q Q c . s $, not ${stranger}`);
}

/** What cannot be unpacked says so in its place, as in rpk. */
function unpackedOrError(pack: string, bytes: Buffer): Buffer {
  try {
    return unpacked('value', pack.replaceAll('.', 'c').replaceAll('x', ' '), bytes);
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error;
    return Buffer.concat([error.written, Buffer.from(`(${error.message})`)]);
  }
}

function timestampPrint(modifier: string | undefined): Print {
  const time = modifier === undefined ? undefined : timePrinter(modifier);
  if (time !== undefined) {
    time(0);
    return ({ record }) => Buffer.from(time(Number(record.timestamp)));
  }
  const form = numberPrinter(modifier);
  return ({ record }) => form(record.timestamp);
}

const isOfBatch = (modifier = ''): boolean => !modifier.startsWith('timestamp-type');

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

const ATTRIBUTES: Readonly<Record<string, (record: ToolRecord) => number>> = {
  compression: ({ batch }) => batch?.codec ?? 0,
  'timestamp-type': ({ timestampType }) => (timestampType === 'LogAppendTime' ? 1 : 0),
  'transactional-bit': ({ batch }) => (batch?.isTransactional === true ? 1 : 0),
  // Control records are not handed out.
  'control-bit': () => 0,
};

function attributePrint(modifier = ''): Print {
  const [name, form] = modifier.split(';') as [string, string?];
  const attribute = ATTRIBUTES[name];
  if (attribute === undefined) {
    throw new FormatMistake(`%a{${name}} is none of ${Object.keys(ATTRIBUTES).join(' ')}`);
  }
  if (name === 'compression' && form === undefined) {
    return ({ record }) => Buffer.from(CODECS[attribute(record)] ?? 'unknown');
  }
  const print = numberPrinter(form);
  return ({ record }) => print(attribute(record));
}

/** The format in the braces, once for each header, whose key and value are `%k` and `%v`. */
function headersPrint(format: string | undefined): Print {
  if (format === undefined) throw new FormatMistake('%h needs a format for headers, as in %h{%k=%v }');
  const pieces = parseRecordFormat(format);
  const stranger = pieces.find((piece): piece is Verb => !Buffer.isBuffer(piece) && !'kKvV'.includes(piece.verb));
  if (stranger !== undefined) throw new FormatMistake(`%${stranger.verb} has no meaning inside %h{}`);
  const prints = pieces.map(printOf);
  return (printed) => {
    const parts = printed.record.headers.flatMap(({ key, value }) => {
      const header = { ...printed, record: { ...printed.record, key: Buffer.from(key), value } };
      return prints.map((print) => print(header));
    });
    return Buffer.concat(parts);
  };
}
