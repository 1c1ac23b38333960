// Tells the controller into which log directories no new replicas are to come (KIP-1066): it places nothing on a broker whose
// directories are all cordoned. The log room keeps them out by itself.
import { cordonedConfig, cordonedDirectories } from '../configs/cordoned-config.ts';
import type { BrokerLifecycle } from './lifecycle/broker-lifecycle.ts';
import type { NodeBase } from './node-base.ts';

const { name } = cordonedConfig.cordonedLogDirs;

/** Now, and whenever it is set anew. */
export function followCordoned({ settings, configs, directories }: NodeBase, lifecycle: BrokerLifecycle): void {
  const { logDirs } = settings;
  const tell = (): void => {
    const paths = cordonedDirectories(configs.effectiveEntries, logDirs);
    lifecycle.directoriesCordoned(paths.flatMap((path) => directories.ids.get(path) ?? []));
  };
  configs.onCheck((entries, changed) => {
    if (changed.has(name)) cordonedDirectories(entries, logDirs);
  });
  configs.onChange((changed) => {
    if (changed.has(name)) tell();
  });
  if (configs.effectiveEntries.has(name)) tell();
}
