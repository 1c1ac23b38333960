// Where the brokers of the cluster are reached, as seen from one listener: what Metadata and DescribeCluster tell.
import { hasOnlineDirectory, type MetadataImage, type PartitionImage } from '../kraft/metadata/index.ts';
import type { RequestContext } from './handler.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface BrokerEndpoint extends Address {
  readonly id: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
}

/** Who this broker is, and how it presents itself to a connection. */
export interface BrokerIdentity {
  readonly brokerId: number;
  readonly clusterId: string;
  /** The advertised address of the listener that the request came in by. */
  readonly advertisedFor: (context: RequestContext) => Address;
  /** The newest published image. */
  readonly image: () => MetadataImage;
}

/** Brokers that have an endpoint on the asker's listener, by id; fenced ones only when asked for. */
export function endpointsFor(identity: BrokerIdentity, context: RequestContext, withFenced = false): BrokerEndpoint[] {
  const found: BrokerEndpoint[] = [];
  for (const broker of identity.image().cluster.brokers.values()) {
    if (broker.isFenced && !withFenced) continue;
    const address =
      broker.id === identity.brokerId
        ? identity.advertisedFor(context)
        : broker.listeners.find((endpoint) => endpoint.name === context.session.listenerName);
    if (address === undefined) continue;
    const { host, port } = address;
    found.push({ id: broker.id, host, port, rack: broker.rack, isFenced: broker.isFenced });
  }
  return found.sort((a, b) => a.id - b.id);
}

/**
 * In KRaft clients are told any broker as the controller: it takes their requests and hands them on. Ours is this one
 * while it is alive.
 */
export function controllerIdFor(identity: BrokerIdentity, endpoints: readonly BrokerEndpoint[]): number {
  const alive = endpoints.filter((endpoint) => !endpoint.isFenced);
  return (alive.find(({ id }) => id === identity.brokerId) ?? alive[0])?.id ?? -1;
}

/** Replicas that cannot be reached: their broker cannot, or has lost the log directory that they lie in (KIP-858). */
export function offlineReplicas(
  partition: PartitionImage,
  reachable: ReadonlySet<number>,
  { cluster }: MetadataImage,
): number[] {
  return partition.replicas.filter(
    (id) => !reachable.has(id) || !hasOnlineDirectory(partition, id, cluster.brokers.get(id)?.directories ?? []),
  );
}
