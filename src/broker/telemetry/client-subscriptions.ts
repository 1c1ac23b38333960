// The subscriptions to client metrics (KIP-714): configs of a resource type of their own, each with metrics, an interval, and
// which clients are meant. A client gets those that it matches, all together.
import type { TelemetryClient } from '../../api-handlers/index.ts';
import { type ConfigsImage, RESOURCE_CLIENT_METRICS } from '../../kraft/metadata/index.ts';
import { InvalidRegexError, type Regex, type RegexEngine } from '../../runtime/index.ts';
import {
  type ClientSelector,
  DEFAULT_INTERVAL_MS,
  parseClientMetricsConfigs,
} from '../configs/client-metrics-config.ts';

/** Stands for all metrics, in configs and answers. */
const ALL_METRICS = '*';

interface ClientSubscription {
  readonly metrics: readonly string[];
  readonly intervalMs: number;
  readonly selectors: readonly { readonly of: ClientSelector; readonly regex: Regex }[];
}

export interface WantedMetrics {
  readonly metrics: readonly string[];
  readonly pushIntervalMs: number;
}

export class ClientSubscriptions {
  readonly #subscriptions: ClientSubscription[] = [];
  readonly #configs: readonly Entries[];

  constructor(configs: ConfigsImage, engine: RegexEngine) {
    this.#configs = subscriptionConfigs(configs);
    for (const entries of this.#configs) {
      const { metrics, intervalMs, match } = parseClientMetricsConfigs(entries);
      try {
        const selectors = match.map(([of, pattern]) => ({ of, regex: engine.compile(pattern) }));
        this.#subscriptions.push({ metrics, intervalMs, selectors });
      } catch (error) {
        // One that was set before expressions were looked at: it selects nobody.
        if (!(error instanceof InvalidRegexError)) throw error;
      }
    }
  }

  /** Whether these are the subscriptions of `configs`, too: they are, as long as others were changed. */
  areOf(configs: ConfigsImage): boolean {
    const others = subscriptionConfigs(configs);
    return others.length === this.#configs.length && others.every((entries, index) => entries === this.#configs[index]);
  }

  /** What the client is to push: the metrics of all subscriptions that it matches, at the shortest of their intervals. */
  wantedOf(clientInstanceId: string, client: TelemetryClient): WantedMetrics {
    const metrics = new Set<string>();
    let pushIntervalMs = DEFAULT_INTERVAL_MS;
    for (const subscription of this.#subscriptions) {
      if (!isMeant(subscription, clientInstanceId, client)) continue;
      for (const metric of subscription.metrics) metrics.add(metric);
      pushIntervalMs = Math.min(pushIntervalMs, subscription.intervalMs);
    }
    return { metrics: metrics.has(ALL_METRICS) ? [ALL_METRICS] : [...metrics].sort(), pushIntervalMs };
  }
}

type Entries = ReadonlyMap<string, string>;

/** The configs of each subscription: what has not changed is the same object. */
function subscriptionConfigs(configs: ConfigsImage): Entries[] {
  const found: Entries[] = [];
  for (const { type, entries } of configs.resources()) if (type === RESOURCE_CLIENT_METRICS) found.push(entries);
  return found;
}

function isMeant({ selectors }: ClientSubscription, clientInstanceId: string, client: TelemetryClient): boolean {
  return selectors.every(({ of, regex }) => {
    const value = valueOf(of, clientInstanceId, client);
    return value !== undefined && regex.matches(value);
  });
}

function valueOf(selector: ClientSelector, clientInstanceId: string, client: TelemetryClient): string | undefined {
  switch (selector) {
    case 'client_instance_id':
      return clientInstanceId;
    case 'client_id':
      return client.clientId ?? undefined;
    case 'client_software_name':
      return client.softwareName;
    case 'client_software_version':
      return client.softwareVersion;
    case 'client_source_address':
      return client.address;
    case 'client_source_port':
      return String(client.port);
  }
}
