// The headers in front of every request and response. Which version goes with which API and version of it: KIP-482 for
// requests; responses follow, except those of ApiVersions, which must be readable by clients that know no version yet
// (KIP-511).
import { apiFacts } from './api-keys.ts';
import { codecOf } from './compile.ts';
import type { Reader } from './reader.ts';
import { type InputOf, int16, int32, message, string, type ValueOf } from './schema.ts';
import type { Writer } from './writer.ts';

const API_VERSIONS = 18;

export const RequestHeaderSchema = message('RequestHeader', [1, 2], 2, {
  requestApiKey: int16,
  requestApiVersion: int16,
  correlationId: int32,
  // Not compact even in version 2: a broker must find it before it knows whether it knows the version (KIP-511).
  clientId: string.nullable().ignorable().neverCompact(),
});
export interface RequestHeader extends ValueOf<(typeof RequestHeaderSchema)['fields']> {}
export interface RequestHeaderInput extends InputOf<(typeof RequestHeaderSchema)['fields']> {}

export const ResponseHeaderSchema = message('ResponseHeader', [0, 1], 1, {
  correlationId: int32,
});

const requestHeaders = [undefined, codecOf(RequestHeaderSchema, 1), codecOf(RequestHeaderSchema, 2)] as const;
const responseHeaders = [codecOf(ResponseHeaderSchema, 0), codecOf(ResponseHeaderSchema, 1)] as const;

/** 1, or 2 for flexible versions. An API that is not known has 1; a version beyond the newest counts as flexible. */
export function requestHeaderVersion(apiKey: number, version: number): 1 | 2 {
  const flexibleSince = apiFacts(apiKey)?.flexibleSince;
  return flexibleSince !== undefined && version >= flexibleSince ? 2 : 1;
}

/** 0, or 1 for flexible versions; 0 for all of ApiVersions. */
export function responseHeaderVersion(apiKey: number, version: number): 0 | 1 {
  return apiKey !== API_VERSIONS && requestHeaderVersion(apiKey, version) === 2 ? 1 : 0;
}

/** Reads the header of a request, whose key and version are known already (framing.ts). Throws DecodeError. */
export function decodeRequestHeader(reader: Reader, apiKey: number, version: number): RequestHeader {
  return requestHeaders[requestHeaderVersion(apiKey, version)].decode(reader);
}

export function encodeRequestHeader(writer: Writer, header: RequestHeaderInput): void {
  requestHeaders[requestHeaderVersion(header.requestApiKey, header.requestApiVersion)].encode(writer, header);
}

/** Reads the header of a response; its correlation id. Throws DecodeError. */
export function decodeResponseHeader(reader: Reader, apiKey: number, version: number): number {
  return responseHeaders[responseHeaderVersion(apiKey, version)].decode(reader).correlationId;
}

export function encodeResponseHeader(writer: Writer, apiKey: number, version: number, correlationId: number): void {
  writer.int32(correlationId);
  if (responseHeaderVersion(apiKey, version) === 1) writer.int8(0);
}
