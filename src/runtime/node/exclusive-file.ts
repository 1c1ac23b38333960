// Files that are made by one process only, whole from their first moment.
import { closeSync, linkSync, openSync, unlinkSync, writeFileSync } from 'node:fs';

/** Makes `name` a second name of `file`, unless there is one. */
export function linkExclusively(file: string, name: string): 'linked' | 'exists' | 'unsupported' {
  try {
    linkSync(file, name);
    return 'linked';
  } catch (error) {
    if (isErrorCode(error, 'EEXIST')) return 'exists';
    if (withoutHardLinks.has((error as NodeJS.ErrnoException).code ?? '')) return 'unsupported';
    throw error;
  }
}

/** What file systems without hard links answer. */
const withoutHardLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** A new file with `text` in it, open; undefined when there is one already. */
export function openExclusively(file: string, text: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'wx', 0o644);
  } catch (error) {
    if (isErrorCode(error, 'EEXIST')) return undefined;
    throw error;
  }
  try {
    writeFileSync(fd, text);
    return fd;
  } catch (error) {
    closeSync(fd);
    removeIfThere(file);
    throw error;
  }
}

export function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!isErrorCode(error, 'ENOENT')) throw error;
  }
}

export function isErrorCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
