// What `ottla dev` starts: the package's own broker, with a registry beside it in this process.
import type { DevBroker, DevSettings } from '../tools/index.ts';
import { startBroker } from '../index.ts';

/** Rejects with StartError. */
export function startDevBroker({ registry, ...settings }: DevSettings): Promise<DevBroker> {
  return startBroker({ ...settings, registry });
}
