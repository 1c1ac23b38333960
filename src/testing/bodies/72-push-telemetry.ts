// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface PushTelemetryRequest {
  readonly clientInstanceId: string;
  readonly subscriptionId: number;
  /** true: the last push of this client. */
  readonly terminating: boolean;
  /** Codec id. */
  readonly compressionType: number;
  /** OTLP MetricsData, compressed. */
  readonly metrics: Uint8Array;
}
