// What the listeners of this node ask of their connections, and whence they know whom to let in: loaded where a listener asks for
// anything at all.
import type { TokenRules } from '../../kraft/controller/index.ts';
import type { MetadataImage } from '../../kraft/metadata/index.ts';
import { ConfigError, type Disk, type Runtime } from '../../runtime/index.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';
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
  configs.onChange((changed) => void guards.reload(configs.effectiveEntries, changed));
}

export function tokenRulesOf({ authentication }: Settings): TokenRules {
  return {
    secret: authentication.delegationTokenSecretKey,
    maxLifetimeMs: authentication.delegationTokenMaxLifetimeMs,
    renewMs: authentication.delegationTokenExpiryTimeMs,
    sweepEveryMs: authentication.delegationTokenExpiryCheckIntervalMs,
  };
}
