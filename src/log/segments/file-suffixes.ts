// The names of a segment's files while they come and go: `.cleaned` and `.swap` on their way into a log, `.deleted` on their way out.
import type { Disk } from '../../runtime/index.ts';
import type { CachedFile } from './file-cache.ts';
import { DELETED_SUFFIX } from './log-names.ts';

/** Renames those that exist, one after the other; who has them open reads on. Throws DiskError. */
export function changeSuffixes(disk: Disk, files: readonly CachedFile[], from: string, to: string): void {
  for (const file of files) {
    if (!file.path.endsWith(from)) continue;
    const renamed = file.path.slice(0, file.path.length - from.length) + to;
    if (disk.existsSync(file.path)) disk.renameSync(file.path, renamed);
    else if (to === DELETED_SUFFIX) continue;
    file.path = renamed;
    if (to === DELETED_SUFFIX) file.mode = 'read';
  }
}

/** Throws DiskError. */
export function removeFiles(disk: Disk, files: readonly CachedFile[]): void {
  for (const file of files) {
    file.close();
    if (disk.existsSync(file.path)) disk.removeSync(file.path);
  }
}

/** The same without holding up the event loop: freeing the pages of a large file takes the kernel tens of milliseconds. Rejects with DiskError. */
export async function removeFilesAside(disk: Disk, files: readonly CachedFile[]): Promise<void> {
  for (const file of files) {
    file.close();
    await disk.removeTree(file.path);
  }
}
