// The log directories of this node: locked, and formatted when they are new.
import { ensureFormatted, formatAdded, type FormattedNode, type FormatOptions } from '../../kraft/format/index.ts';
import type { LogDirectories } from '../../log/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import type { Settings } from '../configs/settings.ts';
import type { NodeLocks } from './node-locks.ts';

export interface NodeDirectoriesOptions {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly clusterId: string | undefined;
  readonly controllerEndpoints: readonly Endpoint[];
  /** Its configuration names other controllers, or it is none. */
  readonly isOneOfSeveral: boolean;
  readonly locks: NodeLocks;
}

export interface NodeDirectories {
  readonly logDirs: LogDirectories;
  /** Path of the one with the metadata log. */
  readonly metadataLogDir: string;
  readonly formatted: FormattedNode;
  /** Directory ids (meta.properties) by path, of those that are formatted. */
  readonly ids: ReadonlyMap<string, string>;
  /** Formats one of `formatted.added`. Throws DiskError, FormatError. */
  format(path: string): void;
}

/** Rejects with DiskError, DirectoryLockedError, or what `ensureFormatted` refuses; nothing is locked then. */
export async function openNodeDirectories(options: NodeDirectoriesOptions): Promise<NodeDirectories> {
  const { runtime, settings, locks } = options;
  await locks.lockRemaining();
  try {
    const { logDirs, metadataLogDir } = locks;
    const formatOptions: FormatOptions = {
      disk: runtime.disk,
      random: runtime.random,
      nowMs: runtime.clock.nowMs(),
      nodeId: settings.broker.nodeId,
      logDirs: logDirs.online.map(({ path }) => path),
      metadataLogDir,
      clusterId: options.clusterId,
      controllerEndpoints: options.controllerEndpoints,
      isOneOfSeveral: options.isOneOfSeveral,
    };
    const formatted = ensureFormatted(formatOptions);
    const ids = new Map(formatted.directories.map(({ path, directoryId }) => [path, directoryId]));
    const format = (path: string): void => void ids.set(path, formatAdded(formatOptions, formatted, path).directoryId);
    return { logDirs, metadataLogDir, formatted, ids, format };
  } catch (error) {
    locks.release();
    throw error;
  }
}
