// Envelope, version 0: a request that a broker passes on for a client of its own (KIP-590). It is answered as if the client had
// asked here, with the client's rights; what is wrong with the Envelope itself is its own error, everything else stands in
// the answer within (Kafka: EnvelopeUtils). Only requests that a broker would pass on are taken.
import { Envelope, type EnvelopeRequest, type EnvelopeResponse } from '../protocol/messages/58-envelope.ts';
import { defineHandler, type RequestContext } from './handler.ts';

/** Answers a request that stands in an Envelope. */
export type AnswerForwarded = (request: EnvelopeRequest, context: RequestContext) => Promise<EnvelopeResponse>;

export const envelope = (answer: AnswerForwarded) =>
  defineHandler(Envelope, {
    authorize: [
      {
        operation: 'CLUSTER_ACTION',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
      },
    ],
    handle: (request, context) => answer(request, context),
    failed: (_request, errorCode) => ({ responseData: null, errorCode }),
  });
