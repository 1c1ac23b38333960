// Checks golden lines that hold messages: frames, headers, broken requests, coordinator records, other messages. A check
// returns why the line fails, or undefined.
import { isDeepStrictEqual } from 'node:util';
import {
  codecOf,
  decodeRequestHeader,
  decodeResponseHeader,
  encodeRequestFrame,
  encodeResponseFrame,
  type MessageSchema,
  Reader,
  requestHeaderVersion,
  responseHeaderVersion,
  Writer,
} from '../src/protocol/index.ts';
import { apisByKey, schemaNamed } from './all-schemas.ts';
import { fromGoldenJson, type Json, toGoldenJson, type UnknownTags, unknownTagsIn } from './golden-json.ts';

export interface MessageRow {
  readonly name: string;
  readonly version: number;
  readonly json: Json;
  readonly hex: string;
  readonly unknownTags?: readonly UnknownTags[];
}
export interface FrameRow extends MessageRow {
  readonly key: number;
  readonly direction: 'request' | 'response';
  readonly headerVersion: number;
  readonly flexible: boolean;
}
export interface WholeFrameRow {
  readonly key: number;
  readonly version: number;
  readonly direction: 'request' | 'response';
  readonly header: { [name: string]: Json };
  readonly headerHex: string;
  readonly bodyHex: string;
  readonly hex: string;
}
export interface MalformedRow {
  readonly key: number;
  readonly version: number;
  readonly hex: string;
  readonly outcome: 'ok' | 'error';
  readonly consumed?: number;
  readonly rewrittenHex?: string;
  readonly rewriteError?: string;
}
export interface CoordinatorRow extends MessageRow {
  readonly prefixHex: string;
}
export interface OtherRow extends MessageRow {
  readonly prefixedHex?: string;
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function encode(schema: MessageSchema, version: number, message: unknown): string {
  const writer = new Writer({ exact: true });
  codecOf(schema, version).encode(writer, message as never);
  return hexOf(writer.finishToBytes());
}

function differing(what: string, expected: unknown, actual: unknown): string | undefined {
  if (isDeepStrictEqual(expected, actual)) return undefined;
  return `${what}: expected ${JSON.stringify(expected).slice(0, 400)}, got ${JSON.stringify(actual).slice(0, 400)}`;
}

const byPath = (a: UnknownTags, b: UnknownTags) => (JSON.stringify(a.path) < JSON.stringify(b.path) ? -1 : 1);

/** The three steps of the README on one body. */
function checkBody(schema: MessageSchema, row: MessageRow, hex: string): string | undefined {
  const { version, json, unknownTags = [] } = row;
  const reader = new Reader(Buffer.from(hex, 'hex'), 0, hex.length / 2, { exact: true });
  const message = codecOf(schema, version).decode(reader);
  if (reader.remaining !== 0) return `${reader.remaining} bytes are left`;
  return (
    differing('decoded', json, toGoldenJson(schema, version, message)) ??
    differing('unknown tags', [...unknownTags].sort(byPath), unknownTagsIn(schema, message).sort(byPath)) ??
    differing('encoded again', hex, encode(schema, version, message)) ??
    differing('encoded from JSON', hex, encode(schema, version, fromGoldenJson(schema, json, unknownTags))) ??
    checkLax(schema, version, codecOf(schema, version).decode(new Reader(Buffer.from(hex, 'hex'))))
  );
}

/** A broker's codecs clamp int64 and drop unknown tags, once: what they wrote they read as it was. */
function checkLax(schema: MessageSchema, version: number, message: unknown): string | undefined {
  const writer = new Writer();
  const codec = codecOf(schema, version);
  codec.encode(writer, message as never);
  const again = codec.decode(new Reader(writer.finishToBytes()));
  return differing('read again by a broker', message, again);
}

export function checkFrame(row: FrameRow): string | undefined {
  const { key, direction, version, flexible, headerVersion } = row;
  const api = apisByKey.get(key);
  if (api === undefined) return `no definition of API ${key}`;
  const ours = direction === 'request' ? requestHeaderVersion(key, version) : responseHeaderVersion(key, version);
  return (
    differing('flexible', flexible, codecOf(api[direction], version).flexible) ??
    differing('header version', headerVersion, ours) ??
    checkBody(api[direction], row, row.hex)
  );
}

export function checkHeader(row: MessageRow): string | undefined {
  return checkBody(schemaNamed(row.name), row, row.hex);
}

/** Size, header, body. */
export function checkWholeFrame(row: WholeFrameRow): string | undefined {
  const { key, version, direction, headerHex, bodyHex, header, hex } = row;
  const api = apisByKey.get(key);
  if (api === undefined) return `no definition of API ${key}`;
  const frame = Buffer.from(hex, 'hex');
  const reader = new Reader(frame, 4, frame.length, { exact: true });
  const codec = codecOf(api[direction], version);
  const requestHeader = direction === 'request' ? decodeRequestHeader(reader, key, version) : undefined;
  const correlationId = requestHeader?.correlationId ?? decodeResponseHeader(reader, key, version);
  const headerEnd = reader.position;
  const message = codec.decode(reader);
  const writer = new Writer({ exact: true });
  const written =
    requestHeader === undefined
      ? encodeResponseFrame(writer, key, correlationId, codec, message)
      : encodeRequestFrame(writer, requestHeader, codec, message);
  return (
    differing('header', header, requestHeader ?? { correlationId }) ??
    differing('bytes of the header', headerHex, frame.subarray(4, headerEnd).toString('hex')) ??
    differing('bytes of the body', bodyHex, frame.subarray(headerEnd, reader.position).toString('hex')) ??
    differing('written', hex, hexOf(Buffer.concat(written)))
  );
}

export function checkMalformed(row: MalformedRow): string | undefined {
  const api = apisByKey.get(row.key);
  if (api === undefined) return `no definition of API ${row.key}`;
  const bytes = Buffer.from(row.hex, 'hex');
  const reader = new Reader(bytes, 0, bytes.length, { exact: true });
  let message: unknown;
  try {
    message = codecOf(api.request, row.version).decode(reader);
  } catch (error) {
    return row.outcome === 'error' ? undefined : `refused: ${String(error)}`;
  }
  if (row.outcome === 'error') return 'Kafka refuses it, we read it';
  const different = differing('bytes read', row.consumed, reader.position);
  if (different !== undefined) return different;
  let rewritten: string;
  try {
    rewritten = encode(api.request, row.version, message);
  } catch (error) {
    return row.rewriteError === undefined ? `cannot be written again: ${String(error)}` : undefined;
  }
  if (row.rewriteError !== undefined) return 'Kafka cannot write it again, we do';
  return differing('written again', row.rewrittenHex ?? row.hex.slice(0, reader.position * 2), rewritten);
}

export function checkCoordinatorRecord(row: CoordinatorRow): string | undefined {
  if (!row.hex.startsWith(row.prefixHex)) return 'the line contradicts itself';
  return checkBody(schemaNamed(row.name), row, row.hex.slice(row.prefixHex.length));
}

export function checkOther(row: OtherRow): string | undefined {
  const prefix = row.version.toString(16).padStart(4, '0');
  if (row.prefixedHex !== undefined && row.prefixedHex !== prefix + row.hex) return 'the line contradicts itself';
  return checkBody(schemaNamed(row.name), row, row.hex);
}
