// Sends the metrics of a node to a collector of OpenTelemetry, by OTLP over HTTP, as JSON. What could not be sent is not kept: totals
// are told whole the next time.
import type { Clock, Logger, ReadUrl, Timer } from '../../runtime/index.ts';
import type { Family } from '../family.ts';
import { type OtlpResource, otlpMetrics } from './otlp-json.ts';

export interface OtlpOptions {
  /** Of the collector; `/v1/metrics` is put behind it. */
  readonly endpoint: string;
  readonly intervalMs: number;
  /** Beside the content type: `authorization`, say. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly post: ReadUrl;
}

export interface OtlpSource {
  readonly resource: OtlpResource;
  readonly families: () => Promise<Iterable<Family>>;
}

export class OtlpExporter {
  readonly #options: OtlpOptions;
  readonly #source: OtlpSource;
  readonly #url: string;
  #timer: Timer | undefined;
  #isFailing = false;
  #isClosed = false;

  constructor(options: OtlpOptions, source: OtlpSource) {
    this.#options = options;
    this.#source = source;
    this.#url = `${options.endpoint.replace(/\/+$/, '')}/v1/metrics`;
    this.#plan();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** The next is planned when one has ended: a slow collector gets fewer, and never two at once. */
  #plan(): void {
    const { clock, intervalMs } = this.#options;
    if (this.#isClosed) return;
    this.#timer = clock.schedule(intervalMs, () => void this.#send().then(() => this.#plan()));
  }

  async #send(): Promise<void> {
    const { clock, headers, logger, post } = this.#options;
    try {
      const told = otlpMetrics(await this.#source.families(), this.#source.resource, clock.nowMs());
      await post(this.#url, {
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(told),
      });
      if (this.#isFailing) logger.log('info', 'metrics reach their collector again');
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.log('warn', 'metrics could not be sent to their collector; it is tried again', { reason });
      }
      this.#isFailing = true;
    }
  }
}
