// The part of a node that deals with the metrics of clients (KIP-714). What it takes is loaded when the first client asks.
import type { ClientTelemetry, TelemetryAccess } from '../../api-handlers/index.ts';
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { loadRegexEngine, type Runtime } from '../../runtime/index.ts';
import { type PushedMetrics, RetainedMetrics } from './pushed-metrics.ts';

export interface TelemetryOptions {
  readonly runtime: Runtime;
  readonly image: () => MetadataImage;
  readonly settings: { readonly telemetryMaxBytes: number; readonly clientMetricsRetainedBytes: number };
}

export class Telemetry implements TelemetryAccess {
  readonly #options: TelemetryOptions;
  readonly #retained: RetainedMetrics | undefined;
  #opened: Promise<ClientTelemetry> | undefined;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    const { clientMetricsRetainedBytes: bytes } = options.settings;
    if (bytes > 0) this.#retained = new RetainedMetrics(bytes);
  }

  get isReceived(): boolean {
    return this.#retained !== undefined;
  }
  /** The last push of each client, as far as they are kept, oldest first. */
  pushed(): readonly PushedMetrics[] {
    return this.#retained?.all() ?? [];
  }

  open(): Promise<ClientTelemetry> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async #open(): Promise<ClientTelemetry> {
    const { runtime, image, settings } = this.#options;
    const [{ ClientMetrics }, engine] = await Promise.all([import('./client-metrics.ts'), loadRegexEngine()]);
    const retained = this.#retained;
    return new ClientMetrics({
      clock: runtime.clock,
      random: runtime.random,
      engine,
      configs: () => image().configs,
      maxBytes: settings.telemetryMaxBytes,
      receive: retained === undefined ? undefined : (pushed) => retained.add(pushed),
    });
  }
}
