// The pages for an operator beside a node: opened before its start, which they tell of, and closed behind its end. What they take is
// loaded when metrics.port is set.
import type { ServedApi } from '../../api-handlers/index.ts';
import type { OperatorPages, OperatorPagesOptions, Readiness } from '../../metrics/index.ts';
import { apiFacts } from '../../protocol/index.ts';
import { type ConfigOf, parseConfigs, type Runtime } from '../../runtime/index.ts';
import { metricsConfig } from '../configs/metrics-config.ts';
import { StartError } from '../configs/settings.ts';
import { ListenError } from '../network/listen-error.ts';
import { SOFTWARE } from '../network/software.ts';
import type { BrokerNodeOptions, StartedNode } from './node-start.ts';

export class NodePages {
  #pages: OperatorPages | undefined;
  #started: StartedNode | undefined;
  #apis: readonly ServedApi[] | undefined;
  #isStopping = false;

  /** undefined: metrics are neither shown nor sent. Rejects with ListenError, StartError. */
  static async open({ runtime, settings, metricsPort }: BrokerNodeOptions): Promise<NodePages | undefined> {
    const config = parseConfigs(metricsConfig, settings.entries);
    const port = metricsPort ?? config.metricsPort;
    if (port < 0 && config.otlpEndpoint === null) return undefined;
    const host = config.metricsHost;
    const [metrics, { serveHttp }, { openVitals }] = await Promise.all([
      import('../../metrics/index.ts'),
      import('../../runtime/node/http-server.ts'),
      import('../../runtime/node/vitals.ts'),
    ]);
    const node = new NodePages();
    const vitals = openVitals();
    try {
      node.#pages = await metrics.OperatorPages.open({
        host,
        port: port < 0 ? undefined : port,
        otlp: otlpOf(config, runtime),
        maxPartitions: config.metricsMaxPartitions,
        clock: runtime.clock,
        logger: runtime.logger.child('metrics'),
        vitals,
        serveHttp,
        readiness: () => node.#readiness,
      });
      return node;
    } catch (error) {
      vitals.close();
      if (error instanceof StartError) throw error;
      throw error instanceof Error
        ? new ListenError({ name: metricsConfig.metricsPort.name, host, port }, error)
        : error;
    }
  }

  get port(): number | undefined {
    return this.#opened.port;
  }
  get meter(): OperatorPages['meter'] {
    return this.#opened.meter;
  }

  /** The node has come up: its metrics can be told. */
  async tell(started: StartedNode, groups: Groups): Promise<void> {
    const { base, broker } = started;
    const { runtime, metadata, socketServer, settings } = base;
    this.#started = started;
    const page = this.#opened.tell({
      nodeId: settings.broker.nodeId,
      clusterId: metadata.clusterId,
      version: SOFTWARE.version,
      isController: settings.roles.isController,
      clock: runtime.clock,
      counted: runtime.metrics,
      image: () => metadata.image,
      appliedOffset: () => metadata.loader.lastAppliedOffset,
      raft: metadata.raft,
      listeners: () => [...socketServer.listeners, ...socketServer.controllerListeners],
      requestBytes: () => socketServer.buffers.usedBytes,
      unsentBytes: () => socketServer.unsent.total,
      apiNames: () => (this.#apis ?? []).map(({ key }) => apiFacts(key)?.name ?? String(key)),
      broker: broker && {
        replicas: broker.storage.replicas,
        groups,
      },
    });
    await metadata.loader.install([page.changes]);
  }

  serving(apis: readonly ServedApi[]): void {
    this.#apis = apis;
  }
  stopping(): void {
    this.#isStopping = true;
  }
  async close(): Promise<void> {
    await this.#pages?.close();
  }

  get #opened(): OperatorPages {
    return this.#pages as OperatorPages;
  }

  get #readiness(): Readiness {
    if (this.#isStopping) return 'stopping';
    if (this.#started === undefined) return 'starting';
    const { base, broker } = this.#started;
    const { metadata, settings } = base;
    if (broker === undefined) return metadata.raft.leadership.leaderId === undefined ? 'starting' : 'ready';
    if (this.#apis === undefined || broker.lifecycle.phase !== 'running') return 'starting';
    return metadata.image.cluster.brokers.get(settings.broker.nodeId)?.isFenced === false ? 'ready' : 'fenced';
  }
}

/** Throws StartError for a URL that is none. */
function otlpOf(
  { otlpEndpoint: endpoint, otlpIntervalMs: intervalMs, otlpHeaders }: ConfigOf<typeof metricsConfig>,
  { clock, logger, readUrl: post }: Runtime,
): OperatorPagesOptions['otlp'] {
  if (endpoint === null) return undefined;
  const { name } = metricsConfig.otlpEndpoint;
  if (!/^https?:\/\/[^/]/.test(endpoint)) throw new StartError(`${name}=${endpoint} is no http: or https: URL`);
  if (post === undefined) throw new StartError(`${name}: this runtime reaches no URLs`);
  const headers = (otlpHeaders ?? '').split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    return at > 0 ? [[pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()]] : [];
  });
  return { endpoint, intervalMs, headers: Object.fromEntries(headers), clock, logger: logger.child('metrics'), post };
}

type Groups = NonNullable<Parameters<OperatorPages['tell']>[0]['broker']>['groups'];
