// What --print-data-log shows of a record's key and value: texts, or, with one of the decoders, JSON.
import { type BatchRecord, codecOf, type MessageSchema, Reader } from '../../../protocol/index.ts';
import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../../protocol/messages/consumer-protocol.ts';
import {
  coordinatorRecordJson,
  groupRecordTypes,
  shareStateRecordTypes,
  transactionRecordTypes,
  UnknownRecordTypeError,
} from './coordinator-records.ts';
import { messageJson, type Replaced } from './message-json.ts';

export interface ParsedRecord {
  readonly key?: string;
  readonly payload?: string;
}

/** Throws JavaError-like errors only where the original ends with an exception. */
export type LogParser = (record: BatchRecord) => ParsedRecord;

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** StringDecoder for both. */
export const textParser: LogParser = ({ key, value }) => ({
  ...(key !== null && { key: textOf(key) }),
  ...(value !== null && { payload: textOf(value) }),
});

export const offsetsParser: LogParser = coordinatorParser(groupRecordTypes, consumerParts);
export const transactionLogParser: LogParser = coordinatorParser(transactionRecordTypes);
export const shareStateParser: LogParser = coordinatorParser(shareStateRecordTypes);

function coordinatorParser(types: typeof groupRecordTypes, replaced?: Replaced): LogParser {
  return ({ key, value, offset }) => {
    if (key === null) {
      throw new Error(
        `Failed to decode message at offset ${offset} using the specified decoder (message had a missing key)`,
      );
    }
    try {
      const json = coordinatorRecordJson(types, key, value, replaced);
      return {
        key: `{"type":"${json.type}","data":${json.key}}`,
        payload:
          json.value === undefined ? '<DELETE>' : `{"version":"${json.value.version}","data":${json.value.data}}`,
      };
    } catch (error) {
      if (error instanceof UnknownRecordTypeError) {
        return { key: `Unknown record type ${error.type} at offset ${offset}, skipping.` };
      }
      return { key: `Error at offset ${offset}, skipping. ${(error as Error).message}` };
    }
  };
}

/** Subscriptions and assignments of classic groups of consumers are messages of their own. */
function consumerParts(name: string, value: unknown): string | undefined {
  if (!(value instanceof Uint8Array) || value.length < 2) return undefined;
  if (name === 'subscription') return partJson(consumerProtocolSubscription, value);
  return name === 'assignment' ? partJson(consumerProtocolAssignment, value) : undefined;
}

/** undefined: the bytes are none of a consumer's, and are shown as they are. */
function partJson(schema: MessageSchema, bytes: Uint8Array): string | undefined {
  const version = Buffer.from(bytes).readInt16BE(0);
  try {
    return messageJson(schema, version, codecOf(schema, version).decode(new Reader(bytes, 2)));
  } catch {
    return undefined;
  }
}

const FRAME_VERSION = 1;

/** What stands in front of a metadata record, be it the cluster's or that of tiered storage, and is none we know. */
export function frameFault(value: Uint8Array | null): string | undefined {
  if (value === null || value.length === 0) return 'Error while reading frame version';
  const version = new Reader(value).uvarint();
  if (version === FRAME_VERSION) return undefined;
  return `Could not deserialize metadata record due to unknown frame version ${version}(only frame version 1 is supported)`;
}

/** Records of __cluster_metadata and its snapshots; loaded when they are asked for. */
export async function metadataParser(): Promise<LogParser> {
  const { decodeMetadataRecord, metadataRecordSchemas } = await import('../../../kraft/metadata/index.ts');
  const schemas = new Map([...metadataRecordSchemas.values()].map((schema) => [schema.name, schema]));
  return ({ value, offset }) => {
    const fault = frameFault(value);
    if (fault !== undefined) return { payload: `Error at ${offset}, skipping. ${fault}` };
    try {
      const { type, version, ...data } = decodeMetadataRecord(value ?? new Uint8Array());
      const name = type.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
      const json = messageJson(schemas.get(type) as MessageSchema, version, data);
      return { payload: `{"type":"${name}","version":${version},"data":${json}}` };
    } catch (error) {
      return { payload: `Error at ${offset}, skipping. ${(error as Error).message}` };
    }
  };
}
