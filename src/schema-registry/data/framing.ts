// How a payload says which schema wrote it: a magic byte and the id before it, or a GUID in a header of the record; Protobuf's
// message type comes behind either as a path of indexes. Confluent's wire format.
import { normalGuid } from '../schemas/guid.ts';

export interface Framed {
  /** By which the schema is known: its id in a context, or its GUID everywhere. */
  readonly by: { readonly id: number } | { readonly guid: string };
  /** Without what is said about it; with Protobuf's indexes before it, unless a header had them. */
  readonly payload: Uint8Array;
  /** Of the header. */
  readonly indexes?: readonly number[];
}

export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

const ID_MAGIC = 0;
const GUID_MAGIC = 1;
const ID_SIZE = 5;
const GUID_SIZE = 17;
const HEADERS = { key: '__key_schema_id', value: '__value_schema_id' } as const;
const MOST_INDEXES = 1000;

/** undefined: it says nothing of a schema. */
export function framed(bytes: Uint8Array, part: 'key' | 'value', headers: readonly Header[]): Framed | undefined {
  return framedByHeader(bytes, part, headers) ?? framedByPrefix(bytes);
}

function framedByPrefix(bytes: Uint8Array): Framed | undefined {
  if (bytes[0] !== ID_MAGIC || bytes.length < ID_SIZE) return undefined;
  const id = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1);
  return id < 0 ? undefined : { by: { id }, payload: bytes.subarray(ID_SIZE) };
}

function framedByHeader(bytes: Uint8Array, part: 'key' | 'value', headers: readonly Header[]): Framed | undefined {
  const value = headers.findLast(({ key }) => key === HEADERS[part])?.value;
  if (value === undefined || value === null || value[0] !== GUID_MAGIC || value.length < GUID_SIZE) return undefined;
  const guid = normalGuid(Buffer.from(value.subarray(1, GUID_SIZE)).toString('hex'));
  if (guid === undefined) return undefined;
  const rest = value.subarray(GUID_SIZE);
  const { indexes } = rest.length === 0 ? {} : splitIndexes(rest);
  return { by: { guid }, payload: bytes, ...(indexes !== undefined && { indexes }) };
}

/** Protobuf's path to a message type, and what stands behind it. No indexes: it cannot be read. */
export function splitIndexes(bytes: Uint8Array): { indexes: readonly number[] | undefined; rest: Uint8Array } {
  let at = 0;
  const next = (): number | undefined => {
    let value = 0;
    for (let shift = 0; shift <= 28 && at < bytes.length; shift += 7) {
      const byte = bytes[at++] as number;
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return (value >>> 1) ^ -(value & 1);
    }
    return undefined;
  };
  const count = next();
  if (count === undefined || count < 0 || count > MOST_INDEXES) return { indexes: undefined, rest: bytes };
  if (count === 0) return { indexes: [0], rest: bytes.subarray(at) };
  const indexes: number[] = [];
  for (let index = 0; index < count; index++) {
    const value = next();
    if (value === undefined || value < 0) return { indexes: undefined, rest: bytes };
    indexes.push(value);
  }
  return { indexes, rest: bytes.subarray(at) };
}
