// Where the suites keep what they fetch and what they write. The cache outlives a run, the scratch directories do not.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const WORK = join(import.meta.dirname, '..', '.work');

/** $OTTLA_CACHE, or conformance/.work/cache: jars, built clients. */
export function cacheDirectory(): string {
  const directory = process.env['OTTLA_CACHE'] ?? join(WORK, 'cache');
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** An empty directory of this name below conformance/.work. */
export function freshDirectory(name: string): string {
  const directory = join(WORK, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return directory;
}
