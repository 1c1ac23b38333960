// PushTelemetry, version 0, flexible. A client pushes its metrics, as OTLP (KIP-714).
import { api, bool, bytes, int32, int8, type RequestOf, type ResponseOf, uuid } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const PushTelemetry = api({
  key: 72,
  name: 'PushTelemetry',
  versions: [0, 0],
  flexible: 0,
  request: {
    clientInstanceId: uuid,
    subscriptionId: int32,
    terminating: bool.doc('true: the last push of this client.'),
    compressionType: int8.doc('Codec id.'),
    metrics: bytes.doc('OTLP MetricsData, compressed.'),
  },
  response: { throttleTimeMs, errorCode },
});
export interface PushTelemetryRequest extends RequestOf<typeof PushTelemetry> {}
export interface PushTelemetryResponse extends ResponseOf<typeof PushTelemetry> {}
