// The other brokers of the cluster, reached where the metadata says that they listen for brokers (inter.broker.listener.name).
// Of each one channel a line is shared by all who ask now and then; a broker that has moved gets a new one.
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import {
  Channel,
  type ChannelLimits,
  type ChannelOptions,
  type ChannelSecurity,
  type Peers,
} from '../../protocol/index.ts';
import type { Runtime } from '../../runtime/index.ts';

export interface ClusterPeersOptions {
  readonly runtime: Pick<Runtime, 'network' | 'clock' | 'random' | 'logger'>;
  readonly nodeId: number;
  readonly software: ChannelOptions['software'];
  readonly image: () => MetadataImage;
  /** Brokers that do not have it are reached at their first listener. */
  readonly listenerName: string;
  readonly security?: ChannelSecurity | undefined;
  /** What whoever opens a channel does not set himself; left out: the defaults. */
  readonly limits?: Partial<ChannelLimits>;
}

interface SharedChannel {
  readonly host: string;
  readonly port: number;
  readonly channel: Channel;
}

export class ClusterPeers implements Peers {
  readonly #options: ClusterPeersOptions;
  /** By node id and line. */
  readonly #shared = new Map<string, SharedChannel>();

  constructor(options: ClusterPeersOptions) {
    this.#options = options;
  }

  to(nodeId: number, line = ''): Channel | undefined {
    const endpoint = this.#endpointOf(nodeId);
    const key = `${nodeId} ${line}`;
    const known = this.#shared.get(key);
    if (known !== undefined && known.host === endpoint?.host && known.port === endpoint.port) return known.channel;
    known?.channel.destroy();
    this.#shared.delete(key);
    const channel = this.open(nodeId, `broker-${this.#options.nodeId}${line === '' ? '' : `-${line}`}`);
    if (channel === undefined || endpoint === undefined) return undefined;
    this.#shared.set(key, { host: endpoint.host, port: endpoint.port, channel });
    return channel;
  }

  open(nodeId: number, clientId: string, limits?: Partial<ChannelLimits>): Channel | undefined {
    const endpoint = this.#endpointOf(nodeId);
    if (endpoint === undefined) return undefined;
    const { runtime, software, security, limits: common } = this.#options;
    const { network, clock, random, logger } = runtime;
    const { host, port } = endpoint;
    const own = { clientId, software, security, limits: { ...common, ...limits } };
    return new Channel({ network, clock, random, logger, host, port, ...own });
  }

  /** Closes what is shared; whoever opened a channel closes it. */
  close(): void {
    for (const { channel } of this.#shared.values()) channel.destroy();
    this.#shared.clear();
  }

  #endpointOf(nodeId: number) {
    const listeners = this.#options.image().cluster.brokers.get(nodeId)?.listeners ?? [];
    return listeners.find(({ name }) => name === this.#options.listenerName) ?? listeners[0];
  }
}
