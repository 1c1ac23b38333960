// How the console consumers print a record: Kafka's formatters by the names of their classes.
import type { ConsumedRecord } from '../../../client/index.ts';
import { prefixOf } from '../../../protocol/index.ts';
import type { ToolIo } from '../../tool-io.ts';
import type { Properties } from '../client-config.ts';
import { JavaError } from '../java-error.ts';
import {
  coordinatorRecordJson,
  GROUP_METADATA_RECORDS,
  groupRecordTypes,
  OFFSET_RECORDS,
  SHARE_GROUP_RECORDS,
  shareStateRecordTypes,
  transactionRecordTypes,
  UnknownRecordTypeError,
} from './coordinator-records.ts';
import { type BytesReader, deserializerNamed } from './java-deserializers.ts';

export interface FormattedRecord extends ConsumedRecord {
  /** Of a share group. */
  readonly deliveryCount?: number;
}

/** The bytes that are printed for a record. */
export type MessageFormatter = (record: FormattedRecord) => Uint8Array;

const PACKAGE = 'org.apache.kafka.tools.consumer.';

/** Throws JavaError for a class that is none of Kafka's formatters. */
export function formatterNamed(io: ToolIo, className: string, properties: Properties): MessageFormatter {
  switch (className) {
    case `${PACKAGE}DefaultMessageFormatter`:
      return defaultFormatter(io, properties);
    case `${PACKAGE}LoggingMessageFormatter`:
      return defaultFormatter(io, properties);
    case `${PACKAGE}NoOpMessageFormatter`:
      return () => Buffer.alloc(0);
    case `${PACKAGE}OffsetsMessageFormatter`:
      return coordinatorFormatter(groupRecordTypes, OFFSET_RECORDS);
    case `${PACKAGE}GroupMetadataMessageFormatter`:
      return coordinatorFormatter(groupRecordTypes, GROUP_METADATA_RECORDS);
    case `${PACKAGE}ShareGroupMessageFormatter`:
      return coordinatorFormatter(groupRecordTypes, SHARE_GROUP_RECORDS);
    case `${PACKAGE}TransactionLogMessageFormatter`:
      return coordinatorFormatter(transactionRecordTypes);
    case `${PACKAGE}group.share.ShareGroupStateMessageFormatter`:
      return coordinatorFormatter(shareStateRecordTypes);
    default:
      throw new JavaError('java.lang.ClassNotFoundException', className);
  }
}

function coordinatorFormatter(types: typeof groupRecordTypes, allowed?: readonly number[]): MessageFormatter {
  return ({ key, value, offset }) => {
    if (key === null) return Buffer.alloc(0);
    try {
      if (allowed?.includes(prefixOf(key)) === false && types.has(prefixOf(key))) return Buffer.alloc(0);
      const json = coordinatorRecordJson(types, key, value);
      const shown = json.value && `{"version":${json.value.version},"data":${json.value.data}}`;
      return Buffer.from(`{"key":{"type":${json.type},"data":${json.key}},"value":${shown ?? 'null'}}`);
    } catch (error) {
      if (error instanceof UnknownRecordTypeError) return Buffer.alloc(0);
      const message = `Could not read record at offset ${offset} due to: ${(error as Error).message}`;
      throw new JavaError('java.lang.RuntimeException', message);
    }
  };
}

interface Layout {
  readonly shows: (what: string) => boolean;
  readonly separator: Buffer;
  readonly lineEnd: Buffer;
  readonly headersSeparator: Buffer;
  readonly nullLiteral: Buffer;
  readonly key: BytesReader | undefined;
  readonly value: BytesReader | undefined;
  readonly header: BytesReader | undefined;
}

function defaultFormatter(io: ToolIo, properties: Properties): MessageFormatter {
  const bytes = (name: string, otherwise: string): Buffer => Buffer.from(properties[name] ?? otherwise);
  const reader = (name: string): BytesReader | undefined => {
    const className = properties[name];
    return className === undefined ? undefined : deserializerNamed(io, className);
  };
  const layout: Layout = {
    shows: (what) => (properties[`print.${what}`] ?? String(what === 'value')).trim().toLowerCase() === 'true',
    separator: bytes('key.separator', '\t'),
    lineEnd: bytes('line.separator', '\n'),
    headersSeparator: bytes('headers.separator', ','),
    nullLiteral: bytes('null.literal', 'null'),
    key: reader('key.deserializer'),
    value: reader('value.deserializer'),
    header: reader('headers.deserializer'),
  };
  return (record) => format(record, layout);
}

function format(record: FormattedRecord, layout: Layout): Buffer {
  const { shows, separator, lineEnd } = layout;
  const parts: [string, () => Buffer][] = [
    ['timestamp', () => Buffer.from(timestampText(record))],
    ['partition', () => Buffer.from(`Partition:${record.partition}`)],
    ['offset', () => Buffer.from(`Offset:${record.offset}`)],
    ['delivery', () => Buffer.from(`Delivery:${record.deliveryCount ?? 'NOT_PRESENT'}`)],
    // The console consumers do not hand the epoch on.
    ['epoch', () => Buffer.from('Epoch:NOT_PRESENT')],
    ['headers', () => headersText(record, layout)],
    ['key', () => shown(record.key, layout.key, layout)],
    ['value', () => shown(record.value, layout.value, layout)],
  ];
  const chosen = parts.filter(([what]) => shows(what));
  return Buffer.concat(
    chosen.flatMap(([, text], index) => [text(), index === chosen.length - 1 ? lineEnd : separator]),
  );
}

function timestampText({ timestamp, timestampType }: FormattedRecord): string {
  return timestamp === -1 ? 'NO_TIMESTAMP' : `${timestampType}:${timestamp}`;
}

function headersText({ headers }: FormattedRecord, layout: Layout): Buffer {
  if (headers.length === 0) return Buffer.from('NO_HEADERS');
  const texts = headers.map(({ key, value }) =>
    Buffer.concat([Buffer.from(`${key}:`), shown(value, layout.header, layout)]),
  );
  return Buffer.concat(texts.flatMap((text, index) => (index === 0 ? [text] : [layout.headersSeparator, text])));
}

function shown(bytes: Uint8Array | null, reader: BytesReader | undefined, { nullLiteral }: Layout): Buffer {
  const given = Buffer.from(bytes ?? nullLiteral);
  return reader === undefined ? given : Buffer.from(reader(given));
}
