// What the listeners of this node ask of their connections, and whence they know whom to let in: loaded where a listener asks for
// anything at all.
import type { TokenRules } from '../../kraft/controller/index.ts';
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import type { ChannelSecurity } from '../../protocol/index.ts';
import { ConfigError, type Disk, type Runtime } from '../../runtime/index.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';
import type { ListenerSecurity } from '../configs/listener-security.ts';
import { type Settings, StartError } from '../configs/settings.ts';
import type { SocketServer } from '../network/socket-server.ts';
import type { Guards } from '../security/guards.ts';

/** `disk`: where key stores are. Rejects with StartError. */
export async function openGuards(runtime: Runtime, settings: Settings, disk: Disk): Promise<Guards | undefined> {
  if (settings.security.size === 0) return undefined;
  const opened = await import('../security/guards.ts');
  try {
    return await opened.Guards.open({ runtime, settings, disk });
  } catch (error) {
    throw error instanceof ConfigError ? new StartError(error.message) : error;
  }
}

/** Users and tokens come from the metadata, and dynamic configs of listeners count. */
export function followMetadata({ guards }: SocketServer, configs: BrokerConfigs, image: () => MetadataImage): void {
  if (guards === undefined) return;
  guards.follow(image);
  configs.onCheck((entries, changed) => guards.check(entries, changed));
  configs.onChange((changed) => void guards.reload(configs.effectiveEntries, changed));
}

/** How this node connects to brokers and controllers; undefined: as to anybody. */
export interface PeerSecurity {
  readonly broker: ChannelSecurity | undefined;
  readonly controller: ChannelSecurity | undefined;
}

/** Set by whoever wants brokers to speak to each other in a certain way. */
const INTER_BROKER_KEYS = [
  'inter.broker.listener.name',
  'security.inter.broker.protocol',
  'sasl.mechanism.inter.broker.protocol',
];
const CONTROLLER_MECHANISM = 'sasl.mechanism.controller.protocol';

/**
 * Follows the dynamic configs of this node. Rejects with StartError; what nobody has asked for, and a node alone does not need, may be
 * missing.
 */
export async function openPeerSecurity(
  runtime: Runtime,
  settings: Settings,
  configs: BrokerConfigs,
  disk: Disk,
): Promise<PeerSecurity> {
  const { interBroker, interController, authentication, entries } = settings;
  if (interBroker.protocol === 'PLAINTEXT' && interController.protocol === 'PLAINTEXT') {
    return { broker: undefined, controller: undefined };
  }
  const { peerSecurityOf } = await import('../security/peer-security.ts');
  const logger = runtime.logger.child('network');
  const parts = { runtime: { ...runtime, disk }, entries: () => configs.effectiveEntries, logger };
  const open = (listener: ListenerSecurity, key: string, value: string, isAsked: boolean) => {
    if (listener.protocol === 'PLAINTEXT') return undefined;
    try {
      return peerSecurityOf(listener, { key, value }, parts);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (isAsked) throw new StartError(error.message);
      return undefined;
    }
  };
  const isAsked = INTER_BROKER_KEYS.some((key) => entries.has(key));
  const { saslMechanismInterBroker, saslMechanismController } = authentication;
  return {
    broker: open(interBroker, 'sasl.mechanism.inter.broker.protocol', saslMechanismInterBroker, isAsked),
    controller: open(
      interController,
      CONTROLLER_MECHANISM,
      saslMechanismController,
      entries.has(CONTROLLER_MECHANISM) || !settings.roles.isController,
    ),
  };
}

export function tokenRulesOf({ authentication }: Settings): TokenRules {
  return {
    secret: authentication.delegationTokenSecretKey,
    maxLifetimeMs: authentication.delegationTokenMaxLifetimeMs,
    renewMs: authentication.delegationTokenExpiryTimeMs,
    sweepEveryMs: authentication.delegationTokenExpiryCheckIntervalMs,
  };
}
