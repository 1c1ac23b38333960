// A request of a client on its way to the controller, and the answer on its way back (KIP-590): the bytes of both stand in an
// Envelope, beside who asked and from where (Kafka: ForwardingManager).
import type { ForwardedFrom } from '../../api-handlers/index.ts';
import {
  ANONYMOUS,
  type ApiSchema,
  codecOf,
  decodeResponseHeader,
  encodeRequestFrame,
  encodeVersioned,
  type Fields,
  FRAME_SIZE_BYTES,
  type InputOf,
  principalNameOf,
  principalTypeOf,
  Reader,
  type ValueOf,
  Writer,
} from '../../protocol/index.ts';
import type { EnvelopeRequest } from '../../protocol/messages/58-envelope.ts';
import { defaultPrincipalData } from '../../protocol/messages/principal-data.ts';
import { addressToBytes } from './ip-address.ts';

/** DefaultPrincipalData has one version. */
const PRINCIPAL_VERSION = 0;

/** Throws EncodeError when the version cannot carry the request. */
export function sealRequest<Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  request: InputOf<Q>,
  context: ForwardedFrom,
): EnvelopeRequest {
  const { apiVersion, correlationId = 0, clientId = null, session } = context;
  const header = { requestApiKey: api.key, requestApiVersion: apiVersion, correlationId, clientId };
  const frame = Buffer.concat(encodeRequestFrame(new Writer(), header, codecOf(api.request, apiVersion), request));
  return {
    requestData: frame.subarray(FRAME_SIZE_BYTES),
    requestPrincipal: principalToBytes(session?.principal ?? ANONYMOUS),
    clientHostAddress: addressToBytes(session?.remoteAddress ?? '127.0.0.1'),
  };
}

/** The answer that stands in an Envelope. Throws DecodeError when the bytes are none of the version. */
export function unsealResponse<Q extends Fields, S extends Fields>(
  api: ApiSchema<Q, S>,
  apiVersion: number,
  responseData: Uint8Array,
): ValueOf<S> {
  const reader = new Reader(Buffer.from(responseData.buffer, responseData.byteOffset, responseData.byteLength));
  decodeResponseHeader(reader, api.key, apiVersion);
  return codecOf(api.response, apiVersion).decode(reader);
}

/** `type:name` as Kafka's DefaultKafkaPrincipalBuilder serialises it. */
function principalToBytes(principal: string): Buffer {
  const value = { type: principalTypeOf(principal), name: principalNameOf(principal), tokenAuthenticated: false };
  return encodeVersioned(defaultPrincipalData, PRINCIPAL_VERSION, value);
}
