// The frame of the wire: four bytes of size (int32, without themselves), then that many bytes of header and body.
// The first four bytes of a request are its API key and version in every header version. Both sides make their frames here.
import type { Codec } from './compile.ts';
import { encodeRequestHeader, encodeResponseHeader, type RequestHeaderInput } from './headers.ts';
import { int32At } from './records/index.ts';
import type { Writer } from './writer.ts';

/** Bytes of the size in front of a frame. */
export const FRAME_SIZE_BYTES = 4;
/** API key, version and correlation id: a shorter request says nothing. */
export const MINIMUM_REQUEST_SIZE = 8;

function int16At(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)) >> 16;
}

/** The API key of a request that begins at `at`, which has MINIMUM_REQUEST_SIZE bytes or more. */
export const requestApiKey = (bytes: Uint8Array, at = 0): number => int16At(bytes, at);
/** Its version. */
export const requestApiVersion = (bytes: Uint8Array, at = 0): number => int16At(bytes, at + 2);

/** The size of the frame that begins at `start`, as it says itself; undefined while that has not arrived. */
export function frameSizeAt(bytes: Uint8Array, start: number, end: number): number | undefined {
  return end - start < FRAME_SIZE_BYTES ? undefined : int32At(bytes, start);
}

/** Throws EncodeError when the version cannot carry the request. */
export function encodeRequestFrame<In>(
  writer: Writer,
  header: RequestHeaderInput,
  codec: Pick<Codec<unknown, In>, 'encode'>,
  request: In,
): Uint8Array[] {
  writer.beginFrame();
  encodeRequestHeader(writer, header);
  codec.encode(writer, request);
  return writer.finishFrame();
}

/** Throws EncodeError when the codec's version cannot carry the response. */
export function encodeResponseFrame<In>(
  writer: Writer,
  apiKey: number,
  correlationId: number,
  codec: Pick<Codec<unknown, In>, 'encode' | 'version'>,
  response: In,
): Uint8Array[] {
  writer.beginFrame();
  encodeResponseHeader(writer, apiKey, codec.version, correlationId);
  codec.encode(writer, response);
  return writer.finishFrame();
}
