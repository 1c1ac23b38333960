// The replay's own view of the wire: decodes recorded and received frames with the project's codecs, in exact mode, and
// encodes requests again behind the header that was recorded.
import { codecOf, decodeRequestHeader, Reader, responseHeaderVersion, Writer } from '../../src/protocol/index.ts';
import { allApis } from '../../src/protocol/messages/index.ts';
import type { ApiSchema } from '../../src/protocol/schema.ts';

export type Body = Record<string, unknown>;

/** Every API definition, by key. */
export const apisByKey: ReadonlyMap<number, ApiSchema> = new Map(allApis.map((api) => [api.key, api]));

export interface DecodedRequest {
  readonly correlationId: number;
  /** Bytes of the header in front of the body. */
  readonly headerBytes: number;
  readonly body: Body;
}

/** Decodes a request frame; throws DecodeError. `records` fields are views on the frame. */
export function decodeRequest(api: ApiSchema, version: number, frame: Buffer): DecodedRequest {
  const reader = new Reader(frame, 0, frame.length, { exact: true });
  decodeRequestHeader(reader, api.key, version);
  const headerBytes = reader.position;
  const body = codecOf(api.request, version).decode(reader) as Body;
  return { correlationId: frame.readInt32BE(4), headerBytes, body };
}

/** The frame with another body behind the same header. */
export function encodeRequest(api: ApiSchema, version: number, frame: Buffer, request: DecodedRequest): Buffer {
  const writer = new Writer();
  writer.reset();
  codecOf(api.request, version).encode(writer, request.body as never);
  return Buffer.concat([frame.subarray(0, request.headerBytes), ...writer.finish()]);
}

export interface DecodedResponse {
  readonly correlationId: number;
  readonly body: Body;
}

/** Decodes a response frame; throws DecodeError, also on bytes that are left over. */
export function decodeResponse(api: ApiSchema, version: number, frame: Buffer): DecodedResponse {
  const start = 4 + (responseHeaderVersion(api.key, version) === 1 ? taggedBytes(frame, 4) : 0);
  const reader = new Reader(frame, start, frame.length, { exact: true });
  const body = codecOf(api.response, version).decode(reader) as Body;
  if (reader.remaining !== 0) throw new Error(`${reader.remaining} bytes behind the ${api.name} response`);
  return { correlationId: frame.readInt32BE(0), body };
}

/** Size of a tagged section; Kafka's response headers carry none but the empty one. */
function taggedBytes(frame: Buffer, at: number): number {
  if (frame[at] !== 0)
    throw new Error(`the response header carries tagged fields: ${frame.toString('hex', at, at + 8)}`);
  return 1;
}
