// How a record says which schema its data is of: `00` and the id before the data (since ever), or `01` and the schema's GUID in
// a header (since 2025). Readers look into the header first. Protobuf's message indexes follow the id, wherever it is.
import type { RecordHeader, SerdeContext } from '../../client/index.ts';

export interface SchemaIdentity {
  /** One of both. */
  readonly id?: number;
  readonly guid?: string;
  /** Protobuf: the path to the message type. */
  readonly indexes?: readonly number[];
}

export interface Framed extends SchemaIdentity {
  readonly payload: Uint8Array;
}

const PREFIX_BYTES = 5;
const GUID_BYTES = 16;
const MOST_INDEXES = 1000;

const headerName = (isKey: boolean): string => (isKey ? '__key_schema_id' : '__value_schema_id');

export function withPrefix({ id = 0, indexes }: SchemaIdentity, payload: Uint8Array): Uint8Array {
  const path = indexes === undefined ? new Uint8Array() : encodeIndexes(indexes);
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + path.length + payload.length);
  framed[0] = 0;
  framed.writeInt32BE(id, 1);
  framed.set(path, PREFIX_BYTES);
  framed.set(payload, PREFIX_BYTES + path.length);
  return framed;
}

/** In place of one that is there already. */
export function setHeader({ guid = '', indexes }: SchemaIdentity, { headers, isKey }: SerdeContext): void {
  const path = indexes === undefined ? new Uint8Array() : encodeIndexes(indexes);
  const value = Buffer.concat([Uint8Array.of(1), Buffer.from(guid.replaceAll('-', ''), 'hex'), path]);
  const key = headerName(isKey);
  for (let at = headers.length - 1; at >= 0; at--) if (headers[at]?.key === key) headers.splice(at, 1);
  headers.push({ key, value });
}

/** `hasIndexes`: the data is of Protobuf. Throws an Error that says what is there instead of an id. */
export function readIdentity(data: Uint8Array, context: SerdeContext, hasIndexes: boolean): Framed {
  const header = lastHeader(context);
  if (header !== undefined) {
    const { end, ...identity } = identityAt(header, hasIndexes, context, data);
    if (end !== header.length && hasIndexes)
      throw new Error(`Header ${headerName(context.isKey)} has ${header.length - end} bytes too many`);
    return { ...identity, payload: data };
  }
  const { end, ...identity } = identityAt(data, hasIndexes, context, data);
  return { ...identity, payload: data.subarray(end) };
}

function lastHeader({ headers, isKey }: SerdeContext): Uint8Array | undefined {
  const name = headerName(isKey);
  return headers.findLast((header: RecordHeader) => header.key === name && header.value !== null)?.value ?? undefined;
}

function identityAt(
  bytes: Uint8Array,
  hasIndexes: boolean,
  context: SerdeContext,
  data: Uint8Array,
): SchemaIdentity & { end: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const isGuid = buffer[0] === 1 && buffer.length > GUID_BYTES;
  const end = isGuid ? 1 + GUID_BYTES : PREFIX_BYTES;
  if ((!isGuid && buffer[0] !== 0) || buffer.length < end) throw unknownMagicByte(data, context);
  const identity = isGuid ? { guid: guidText(buffer.subarray(1, end)) } : { id: buffer.readInt32BE(1) };
  if (!hasIndexes) return { ...identity, end };
  const { indexes, end: after } = decodeIndexes(buffer, end);
  return { ...identity, indexes, end: after };
}

function guidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The count and the indexes, each a zigzag varint; [0] is a single zero. */
export function encodeIndexes(indexes: readonly number[]): Uint8Array {
  if (indexes.length === 1 && indexes[0] === 0) return Uint8Array.of(0);
  const bytes: number[] = [];
  for (const number of [indexes.length, ...indexes]) {
    let rest = number * 2;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

function decodeIndexes(bytes: Buffer, from: number): { indexes: number[]; end: number } {
  let at = from;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 127) * factor;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new Error('The message indexes of a Protobuf record do not end');
  };
  const count = next();
  if (count < 0 || count > MOST_INDEXES) throw new Error(`A Protobuf record has ${count} message indexes`);
  const indexes = Array.from({ length: count }, next);
  return { indexes: count === 0 ? [0] : indexes, end: at };
}

/** Names the place, shows the first bytes, and guesses what they are. */
function unknownMagicByte(data: Uint8Array, { topic, isKey }: SerdeContext): Error {
  const part = isKey ? 'key' : 'value';
  const shown = Buffer.from(data.subarray(0, 16));
  const bytes = shown.toString('hex').replace(/(..)(?=.)/g, '$1 ');
  const more = data.length > shown.length ? ` ... (${data.length} bytes)` : '';
  return new Error(
    `Unknown magic byte! The ${part} of topic ${topic} does not begin with the id of a schema; it begins with ${bytes || 'nothing'}${more}: ${guess(data)}`,
  );
}

function guess(data: Uint8Array): string {
  const text = Buffer.from(data.subarray(0, 64)).toString('utf8');
  if (data.length === 0) return 'it is empty.';
  if (/^\s*[{["]/.test(text))
    return 'it looks like plain JSON, written without a schema registry; read it with `json`.';
  if (text.startsWith('Obj\u0001')) return 'it looks like a whole Avro file.';
  if (/^[\t\n\r\x20-\x7e\u00a0-\ufffc]*$/.test(text)) return 'it looks like plain text; read it with `string`.';
  if (data[0] === 0) return 'it is too short for an id.';
  if (data[0] === 1) return 'it begins as a GUID would, but is too short for one.';
  return 'it may have been written by another serialiser, or be encrypted.';
}
