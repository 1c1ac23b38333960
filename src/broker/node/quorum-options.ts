// How this node reaches the others of its metadata quorum, by its configuration.
import { type PeerAddress, QuorumError, type QuorumOptions, quorumConfig } from '../../kraft/raft/index.ts';
import { Channel, type ChannelSecurity } from '../../protocol/index.ts';
import { parseConfigs, type Runtime } from '../../runtime/index.ts';
import type { Settings } from '../configs/settings.ts';
import { connectLimits } from '../network/connect-limits.ts';
import { SOFTWARE } from '../network/software.ts';

export interface QuorumOptionsParts {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly clusterId: string;
  readonly security: ChannelSecurity | undefined;
}

/**
 * undefined where no other node can have a part in it: its controller has no port. Throws QuorumError for addresses that cannot be
 * read.
 */
export function quorumOptions(parts: QuorumOptionsParts): QuorumOptions | undefined {
  const { runtime, settings, clusterId, security } = parts;
  if (settings.roles.isController && settings.openedControllerListeners.length === 0) return undefined;
  const { network, clock, random, logger } = runtime;
  const config = parseConfigs(quorumConfig, settings.entries);
  const child = logger.child('raft');
  return {
    clusterId,
    peers: {
      connect: ({ host, port }, attemptFailed) =>
        new Channel({
          network,
          clock,
          random,
          logger: child,
          host,
          port,
          clientId: `raft-client-${settings.broker.nodeId}`,
          software: SOFTWARE,
          // A peer that does not answer for so long is dialled anew: what stands in that connection may never come.
          limits: { ...connectLimits(settings), requestTimeoutMs: config.requestTimeoutMs },
          attemptFailed,
          security,
        }),
    },
    bootstrapServers: config.bootstrapServers.map(addressOf),
    random,
    timeouts: {
      electionMs: config.electionTimeoutMs,
      fetchMs: config.fetchTimeoutMs,
      electionBackoffMaxMs: config.electionBackoffMaxMs,
      requestMs: config.requestTimeoutMs,
      retryBackoffMs: config.retryBackoffMs,
    },
    maxBytes: { fetch: config.fetchMaxBytes, snapshot: config.snapshotMaxBytes },
    isController: settings.roles.isController,
    autoJoin: config.autoJoin,
  };
}

function addressOf(text: string): PeerAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text.trim());
  if (match === null) {
    throw new QuorumError(
      `Invalid value ${text} for configuration controller.quorum.bootstrap.servers: write host:port, comma-separated`,
    );
  }
  return { host: (match[1] ?? match[2]) as string, port: Number(match[3]) };
}
