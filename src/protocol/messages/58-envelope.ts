// Envelope, version 0, flexible. A broker forwards a client's request to the controller, with the client's principal
// (KIP-590).
import { api, bytes, type RequestOf, type ResponseOf } from '../schema.ts';
import { errorCode } from './fields.ts';

export const Envelope = api({
  key: 58,
  name: 'Envelope',
  versions: [0, 0],
  flexible: 0,
  request: {
    requestData: bytes.doc('Header and body as the client sent them.'),
    requestPrincipal: bytes.nullable().doc('Written by the KafkaPrincipalSerde of the broker.'),
    clientHostAddress: bytes.doc('4 or 16 bytes.'),
  },
  response: { responseData: bytes.nullable().default(null).doc('Header and body for the client.'), errorCode },
});
export interface EnvelopeRequest extends RequestOf<typeof Envelope> {}
export interface EnvelopeResponse extends ResponseOf<typeof Envelope> {}
