// Messages with two bytes in front that say how to read them: values of coordinator records, consumer protocol,
// principals (the version), and keys of coordinator records (the record type; keys have version 0 for ever).
import { codecOf } from './compile.ts';
import { DecodeError, Reader } from './reader.ts';
import type { Fields, InputOf, MessageSchema, ValueOf } from './schema.ts';
import { Writer } from './writer.ts';

const PREFIX_SIZE = 2;
const KEY_VERSION = 0;
/** One for all: what it has written is the caller's, and the next message goes behind it, in the same chunk. */
const writer = new Writer();

/** The record type of a key, the version of anything else. Throws DecodeError when there are not even two bytes. */
export function prefixOf(bytes: Uint8Array): number {
  if (bytes.length < PREFIX_SIZE) throw new DecodeError(`${bytes.length} bytes have no version`);
  return (((bytes[0] as number) << 24) | ((bytes[1] as number) << 16)) >> 16;
}

function encode<F extends Fields>(
  prefix: number,
  schema: MessageSchema<F>,
  version: number,
  value: InputOf<F>,
): Buffer {
  try {
    writer.int16(prefix);
    codecOf(schema, version).encode(writer, value);
    return writer.finishToBytes();
  } catch (error) {
    writer.reset();
    throw error;
  }
}

function decode<F extends Fields>(schema: MessageSchema<F>, version: number, bytes: Uint8Array): ValueOf<F> {
  return codecOf(schema, version).decode(new Reader(bytes, PREFIX_SIZE));
}

/** Version and body. */
export function encodeVersioned<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  value: InputOf<F>,
): Buffer {
  return encode(version, schema, version, value);
}

/** Throws DecodeError; KafkaError UNSUPPORTED_VERSION when the version is not one of the schema. */
export function decodeVersioned<F extends Fields>(schema: MessageSchema<F>, bytes: Uint8Array): ValueOf<F> {
  return decode(schema, prefixOf(bytes), bytes);
}

/** Record type and key. */
export function encodeRecordKey<F extends Fields>(type: number, schema: MessageSchema<F>, key: InputOf<F>): Buffer {
  return encode(type, schema, KEY_VERSION, key);
}

/** A key whose record type (prefixOf) is known to be that of the schema. Throws DecodeError. */
export function decodeRecordKey<F extends Fields>(schema: MessageSchema<F>, bytes: Uint8Array): ValueOf<F> {
  return decode(schema, KEY_VERSION, bytes);
}
