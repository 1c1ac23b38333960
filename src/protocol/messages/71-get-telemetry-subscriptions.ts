// GetTelemetrySubscriptions, version 0, flexible. Which metrics a client is asked to push (KIP-714).
import { api, array, bool, int32, int8, type RequestOf, type ResponseOf, string, uuid } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const GetTelemetrySubscriptions = api({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: [0, 0],
  flexible: 0,
  request: { clientInstanceId: uuid },
  response: {
    throttleTimeMs,
    errorCode,
    clientInstanceId: uuid,
    subscriptionId: int32,
    acceptedCompressionTypes: array(int8).doc('Codec ids, the preferred first.'),
    pushIntervalMs: int32,
    telemetryMaxBytes: int32.doc('Of one push, compressed.'),
    deltaTemporality: bool.doc('true: counters since the last push, false: since the start.'),
    requestedMetrics: array(string).doc('Prefixes of names; an empty string: all.'),
  },
});
export interface GetTelemetrySubscriptionsRequest extends RequestOf<typeof GetTelemetrySubscriptions> {}
export interface GetTelemetrySubscriptionsResponse extends ResponseOf<typeof GetTelemetrySubscriptions> {}
