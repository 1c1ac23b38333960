// How many connections the listeners of a node take, as its configs and quotas are now.
import { brokerConfig, connectionOverrides } from '../configs/config.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';
import { listenerPrefix } from '../configs/listener-security.ts';
import { quotaConfig } from '../configs/quota-config.ts';
import type { Settings } from '../configs/settings.ts';
import type { ConnectionLimits } from '../network/connection-quotas.ts';
import type { QuotaSlot } from '../quotas/quota-slot.ts';

const { maxConnections, maxConnectionsPerIp, maxConnectionsPerIpOverrides, maxConnectionCreationRate } = brokerConfig;
const dynamicLimits = { maxConnections, maxConnectionsPerIp, maxConnectionsPerIpOverrides, maxConnectionCreationRate };
/** Kafka's way to say that there is no limit. */
const UNLIMITED = 2147483647;

/** Asked at every accept: what changes holds for the next connection. */
export function connectionLimits(
  { broker, listeners }: Settings,
  configs: BrokerConfigs,
  quotas: QuotaSlot,
): () => ConnectionLimits {
  const { quotaSamples: samples, quotaWindowSeconds } = configs.current(quotaConfig);
  const windows = { samples, windowMs: quotaWindowSeconds * 1000 };
  const ofBrokers = broker.interBrokerListenerName?.toUpperCase() ?? 'PLAINTEXT';
  const numberOf = (listener: string, key: string): number => {
    const text = configs.effectiveEntries.get(`${listenerPrefix(listener)}${key}`);
    return text === undefined ? Number.POSITIVE_INFINITY : limited(Number(text));
  };
  const ofListener = (name: string) => ({
    maxConnections: numberOf(name, maxConnections.name),
    creationRate: numberOf(name, maxConnectionCreationRate.name),
  });
  return () => {
    const values = configs.current(dynamicLimits);
    return {
      maxConnections: values.maxConnections,
      maxConnectionsPerIp: values.maxConnectionsPerIp,
      ofAddress: connectionOverrides(values.maxConnectionsPerIpOverrides),
      maxIdleMs: broker.connectionsMaxIdleMs,
      maxRequestBytes: broker.maxRequestBytes,
      creationRate: limited(values.maxConnectionCreationRate),
      ofListener,
      rateOfAddress: quotas.connectionRateOf,
      protectedListener: listeners.length > 1 ? ofBrokers : undefined,
      windows,
    };
  };
}

const limited = (number: number): number => (number >= UNLIMITED ? Number.POSITIVE_INFINITY : number);
