// What the two APIs of client metrics (KIP-714) take from the broker: who is asked for which metrics, and where they go.
import type { PushTelemetryRequest } from '../protocol/messages/72-push-telemetry.ts';
import type { ConnectionState, RequestContext } from './handler.ts';

/** Who asks, by all that subscriptions can select clients by. */
export interface TelemetryClient {
  readonly clientId: string | null;
  /** As the client has named it in ApiVersions; undefined when it has not. */
  readonly softwareName: string | undefined;
  readonly softwareVersion: string | undefined;
  readonly address: string;
  readonly port: number;
  readonly connection: ConnectionState;
}

/** What a client is to push. */
export interface TelemetrySubscription {
  readonly clientInstanceId: string;
  readonly subscriptionId: number;
  readonly pushIntervalMs: number;
  /** Of one push, compressed. */
  readonly telemetryMaxBytes: number;
  /** Codec ids, the preferred first. */
  readonly acceptedCompressionTypes: readonly number[];
  /** Prefixes of names; `*`: all. */
  readonly requestedMetrics: readonly string[];
}

export interface ClientTelemetry {
  /** `clientInstanceId` is zero for a client that has none yet: it gets one. Throws KafkaError. */
  subscribe(clientInstanceId: string, client: TelemetryClient): TelemetrySubscription;
  /** Takes the metrics of a client; `push.metrics` is not used any more when this resolves. Rejects with KafkaError. */
  push(push: PushTelemetryRequest, client: TelemetryClient): Promise<void>;
}

export interface TelemetryAccess {
  /** Somebody takes what clients push: only then clients are told that these APIs are there, as in Kafka. */
  readonly isReceived: boolean;
  /** Made when it is first asked for; always the same one. */
  open(): Promise<ClientTelemetry>;
}

export function telemetryClient({ clientId, session, connection }: RequestContext): TelemetryClient {
  const { software } = connection;
  return {
    clientId,
    softwareName: software?.name,
    softwareVersion: software?.version,
    address: session.remoteAddress,
    port: session.remotePort,
    connection,
  };
}
