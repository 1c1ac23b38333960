// The log directories of this node: locked, and formatted when they are new.
import { resolve } from 'node:path';
import { type FormattedNode, ensureFormatted } from '../../kraft/format/index.ts';
import { claimLogDirs, type LogDirectories } from '../../log/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { Endpoint } from '../configs/endpoints.ts';
import type { Settings } from '../configs/settings.ts';

export interface NodeDirectoriesOptions {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly clusterId: string | undefined;
  /** metadata.log.dir; null: the first of log.dirs. */
  readonly metadataLogDir: string | null;
  readonly controllerEndpoints: readonly Endpoint[];
}

export interface NodeDirectories {
  readonly logDirs: LogDirectories;
  /** Path of the one with the metadata log. */
  readonly metadataLogDir: string;
  readonly formatted: FormattedNode;
  /** Directory ids (meta.properties) by path, of those in use. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Throws DiskError, DirectoryLockedError, or what `ensureFormatted` refuses; nothing is locked then. */
export function openNodeDirectories(options: NodeDirectoriesOptions): NodeDirectories {
  const { runtime, settings } = options;
  const logDirs = claimLogDirs({ disk: runtime.disk, logger: runtime.logger.child('log') }, settings.logDirs);
  try {
    const metadataLogDir =
      options.metadataLogDir === null ? (logDirs.paths[0] as string) : resolve(options.metadataLogDir);
    const failure = logDirs.failed.get(metadataLogDir);
    if (failure !== undefined) throw failure;
    const formatted = ensureFormatted({
      disk: runtime.disk,
      random: runtime.random,
      nowMs: runtime.clock.nowMs(),
      nodeId: settings.broker.nodeId,
      logDirs: logDirs.online.map(({ path }) => path),
      metadataLogDir,
      clusterId: options.clusterId,
      controllerEndpoints: options.controllerEndpoints,
    });
    const ids = new Map(formatted.directories.map(({ path, directoryId }) => [path, directoryId]));
    return { logDirs, metadataLogDir, formatted, ids };
  } catch (error) {
    logDirs.release();
    throw error;
  }
}
