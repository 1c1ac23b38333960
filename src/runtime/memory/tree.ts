// What an in-memory disk is made of: directories that name files and directories. A file lives on while it is open,
// whatever happens to its name.
import { DiskError } from '../disk.ts';
import { ChunkedBytes } from './chunked-bytes.ts';

export class MemoryInode {
  readonly kind = 'file';
  bytes = new ChunkedBytes();
  modifiedMs: number;

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }
}

export class MemoryDirectory {
  readonly kind = 'directory';
  readonly entries = new Map<string, MemoryNode>();
  modifiedMs: number;

  constructor(modifiedMs: number) {
    this.modifiedMs = modifiedMs;
  }
}

export type MemoryNode = MemoryInode | MemoryDirectory;

/** One change of names; a rename between directories is one change of both. */
export interface NameChange {
  readonly directories: readonly MemoryDirectory[];
  readonly apply: (entriesOf: (directory: MemoryDirectory) => Map<string, MemoryNode>) => void;
}

/** The names on the way to `path`. Relative and absolute paths mean the same: there is one root. */
export function namesOf(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names;
}

/** What stands at `path`, if anything does. Throws ENOTDIR when a file is in the way. */
export function nodeAt(root: MemoryDirectory, path: string): MemoryNode | undefined {
  let node: MemoryNode | undefined = root;
  for (const name of namesOf(path)) {
    if (node === undefined) return undefined;
    if (node.kind === 'file') throw new DiskError('ENOTDIR', path, 'not a directory');
    node = node.entries.get(name);
  }
  return node;
}

export function directoryAt(root: MemoryDirectory, path: string): MemoryDirectory {
  const node = nodeAt(root, path);
  if (node === undefined) throw new DiskError('ENOENT', path, 'no such file or directory');
  if (node.kind === 'file') throw new DiskError('ENOTDIR', path, 'not a directory');
  return node;
}

/** The directory that holds (or would hold) `path`, and the name in it. */
export function placeOf(root: MemoryDirectory, path: string): { directory: MemoryDirectory; name: string } {
  const names = namesOf(path);
  const name = names.pop();
  if (name === undefined) throw new DiskError('EBUSY', path, 'the root directory');
  return { directory: directoryAt(root, names.join('/')), name };
}
