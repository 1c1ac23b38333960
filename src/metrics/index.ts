// The pages for an operator: /metrics, and whether the node lives and is ready. The broker loads this room when metrics.port is set,
// and not before; nothing is counted here for a node without it.
import type { Clock, HttpAnswer, HttpRequest, HttpServer, Logger, ServeHttp, Vitals } from '../runtime/index.ts';
import { contentTypes, formatFor } from './family.ts';
import { MetricsPage } from './metrics-page.ts';
import { OtlpExporter, type OtlpOptions } from './otlp/otlp-exporter.ts';
import { RequestMeter } from './request-meter.ts';
import type { NodeSources } from './sources.ts';
import { TopicMeter } from './topic-meter.ts';

export type { BrokerSources, NodeSources } from './sources.ts';
export type { RequestMeter } from './request-meter.ts';

/** How far the node is: only one that is ready should be sent clients. */
export type Readiness = 'ready' | 'starting' | 'fenced' | 'stopping';

export interface OperatorPagesOptions {
  readonly host: string;
  /** 0 asks for a free one; undefined: no page is served. */
  readonly port: number | undefined;
  /** Partitions, topics and offsets of groups that have series of their own. */
  readonly maxPartitions: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly vitals: Vitals;
  readonly serveHttp: ServeHttp;
  readonly readiness: () => Readiness;
  /** Where the metrics are sent; undefined: nowhere. */
  readonly otlp: OtlpOptions | undefined;
}

const TEXT = 'text/plain; charset=utf-8';
const text = (status: number, body: string): HttpAnswer => ({ status, contentType: TEXT, body: `${body}\n` });

export class OperatorPages {
  readonly meter: RequestMeter;
  readonly #options: OperatorPagesOptions;
  #server: HttpServer | undefined;
  #page: MetricsPage | undefined;
  #sources: NodeSources | undefined;
  #exporter: OtlpExporter | undefined;

  private constructor(options: OperatorPagesOptions) {
    const { clock, maxPartitions } = options;
    this.#options = options;
    const topics = new TopicMeter(maxPartitions, {
      has: (topic) => this.#sources?.image().topics.byName.has(topic) === true,
      nameOf: (topicId) => this.#sources?.image().topics.byId.get(topicId)?.name,
    });
    this.meter = new RequestMeter(clock, topics);
  }

  /** Listens, if there is a port. Rejects with the system's error where the address cannot be had. */
  static async open(options: OperatorPagesOptions): Promise<OperatorPages> {
    const pages = new OperatorPages(options);
    const { host, port } = options;
    if (port !== undefined)
      pages.#server = await options.serveHttp({ host, port }, (request) => pages.#answer(request));
    return pages;
  }

  get host(): string {
    return this.#server?.host ?? this.#options.host;
  }
  /** undefined: no page is served. */
  get port(): number | undefined {
    return this.#server?.port ?? this.#options.port;
  }
  /** The node is there: its metrics are told from now on. The page wants to hear of changes of the metadata. */
  tell(sources: NodeSources): MetricsPage {
    const { vitals, logger, maxPartitions } = this.#options;
    this.#sources = sources;
    const page = new MetricsPage({ sources, vitals, logger, maxPartitions, meter: this.meter });
    this.#page = page;
    const { otlp } = this.#options;
    if (otlp !== undefined) {
      const { nodeId, clusterId, version, clock } = sources;
      const resource = { nodeId, clusterId, version, startMs: clock.nowMs() };
      this.#exporter = new OtlpExporter(otlp, { resource, families: () => page.families() });
    }
    return page;
  }

  async close(): Promise<void> {
    this.#exporter?.close();
    this.#options.vitals.close();
    await this.#server?.close();
  }

  #answer({ path, accept }: HttpRequest): HttpAnswer {
    switch (path) {
      case '/metrics':
        return this.#metrics(accept);
      case '/health/live':
      case '/healthz':
        return text(200, 'alive');
      case '/health/ready':
      case '/readyz': {
        const readiness = this.#options.readiness();
        return text(readiness === 'ready' ? 200 : 503, readiness);
      }
      default:
        return text(404, 'Here are /metrics, /health/live and /health/ready');
    }
  }

  #metrics(accept: string): HttpAnswer {
    if (this.#page === undefined) return text(503, 'starting');
    const format = formatFor(accept);
    return { status: 200, contentType: contentTypes[format], body: this.#page.text(format) };
  }
}
